"""The regulator's clocks: calendar days and hours from awareness, whatever the hour, the zone or the year."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.complaints.clock_rules import (
    Light,
    Term,
    TermName,
    Unit,
    due_of,
    light,
    term_faults,
)
from portal.complaints.report_rules import NAMES, content_of, masked, report_faults, submission_faults
from portal.complaints.rules import keep_until, shown_state

SHANGHAI, BERLIN = ZoneInfo("Asia/Shanghai"), ZoneInfo("Europe/Berlin")
MOMENTS = st.datetimes(datetime(2020, 1, 1), datetime(2040, 1, 1), timezones=st.just(UTC))
TERMS = st.builds(
    Term,
    st.integers(1, 1000),
    st.sampled_from((Unit.DAY, Unit.HOUR)),
    st.integers(1, 49),
    st.integers(50, 99),
)


@given(MOMENTS, TERMS)
def test_warnings_come_in_order_and_lights_never_go_back(aware, term):
    due = due_of(aware, term, SHANGHAI)
    assert aware <= due.warn_first_at <= due.warn_last_at <= due.due_at
    order = [Light.GREEN, Light.AMBER, Light.RED]
    moments = [aware, due.warn_first_at, due.warn_last_at, due.due_at, due.due_at + timedelta(days=1)]
    seen = [
        order.index(light(due_at=due.due_at, warn_at=due.warn_first_at, is_running=True, at=at))
        for at in moments
    ]
    assert seen == sorted(seen) and seen[-1] == 2


@given(MOMENTS, st.integers(1, 400))
def test_a_day_is_a_day_of_the_calendar_at_the_same_hour(aware, days):
    due = due_of(aware, Term(days, Unit.DAY), BERLIN).due_at.astimezone(BERLIN)
    local = aware.astimezone(BERLIN)
    assert (due.date() - local.date()).days == days or due.hour != local.hour
    assert due.date() - local.date() <= timedelta(days=days + 1)


@pytest.mark.parametrize(
    ("aware", "term", "due"),
    [
        ("2026-12-28T23:59:00+08:00", Term(7, Unit.DAY), "2027-01-04T23:59:00+08:00"),
        ("2026-12-31T23:30:00+08:00", Term(12, Unit.HOUR), "2027-01-01T11:30:00+08:00"),
        ("2026-02-14T00:00:00+08:00", Term(20, Unit.DAY), "2026-03-06T00:00:00+08:00"),
        ("2028-02-28T16:30:00+00:00", Term(1, Unit.DAY), "2028-03-01T00:30:00+08:00"),
    ],
)
def test_across_midnight_holidays_new_year_and_a_leap_day(aware, term, due):
    assert due_of(datetime.fromisoformat(aware), term, SHANGHAI).due_at == datetime.fromisoformat(due)


def test_a_night_in_which_the_clock_is_put_forward_keeps_the_hour():
    aware = datetime(2026, 3, 25, 12, 0, tzinfo=BERLIN)
    assert due_of(aware, Term(7, Unit.DAY), BERLIN).due_at == datetime(2026, 4, 1, 12, 0, tzinfo=BERLIN)


def test_faults_of_a_term():
    assert not term_faults(TermName.DEATH, Term(7, Unit.DAY))
    found = term_faults(TermName.TREND_COUNT, Term(0, Unit.DAY, 80, 50))
    assert [one.code for one in found] == ["amount_out_of_range", "wrong_unit", "warnings_out_of_order"]


def test_a_record_is_kept_for_the_longest_of_its_terms():
    closed = date(2026, 11, 28)
    assert keep_until(None, closed, is_implant=False) == date(2031, 11, 28)
    assert keep_until(date(2030, 2, 28), closed, is_implant=False) == date(2032, 2, 28)
    assert keep_until(date(2027, 1, 1), date(2028, 2, 29), is_implant=False) == date(2033, 3, 1)
    assert keep_until(date(2030, 1, 1), closed, is_implant=True) is None


def test_a_reopened_complaint_is_triaged():
    assert [shown_state(kept, is_held=True) for kept in (None, "proposed", "closed")] == [
        *("new", "proposed", "triaged"),
    ]
    assert shown_state("closed", is_held=False) == "closed"


@given(st.dictionaries(st.sampled_from([*NAMES, "other"]), st.text(max_size=200)))
def test_a_report_keeps_its_fields_and_judges_whatever_is_typed(said):
    content = content_of(said)
    assert tuple(content) == NAMES and content_of(content) == content
    report_faults(content, date(2026, 11, 28))
    assert submission_faults(content, needs_lot=True) or all(content[name] for name in ("lot", "place"))
    hidden = masked(content)
    assert all(hidden[name] in ("", "***") for name in NAMES if name.startswith("patient"))
