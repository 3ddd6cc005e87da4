"""What is promised on a request is worked time, also across New Year and the Saturdays that are worked."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given as for_all
from hypothesis import strategies as st

from portal.service.sla_rules import Target, clocks, stood_until
from portal.workdays.rules import OFFICE_HOURS, WorkCalendar

SHANGHAI = ZoneInfo("Asia/Shanghai")
DAYS = {
    date(2027, 1, 1): False,
    date(2027, 1, 4): False,  # moved there from the Saturday after, which is worked
    date(2027, 1, 9): True,
    date(2026, 12, 26): True,
}
CALENDAR = WorkCalendar(SHANGHAI, OFFICE_HOURS, DAYS)
FIRST, LAST = datetime(2026, 12, 24, tzinfo=SHANGHAI), datetime(2027, 1, 12, tzinfo=SHANGHAI)
MOMENTS = st.integers(0, int((LAST - FIRST).total_seconds() // 60)).map(
    lambda n: FIRST + timedelta(minutes=n)
)
MINUTES = st.integers(1, 4800)


def is_worked(day: date) -> bool:
    return DAYS.get(day, day.weekday() < 5)


def worked(begins: datetime, ends: datetime) -> int:
    """Minutes in the office from one moment to another, day by day."""
    total, day = timedelta(), begins.astimezone(SHANGHAI).date()
    while day <= ends.astimezone(SHANGHAI).date():
        for opens, closes in ((time(9), time(12)), (time(13, 30), time(18))):
            here = [datetime.combine(day, one, SHANGHAI) for one in (opens, closes)]
            if is_worked(day):
                total += max(min(here[1], ends) - max(here[0], begins), timedelta())
        day += timedelta(days=1)
    return int(total.total_seconds() // 60)


@for_all(MOMENTS, MINUTES, st.integers(0, 4800))
def test_a_request_is_due_when_so_much_was_worked_and_never_on_a_day_off(start, first, more):
    found = clocks(CALENDAR, Target(first, first + more), start)
    for due, minutes in ((found.first_answer_due_at, first), (found.resolution_due_at, first + more)):
        assert worked(start, due) == minutes
        assert is_worked(due.astimezone(SHANGHAI).date())
    assert worked(start, found.resolution_warn_at) == (first + more) * 75 // 100


@for_all(MOMENTS, MINUTES, st.integers(0, 4000), st.integers(0, 9000))
def test_what_the_dealer_is_waited_for_is_not_counted(start, minutes, before, long):
    paused = start + timedelta(minutes=before)
    resumed = paused + timedelta(minutes=long)
    stood = stood_until(CALENDAR, 0, paused, resumed)
    assert stood == worked(paused, resumed)
    due = clocks(CALENDAR, Target(minutes, minutes), start, stood).resolution_due_at
    assert worked(start, due) == minutes + stood
