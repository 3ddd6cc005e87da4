"""The life of a request, its clocks, and whom it goes to: values in, values out."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.kernel.errors import Conflict
from portal.service.duty_rules import Duty, chosen
from portal.service.rules import (
    FORMS,
    LIFE,
    OPEN,
    STOPPING,
    Act,
    RequestState,
    ServiceKind,
    Severity,
    acts,
    after,
    may_reopen,
    rating_faults,
    severity_faults,
    severity_of,
)
from portal.service.sla_rules import Light, Target, clocks, light, stood_until, target_faults

START = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)
MINUTES = st.integers(0, 10_000)


class Always:
    """A calendar of somebody who never sleeps."""

    def due(self, start: datetime, minutes: int) -> datetime:
        return start + timedelta(minutes=minutes)

    def minutes_between(self, start: datetime, end: datetime) -> int:
        return int((end - start).total_seconds()) // 60


@pytest.mark.parametrize("state", RequestState)
@pytest.mark.parametrize("act", Act)
def test_every_act_leads_somewhere_or_is_refused_with_a_fix(state, act):
    if (state, act) in LIFE:
        assert after(state, act) is LIFE[state, act] and act in acts(state)
    else:
        with pytest.raises(Conflict) as refused:
            after(state, act)
        assert refused.value.fix and act not in acts(state)


def test_only_what_was_closed_comes_back_and_every_open_state_can_end():
    assert {state for state in set(RequestState) - {*OPEN, RequestState.RESOLVED} if acts(state)} == {
        RequestState.CLOSED
    }
    for state in OPEN:
        assert {Act.RESOLVE, Act.CANCEL, Act.MERGE, Act.SAY, Act.ANSWER, Act.ASK} <= acts(state)


@given(st.sampled_from(ServiceKind), st.sampled_from(["", *Severity]), st.booleans())
def test_urgent_is_what_stops_a_treatment_and_nothing_else(kind, said, stops):
    faults = severity_faults(kind, said, stops_treatment=stops)
    severity = severity_of(kind, said, stops_treatment=stops)
    if not faults:
        assert (severity is Severity.URGENT) == (stops and kind in STOPPING)
    assert kind in FORMS


@given(MINUTES, MINUTES, st.integers(1, 5000), st.integers(0, 5000))
def test_a_pause_moves_the_end_by_as_long_as_it_lasted(begins, lasts, first, more):
    target = Target(first, first + more)
    calendar = Always()
    before = clocks(calendar, target, START)
    paused_at = START + timedelta(minutes=begins)
    stood = stood_until(calendar, 0, paused_at, paused_at + timedelta(minutes=lasts))
    moved = clocks(calendar, target, START, stood)
    assert stood == lasts
    assert moved.resolution_due_at - before.resolution_due_at == timedelta(minutes=lasts)
    assert moved.first_answer_warn_at <= moved.first_answer_due_at <= moved.resolution_due_at


@given(MINUTES, MINUTES, MINUTES)
def test_a_light_goes_from_green_to_amber_to_red(warn, more, now):
    warn_at = START + timedelta(minutes=warn)
    due_at = warn_at + timedelta(minutes=more)
    at = START + timedelta(minutes=now)
    about = {"due_at": due_at, "warn_at": warn_at, "at": at}
    shown = light(**about, paused_at=None, is_open=True)
    assert shown is (Light.RED if due_at < at else Light.AMBER if warn_at <= at else Light.GREEN)
    assert light(**about, paused_at=None, is_open=False) is Light.NONE
    assert light(**about, paused_at=START, is_open=True) is Light.PAUSED


def test_a_target_has_minutes_and_answers_before_it_resolves():
    assert not target_faults("/x", Target(60, 480))
    assert [one.pointer for one in target_faults("/x", Target(0, 10**9))] == [
        "/x/first_answer_minutes",
        "/x/resolution_minutes",
    ]
    assert [one.code for one in target_faults("/x", Target(480, 60))] == ["answer_after_resolution"]


DUTIES = st.lists(
    st.builds(
        Duty,
        st.integers(1, 3),
        st.integers(1, 5),
        st.sampled_from(["", "repair", "training"]),
        st.sampled_from(["", "A", "B"]),
        st.sampled_from(["", "east"]),
    )
)


@given(
    DUTIES, st.dictionaries(st.integers(1, 5), st.integers(0, 9)), st.sets(st.integers(1, 5)), st.randoms()
)
def test_the_least_loaded_of_those_who_fit_has_it_in_whatever_order_they_stand(duties, loads, able, chance):
    about = {"kind": "repair", "categories": {"A"}, "regions": {"east"}, "loads": loads, "able": able}
    duty = chosen(duties, **about)
    fitting = {one.user_id for one in duties if one.user_id in able and one.fits("repair", {"A"}, {"east"})}
    shuffled = list(duties)
    chance.shuffle(shuffled)
    other = chosen(shuffled, **about)
    assert (duty is None) == (not fitting) and (duty and duty.user_id) == (other and other.user_id)
    if duty:
        assert loads.get(duty.user_id, 0) == min(loads.get(one, 0) for one in fitting)


def test_stars_and_days_have_their_bounds():
    assert [bool(rating_faults(stars, "")) for stars in range(7)] == [True, *[False] * 5, True]
    assert may_reopen(START, START + timedelta(days=30), 30)
    assert not may_reopen(START, START + timedelta(days=30, seconds=1), 30)
    assert not may_reopen(None, START, 30)
