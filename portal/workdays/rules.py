"""Which days and hours the company works, and what is reckoned by them. Pure.

A clock counts only what lies within the hours of working days. A day is working or off as the table of
exceptional days says; of the rest Monday to Friday are worked, but for the statutory days whose date never
changes.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

from portal.kernel.errors import N_, Fault
from portal.kernel.typed import LENGTH_MAX, Misread

DAY_MINUTES = 24 * 60
SPANS_MAX = 4  # of the hours of a day
DAYS_MAX = 3660  # that anything is reckoned over
REACH_DAYS = 90
"""How far the clocks of what is open today reach; from October on into the next year."""
STATUTORY = frozenset({(1, 1), (5, 1), (5, 2), (10, 1), (10, 2), (10, 3)})
"""Month and day of the statutory holidays that lie on the same date every year, by the rules of 2024."""
_SATURDAY = 5
_DAY = timedelta(days=1)
_CLOCK = re.compile(r"([0-9]{1,2}):([0-5][0-9])")


class TooFar(ValueError):
    """More days lie between than are reckoned over, or no day is ever worked."""


@dataclass(frozen=True, slots=True)
class Span:
    """Hours without a break: minutes of the day, the end not included."""

    opens: int
    closes: int


OFFICE_HOURS = (Span(9 * 60, 12 * 60), Span(13 * 60 + 30, 18 * 60))
"""As shipped: 9:00 to 12:00 and 13:30 to 18:00."""


@dataclass(frozen=True, slots=True)
class WorkCalendar:
    """When the company works.

    hours: of a working day, in order and without overlap. days: those that the table names, each working or
    off. years: for which the table is complete; of others only what is sure is in it.
    """

    zone: ZoneInfo
    hours: tuple[Span, ...] = OFFICE_HOURS
    days: Mapping[date, bool] = field(default_factory=dict)
    years: frozenset[int] = frozenset()

    def is_working(self, day: date) -> bool:
        """Whether the day is worked."""
        known = self.days.get(day)
        if known is not None:
            return known
        return day.weekday() < _SATURDAY and (day.month, day.day) not in STATUTORY

    def is_open(self, at: datetime) -> bool:
        """Whether a moment lies within the hours of a working day."""
        return any(opens <= at < closes for opens, closes in self._spans(at.astimezone(self.zone).date()))

    def due(self, start: datetime, minutes: int) -> datetime:
        """The first moment by which so many business minutes have passed, UTC.

        Raises ValueError for less than none or a moment without a zone, TooFar.
        """
        if minutes < 0:
            raise ValueError("time runs forward")
        at = _utc(start)
        left = timedelta(minutes=minutes)
        if not left:
            return at
        for day in self._days_from(at):
            for opens, closes in self._spans(day):
                begins = max(opens, at)
                if closes - begins >= left:
                    return begins + left
                left -= max(closes - begins, timedelta())
        raise TooFar

    def minutes_between(self, start: datetime, end: datetime) -> int:
        """Whole business minutes from one moment to another; negative where the other lies before.

        Raises ValueError for a moment without a zone, TooFar.
        """
        first, last = _utc(start), _utc(end)
        if last < first:
            return -self.minutes_between(last, first)
        passed = timedelta()
        for day in self._days_from(first):
            spans = self._spans(day)
            if datetime.combine(day, time.min, self.zone) > last:
                return passed // timedelta(minutes=1)
            passed += sum(
                (max(min(closes, last) - max(opens, first), timedelta()) for opens, closes in spans),
                timedelta(),
            )
        raise TooFar

    def add_working_days(self, day: date, count: int) -> date:
        """The so-manieth working day after a day, or before it if negative; the day itself for none.

        Raises TooFar.
        """
        step, left = (_DAY, count) if count >= 0 else (-_DAY, -count)
        for _ in range(DAYS_MAX):
            if not left:
                return day
            day += step
            left -= self.is_working(day)
        raise TooFar

    def missing_years(self, today: date) -> tuple[int, ...]:
        """Years that clocks reach into, and for which the table is not complete."""
        reached = range(today.year, (today + timedelta(days=REACH_DAYS)).year + 1)
        return tuple(year for year in reached if year not in self.years)

    def _days_from(self, moment: datetime) -> Iterator[date]:
        first = moment.astimezone(self.zone).date()
        for number in range(DAYS_MAX):
            yield first + timedelta(days=number)

    def _spans(self, day: date) -> list[tuple[datetime, datetime]]:
        """From when to when the day is worked, UTC: as long as the clocks of the zone say."""
        if not self.is_working(day):
            return []
        return [(self._at(day, span.opens), self._at(day, span.closes)) for span in self.hours]

    def _at(self, day: date, minute: int) -> datetime:
        later, of_day = divmod(minute, DAY_MINUTES)
        wall = datetime.combine(day + timedelta(days=later), time(*divmod(of_day, 60)), self.zone)
        return wall.astimezone(UTC)


def _utc(moment: datetime) -> datetime:
    if moment.tzinfo is None:
        raise ValueError("a moment has a zone")
    return moment.astimezone(UTC)


def hours_faults(hours: Sequence[Span]) -> list[Fault]:
    """What is wrong with the hours of a day: one to four spans, one after another, each longer than none."""
    if not 1 <= len(hours) <= SPANS_MAX:
        message, fix = N_("A working day has 1 to %(max)s spans of hours."), N_("Enter from when to when.")
        return [Fault("/hours", "spans", message, fix, {"max": SPANS_MAX})]
    faults = []
    for place, span in enumerate(hours):
        if not 0 <= span.opens < span.closes <= DAY_MINUTES:
            message, fix = N_("Work ends after it begins, on the same day."), N_("Enter a later end.")
            faults.append(Fault(f"/hours/{place}/closes", "falling", message, fix))
    for place, (before, after) in enumerate(pairwise(hours), start=1):
        if after.opens < before.closes:
            message = N_("These hours begin before those above have ended.")
            faults.append(Fault(f"/hours/{place}/opens", "overlap", message, N_("Enter a later beginning.")))
    return faults


def read_clock(text: str) -> int:
    """A time of day as somebody typed it, ``9:00`` or ``９：００``, in minutes. Raises Misread."""
    found = _CLOCK.fullmatch(unicodedata.normalize("NFKC", text).strip()) if len(text) <= LENGTH_MAX else None
    minutes = int(found[1]) * 60 + int(found[2]) if found else DAY_MINUTES + 1
    if minutes > DAY_MINUTES:
        raise Misread("not_a_time", N_("Enter a time of day."), N_("Write it like 9:00 or 13:30."))
    return minutes


def clock_text(minute: int) -> str:
    """A minute of the day as clocks show it."""
    return f"{minute // 60:02d}:{minute % 60:02d}"


def years_of(days: Collection[date]) -> tuple[int, ...]:
    """The years in which the days lie, in order."""
    return tuple(sorted({day.year for day in days}))
