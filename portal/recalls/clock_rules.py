"""The clocks of a recall, which run from the decision, and how long its record is kept. Pure.

The day of the decision does not count, and a period ends with the end of its last day. Notices are due in
calendar days, over holidays too; everything else in working days.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum

from portal.workdays.rules import WorkCalendar

AMOUNT_MAX = 365
_SATURDAY = 5
CLASS_I_YEARS, LAPSE_YEARS, EXPIRY_YEARS = 5, 5, 2


class TermName(StrEnum):
    """What is set, in days. notice_…: calendar days by level; report and summary: working days."""

    NOTICE_1 = "notice_1"
    NOTICE_2 = "notice_2"
    NOTICE_3 = "notice_3"
    REPORT = "report"
    SUMMARY = "summary"


TERMS: Mapping[TermName, int] = {
    TermName.NOTICE_1: 1,
    TermName.NOTICE_2: 3,
    TermName.NOTICE_3: 7,
    TermName.REPORT: 5,
    TermName.SUMMARY: 10,
}
"""As the law of 2017 has them (召回办法 15, 16, 22)."""

SHARES = (50, 80, 100)
"""Of a holder's time, in percent: then it is reminded; after the last it is telephoned."""


@dataclass(frozen=True, slots=True)
class Clocks:
    """The last day of each period. missing: a year that is reckoned in without a table of its days."""

    notices_by: date
    report_by: date
    summary_by: date | None
    missing: tuple[int, ...]


def clocks(
    *,
    level: int,
    decided_at: datetime,
    ended_on: date | None,
    calendar: WorkCalendar,
    terms: Mapping[TermName, int] = TERMS,
) -> Clocks:
    """The clocks of a recall of this level; that of the summary runs once the recall has ended."""
    decided = decided_at.astimezone(calendar.zone).date()
    notices = decided + timedelta(days=terms[TermName(f"notice_{level}")])
    report = _working_days_after(decided, terms[TermName.REPORT], calendar)
    summary = ended_on and _working_days_after(ended_on, terms[TermName.SUMMARY], calendar)
    reached = {day.year for day in (report, summary) if day}
    return Clocks(notices, report, summary, tuple(sorted(reached - calendar.years)))


def _working_days_after(day: date, count: int, calendar: WorkCalendar) -> date:
    """Beyond the table of days every weekday counts, 1 January too: so it is never reckoned too late."""
    while count:
        day += timedelta(days=1)
        known = day.year in calendar.years
        count -= calendar.is_working(day) if known else day.weekday() < _SATURDAY
    return day


def end_of(day: date, calendar: WorkCalendar) -> datetime:
    """The moment a day is over, UTC."""
    return datetime.combine(day + timedelta(days=1), time.min, calendar.zone).astimezone(UTC)


def reminders(decided_at: datetime, due_at: datetime) -> tuple[datetime, ...]:
    """When a silent holder is reminded."""
    return tuple(decided_at + (due_at - decided_at) * share / 100 for share in SHARES)


def recall_kept_until(
    *, device_class: int, lapses: date | None, closed_on: date, expiries: Iterable[date]
) -> date:
    """The last day on which the record of a closed recall has to be there: the longest of its reasons.

    The certificate's lapse and five years, of class I the closing and five; never less than any lot's expiry
    and two years. Without a lapse that is known it is reckoned from the closing.
    """
    begins = closed_on if device_class == 1 or lapses is None else lapses
    years = CLASS_I_YEARS if device_class == 1 else LAPSE_YEARS
    return max([_later(begins, years), *(_later(day, EXPIRY_YEARS) for day in expiries)])


def _later(day: date, years: int) -> date:
    """So many years later; of 29 February the 28th where there is none."""
    last = 28 if (day.month, day.day) == (2, 29) else day.day
    try:
        return day.replace(year=day.year + years)
    except ValueError:
        return day.replace(year=day.year + years, day=last)
