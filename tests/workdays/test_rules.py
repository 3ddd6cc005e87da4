"""Which days and hours count, and what a clock says across holidays, nights and breaks."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.workdays.rules import (
    DAYS_MAX,
    OFFICE_HOURS,
    Span,
    TooFar,
    WorkCalendar,
    hours_faults,
)

SHANGHAI, BERLIN = ZoneInfo("Asia/Shanghai"), ZoneInfo("Europe/Berlin")
FIRST = date(2026, 12, 28)  # a Monday; the days that are drawn lie in the two weeks from here
MINUTE = timedelta(minutes=1)


@st.composite
def hours(draw):
    """One to three spans of a day."""
    ends = sorted(draw(st.lists(st.integers(0, 1440), min_size=2, max_size=6, unique=True)))
    return tuple(Span(*ends[place : place + 2]) for place in range(0, len(ends) // 2 * 2, 2))


@st.composite
def calendars(draw):
    """A calendar with some days of the two weeks turned round."""
    days = st.dictionaries(st.integers(0, 13).map(lambda n: FIRST + timedelta(n)), st.booleans(), max_size=8)
    return WorkCalendar(SHANGHAI, draw(hours()), draw(days))


def at(day: date, minute: int, zone: ZoneInfo = SHANGHAI) -> datetime:
    return datetime.combine(day, time.min, zone) + timedelta(minutes=minute)


moments = st.builds(lambda minute: at(FIRST, minute), st.integers(0, 3 * 1440))


def counted(calendar: WorkCalendar, start: datetime, end: datetime) -> int:
    """Minute by minute, the slow way."""
    minutes = 0
    while start < end:
        here = start.astimezone(calendar.zone)
        of_day = here.hour * 60 + here.minute
        minutes += calendar.is_working(here.date()) and any(
            span.opens <= of_day < span.closes for span in calendar.hours
        )
        start += MINUTE
    return minutes


@given(calendars(), moments, moments)
def test_minutes_are_those_of_the_clock_on_the_wall(calendar, one, other):
    start, end = sorted((one, other))
    assert calendar.minutes_between(start, end) == counted(calendar, start, end)
    assert calendar.minutes_between(end, start) == -counted(calendar, start, end)
    assert calendar.is_open(start) == (counted(calendar, start, start + MINUTE) == 1)


@given(calendars(), moments, st.integers(1, 5000))
def test_what_is_due_is_the_first_moment_by_which_so_much_has_passed(calendar, start, minutes):
    due = calendar.due(start, minutes)
    assert calendar.minutes_between(start, due) == minutes
    assert calendar.minutes_between(start, due - MINUTE) == minutes - 1
    assert due.tzinfo is UTC


@given(calendars(), moments, moments, st.integers(0, 3000), st.integers(0, 3000))
def test_whoever_begins_later_or_takes_longer_is_never_done_earlier(calendar, one, other, few, more):
    start, later = sorted((one, other))
    assert calendar.due(start, few) <= calendar.due(later, few)
    assert calendar.due(start, few) <= calendar.due(start, few + more)
    assert calendar.due(calendar.due(start, few), more) == calendar.due(start, few + more)


@given(calendars(), st.integers(0, 13), st.integers(1, 40))
def test_working_days_forth_and_back(calendar, first, count):
    day = FIRST + timedelta(first)
    there = calendar.add_working_days(day, count)
    between = [day + timedelta(n) for n in range(1, (there - day).days + 1)]
    assert calendar.is_working(there) and sum(map(calendar.is_working, between)) == count
    back = calendar.add_working_days(there, -count)
    assert back <= day and calendar.add_working_days(back, count) == there
    assert calendar.add_working_days(day, 0) == day


def test_a_day_without_an_entry_is_worked_from_monday_to_friday_but_for_what_the_law_fixes():
    plain = WorkCalendar(SHANGHAI)
    assert [plain.is_working(date(2029, 3, day)) for day in range(5, 12)] == [True] * 5 + [False] * 2
    off = [(1, 1), (5, 1), (5, 2), (10, 1), (10, 2), (10, 3)]
    assert not any(plain.is_working(date(2029, *day)) for day in off)
    assert plain.is_working(date(2029, 1, 2)) and plain.is_working(date(2029, 10, 4))
    assert WorkCalendar(SHANGHAI, days={date(2029, 1, 1): True}).is_working(date(2029, 1, 1))


def test_the_break_at_noon_is_no_time():
    plain = WorkCalendar(SHANGHAI)
    monday = date(2026, 11, 23)
    assert plain.due(at(monday, 11 * 60 + 50), 20) == at(monday, 13 * 60 + 40)
    assert plain.due(at(monday, 12 * 60 + 30), 30) == at(monday, 14 * 60)
    assert plain.due(at(monday, 9 * 60), 7 * 60 + 30) == at(monday, 18 * 60)
    assert plain.due(at(monday, 9 * 60), 7 * 60 + 31) == at(monday + timedelta(1), 9 * 60 + 1)
    assert not plain.is_open(at(monday, 12 * 60)) and plain.is_open(at(monday, 13 * 60 + 30))


def test_seconds_are_not_lost():
    plain = WorkCalendar(SHANGHAI)
    start = at(date(2026, 11, 23), 9 * 60) + timedelta(seconds=30)
    assert plain.due(start, 60) - start == timedelta(hours=1)
    assert plain.minutes_between(start, start + timedelta(seconds=119)) == 1


def test_work_until_midnight_goes_on_at_once():
    round_the_clock = WorkCalendar(SHANGHAI, (Span(0, 1440),), {date(2026, 11, 28): True})
    friday = date(2026, 11, 27)
    assert round_the_clock.due(at(friday, 23 * 60), 120) == at(friday, 25 * 60)


def test_a_night_in_which_clocks_are_put_forward_has_an_hour_less():
    sunday = date(2027, 3, 28)
    night = WorkCalendar(BERLIN, (Span(0, 6 * 60),), {sunday: True})
    assert night.minutes_between(at(sunday, 0, BERLIN), at(sunday, 12 * 60, BERLIN)) == 5 * 60


@pytest.mark.parametrize(
    "act",
    [
        lambda plain, never: plain.due(at(FIRST, 0), 450 * DAYS_MAX),
        lambda plain, never: never.due(at(FIRST, 0), 1),
        lambda plain, never: never.add_working_days(FIRST, -1),
        lambda plain, never: plain.add_working_days(FIRST, DAYS_MAX),
        lambda plain, never: plain.minutes_between(at(date(2001, 1, 1), 0), at(FIRST, 0)),
    ],
)
def test_nothing_is_reckoned_for_ever(act):
    never = WorkCalendar(SHANGHAI, days={FIRST + timedelta(n): False for n in range(-DAYS_MAX, DAYS_MAX + 1)})
    with pytest.raises(TooFar):
        act(WorkCalendar(SHANGHAI), never)


def test_a_moment_has_a_zone_and_time_runs_forward():
    plain, naive = WorkCalendar(SHANGHAI), datetime(2026, 11, 23, 9)
    for act in (
        lambda: plain.due(naive, 1),
        lambda: plain.minutes_between(naive, naive),
        lambda: plain.due(at(FIRST, 0), -1),
    ):
        with pytest.raises(ValueError, match=r"zone|forward"):
            act()


@pytest.mark.parametrize(
    ("spans", "told"),
    [
        (OFFICE_HOURS, {}),
        ((Span(0, 1440),), {}),
        ((), {"/hours": "spans"}),
        ((Span(0, 1),) * 5, {"/hours": "spans"}),
        ((Span(540, 540),), {"/hours/0/closes": "falling"}),
        ((Span(540, 1441),), {"/hours/0/closes": "falling"}),
        ((Span(540, 720), Span(700, 800)), {"/hours/1/opens": "overlap"}),
        ((Span(540, 720), Span(720, 800)), {}),
        ((Span(900, 800), Span(700, 700)), {"/hours/0/closes": "falling", "/hours/1/closes": "falling",
                                           "/hours/1/opens": "overlap"}),
    ],
)  # fmt: skip
def test_hours_follow_one_another(spans, told):
    assert {fault.pointer: fault.code for fault in hours_faults(spans)} == told


def test_the_table_is_missing_for_a_year_that_clocks_reach_from_october_on():
    known = WorkCalendar(SHANGHAI, years=frozenset({2025, 2026}))
    assert known.missing_years(date(2026, 10, 2)) == ()
    assert known.missing_years(date(2026, 10, 3)) == (2027,)
    assert known.missing_years(date(2027, 11, 1)) == (2027, 2028)
