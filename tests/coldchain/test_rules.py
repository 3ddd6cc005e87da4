"""What speaks against a transport, and what becomes of the goods."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal as D
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.coldchain.rules import (
    DECIDED,
    TRANSITIONS,
    DayExtremes,
    FindingKind,
    Range,
    Reading,
    RecordState,
    Tolerance,
    Trace,
    Window,
    findings_of,
    spot_findings,
    state_after,
    tightest,
    usual_interval,
)

START = datetime(2026, 11, 18, 0, tzinfo=UTC)
FRIDGE = Range(D(2), D(8))
USUAL = Tolerance(D(0), timedelta(minutes=2), timedelta(minutes=5))
K = FindingKind
DIAGRAM = Path(__file__).parents[2] / "docs" / "cold-chain.md"


def trace(*celsius: float | str | None, step: int = 5) -> Trace:
    readings = tuple(
        Reading(START + timedelta(minutes=step * place), D(str(value)))
        for place, value in enumerate(celsius)
        if value is not None
    )
    return Trace(readings, (), usual_interval(readings))


def kinds(told: Trace, tolerance: Tolerance = USUAL, bounds: Range = FRIDGE, end: int | None = None):
    last = told.readings[-1].at if end is None else START + timedelta(minutes=end)
    return [finding.kind for finding in findings_of(told, bounds, Window(START, last), tolerance)]


def test_the_diagram_is_the_code():
    [chart] = re.findall(r"```mermaid\n(.*?)```", DIAGRAM.read_text(encoding="utf-8"), re.DOTALL)
    drawn = set(re.findall(r"^ +(\w+) --> (\w+)", chart, re.MULTILINE))
    assert drawn == {(str(start), str(end)) for start, end in TRANSITIONS}
    assert set(re.findall(r"\[\*\] --> (\w+)", chart)) == {"open"}


def test_the_ends_of_the_range_are_allowed():
    assert kinds(trace(2, 8, "2.0", "8.0", 5)) == []
    assert kinds(trace(2, "8.1", 5)) == [K.TOO_WARM]
    assert kinds(trace(2, "1.9", 5)) == [K.TOO_COLD]


def test_a_reading_holds_until_the_next_one():
    [warm] = findings_of(trace(5, 9, 11, 5, 5), FRIDGE, Window(START, None), USUAL)
    assert (warm.start, warm.end, warm.celsius) == (
        START + timedelta(minutes=5),
        START + timedelta(minutes=15),
        D(11),
    )
    assert warm.minutes == 10


def test_from_too_warm_to_too_cold_are_two_excursions():
    assert kinds(trace(5, 9, 1, 5)) == [K.TOO_WARM, K.TOO_COLD]


def test_what_is_short_or_little_enough_is_none():
    assert kinds(trace(5, 9, 5, 5, step=1)) == []
    assert kinds(trace(5, 9, 9, 9, 5, step=1)) == [K.TOO_WARM]
    by_half_a_degree = Tolerance(D("0.5"), timedelta(0), timedelta(minutes=5))
    assert kinds(trace(5, "8.5", 5), by_half_a_degree) == []
    assert kinds(trace(5, "8.6", 5), by_half_a_degree) == [K.TOO_WARM]


def test_the_last_reading_holds_for_an_interval():
    assert kinds(trace(5, 5, 9)) == [K.TOO_WARM]


def test_what_nobody_measured_is_no_proof():
    assert kinds(trace(5, 5, 5, None, None, 5, 5)) == [K.HOLE]
    assert kinds(trace(5, 5, step=10)) == [K.INTERVAL]
    assert kinds(trace(5, 5, 5), end=60) == [K.NOT_COVERED]
    assert [one.kind for one in findings_of(Trace(()), FRIDGE, Window(START, None), USUAL)] == [K.NOT_COVERED]


def test_before_and_after_the_way_nothing_counts():
    told = trace(20, 20, 5, 5, 5, 20)
    window = Window(START + timedelta(minutes=10), START + timedelta(minutes=20))
    assert findings_of(told, FRIDGE, window, USUAL) == []


def test_an_extreme_of_a_day_counts_once_with_its_reading():
    day = DayExtremes(START.date(), D(4), D(9))
    told = Trace((Reading(START, D(5)),), (day, DayExtremes(date(2026, 1, 1), D(-40), D(50))), None)
    end = START + timedelta(minutes=5)
    assert [one.kind for one in findings_of(told, FRIDGE, Window(START, end), USUAL)] == [K.TOO_WARM]
    seen = Trace((Reading(START, D(9)),), (day,), timedelta(minutes=5))
    assert [one.kind for one in findings_of(seen, FRIDGE, Window(START, end), USUAL)] == [K.TOO_WARM]


@pytest.mark.parametrize(
    ("left", "came", "counts"),
    [("22:30", "23:30", True), ("15:00", "15:50", False), ("15:00", "16:10", True), ("15:50", "16:00", True)],
)
def test_the_extremes_of_a_day_are_of_the_loggers_day(left, came, counts):
    """In Shanghai the second of January begins at 16:00 UTC of the first."""
    window = Window(*(datetime.fromisoformat(f"2026-01-01T{time}+00:00") for time in (left, came)))
    told = Trace((), (DayExtremes(date(2026, 1, 2), D(4), D(30)),), None, ZoneInfo("Asia/Shanghai"))
    kinds_found = [one.kind for one in findings_of(told, FRIDGE, window, USUAL)]
    assert (K.TOO_WARM in kinds_found) is counts


@given(st.lists(st.decimals(-10, 30, places=1), min_size=2, max_size=40))
def test_every_reading_beyond_lies_in_an_excursion_and_no_other_does(celsius):
    told = trace(*celsius)
    strict = Tolerance(D(0), timedelta(0), timedelta(minutes=5))
    found = [
        one
        for one in findings_of(told, FRIDGE, Window(START, None), strict)
        if one.kind in (K.TOO_WARM, K.TOO_COLD)
    ]
    for reading in told.readings:
        inside = [one for one in found if one.start <= reading.at < one.end]
        assert len(inside) == (0 if D(2) <= reading.celsius <= D(8) else 1)


def test_what_people_measured_counts_too():
    spots = [(START, D(5)), (START, D("8.4")), (START, None), (START, D("-1"))]
    assert [one.kind for one in spot_findings(spots, FRIDGE)] == [K.TOO_WARM, K.TOO_COLD]


@pytest.mark.parametrize(
    ("ranges", "bounds"),
    [
        ([Range(D(2), D(8)), Range(D(15), D(25))], Range(D(2), D(8))),
        ([Range(D(2), D(8)), Range(D(0), D(5))], Range(D(2), D(5))),
        ([Range(None, D(8)), Range(D(2), D(8))], Range(D(2), D(8))),
        ([Range(D(15), D(25)), Range(None, None)], None),
        ([Range(D(2), D(8)), Range(D(-25), D(-15))], None),
        ([], None),
    ],
)
def test_a_parcel_is_kept_as_all_its_cold_goods_bear(ranges, bounds):
    assert tightest(ranges) == bounds


def test_nothing_undoes_a_decision_or_what_waits_for_one():
    finding = findings_of(trace(5, 9, 5), FRIDGE, Window(START, None), USUAL)
    for state in RecordState:
        for findings in ([], finding):
            for is_complete in (False, True):
                after = state_after(state, findings, is_complete=is_complete)
                assert after is state or (state, after) in TRANSITIONS
    assert state_after(RecordState.OPEN, [], is_complete=True) is RecordState.WITHIN
    assert state_after(RecordState.OPEN, finding, is_complete=False) is RecordState.WAITING
    assert state_after(RecordState.WITHIN, finding, is_complete=True) is RecordState.WAITING
    assert state_after(RecordState.WAITING, [], is_complete=True) is RecordState.WAITING
    for decided in DECIDED:
        assert state_after(decided, finding, is_complete=True) is decided
