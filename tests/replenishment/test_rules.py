"""The life of a request, and who gets what of what comes."""

from __future__ import annotations

import re
from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.kernel.errors import Conflict, Invalid
from portal.replenishment.rules import (
    TRANSITIONS,
    Coming,
    OnTheWay,
    Report,
    RequestState,
    Standing,
    advanced,
    on_the_way,
    promises,
)

TODAY = date(2026, 11, 18)
SOON, LATER = TODAY + timedelta(days=4), TODAY + timedelta(days=11)
DIAGRAM = Path(__file__).parents[2] / "docs" / "replenishment.md"


def standing(state: RequestState, quantity: int = 10, expected_on: date | None = SOON) -> Standing:
    return Standing(state, quantity, expected_on, "PO-1")


def test_the_diagram_is_the_code():
    [chart] = re.findall(r"```mermaid\n(.*?)```", DIAGRAM.read_text(encoding="utf-8"), re.DOTALL)
    drawn = set(re.findall(r"^ +(\w+) --> (\w+)", chart, re.MULTILINE))
    assert drawn == {(str(start), str(end)) for start, end in TRANSITIONS}
    assert set(re.findall(r"\[\*\] --> (\w+)", chart)) == {"requested"}


@pytest.mark.parametrize("start", RequestState)
@pytest.mark.parametrize("end", RequestState)
def test_every_move_is_made_or_refused(start, end):
    report = Report(end, LATER, 12)
    if (start, end) in TRANSITIONS:
        assert advanced(standing(start), report, TODAY) == Standing(end, 12, LATER, "PO-1")
    else:
        with pytest.raises(Conflict):
            advanced(standing(start), report, TODAY)


@pytest.mark.parametrize("state", RequestState)
def test_the_same_report_again_says_nothing_new(state):
    now = standing(state)
    assert advanced(now, Report(state, SOON, 10, " PO-1 "), TODAY) is now


@pytest.mark.parametrize(
    ("report", "codes"),
    [
        (Report(RequestState.CONFIRMED), {"day_missing"}),
        (Report(RequestState.CONFIRMED, TODAY - timedelta(days=1)), {"day_past"}),
        (Report(RequestState.IN_TRANSIT, quantity=0), {"day_missing", "quantity_not_positive"}),
        (Report(RequestState.RECEIVED, quantity=-3), {"quantity_not_positive"}),
    ],
)
def test_a_report_that_cannot_be_is_refused_with_every_fault(report, codes):
    with pytest.raises(Invalid) as refusal:
        advanced(standing(RequestState.REQUESTED, expected_on=None), report, TODAY)
    assert {fault.code for fault in refusal.value.faults} == codes
    assert all(fault.fix for fault in refusal.value.faults)


def test_goods_that_arrive_today_or_were_due_before_are_still_reported():
    late = standing(RequestState.CONFIRMED, expected_on=TODAY - timedelta(days=2))
    assert advanced(late, Report(RequestState.RECEIVED), TODAY).state is RequestState.RECEIVED
    assert advanced(late, Report(RequestState.IN_TRANSIT, TODAY), TODAY).expected_on == TODAY


def test_the_earliest_order_gets_what_comes_first():
    lines = [((1, 1, 1), 4), ((2, 2, 1), 8), ((1, 3, 2), 5)]
    days = promises(lines, [Coming(LATER, 6), Coming(SOON, 7)])
    assert days == {(1, 1, 1): SOON, (2, 2, 1): LATER}


@given(
    units=st.lists(st.integers(1, 30), max_size=8),
    arrivals=st.lists(st.tuples(st.integers(0, 60), st.integers(1, 40)), max_size=5),
)
def test_no_unit_that_comes_is_promised_twice(units, arrivals):
    lines = [((1, order, 1), wanted) for order, wanted in enumerate(units)]
    coming = [Coming(TODAY + timedelta(days=days), count) for days, count in arrivals]
    days = promises(lines, coming)
    for day in {one.on for one in coming}:
        promised = sum(wanted for key, wanted in lines if key in days and days[key] <= day)
        assert promised <= sum(one.units for one in coming if one.on <= day)
    assert list(days) == [key for key, _ in lines][: len(days)]


def test_what_is_on_its_way_follows_the_reports():
    nothing = OnTheWay(0, None)
    asked, moving = standing(RequestState.CONFIRMED), standing(RequestState.IN_TRANSIT)
    left = on_the_way(nothing, asked, moving, [])
    assert left == OnTheWay(10, SOON)
    assert on_the_way(left, moving, standing(RequestState.RECEIVED), []) == nothing
    fewer = Standing(RequestState.IN_TRANSIT, 4, LATER, "PO-1")
    assert on_the_way(left, moving, fewer, []) == OnTheWay(4, LATER)


def test_goods_that_nobody_requested_keep_their_day():
    other = OnTheWay(30, SOON)
    moving = Standing(RequestState.IN_TRANSIT, 10, LATER, "PO-1")
    both = on_the_way(other, standing(RequestState.CONFIRMED, expected_on=LATER), moving, [])
    assert both == OnTheWay(40, SOON)
    received = Standing(RequestState.RECEIVED, 10, LATER, "PO-1")
    assert on_the_way(both, moving, received, []) == other
