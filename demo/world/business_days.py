"""Dates and times of the demo's business: Chinese time, months, working days."""

from __future__ import annotations

import calendar
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

ZONE = ZoneInfo("Asia/Shanghai")
HOLIDAYS = frozenset([(1, 1), (5, 1), (10, 1), (10, 2), (10, 3)])
OPENS, CLOSES = time(8, 5), time(19, 55)

MONTHS = 7
"""Of the past that the demonstration shows."""


def moment(day: date, at: time) -> datetime:
    """A local date and time as UTC."""
    return datetime.combine(day, at, ZONE).astimezone(UTC)


def local_date(at: datetime) -> date:
    """Business date of a moment."""
    return at.astimezone(ZONE).date()


def month_start(day: date, months: int = 0) -> date:
    """First day of the month that lies `months` after (negative: before) the one of `day`."""
    count = day.year * 12 + day.month - 1 + months
    return date(count // 12, count % 12 + 1, 1)


def is_working_day(day: date) -> bool:
    """A weekday that is no fixed holiday.

    Lunar holidays move and are worked through: the demo is no calendar.
    """
    return day.weekday() < 5 and (day.month, day.day) not in HOLIDAYS


def working_days(month: date) -> list[date]:
    """Working days of the month that begins on `month`."""
    length = calendar.monthrange(month.year, month.month)[1]
    return [day for number in range(length) if is_working_day(day := month + timedelta(days=number))]


def next_working_day(day: date) -> date:
    """The day itself or the first working day after it."""
    while not is_working_day(day):
        day += timedelta(days=1)
    return day


def after_working_days(day: date, days: int) -> date:
    """`days` working days later."""
    while days > 0:
        day += timedelta(days=1)
        days -= is_working_day(day)
    return day


def office_time(minute_of_day: int) -> time:
    """A time of day within business hours, whole minutes."""
    earliest, latest = OPENS.hour * 60 + OPENS.minute, CLOSES.hour * 60 + CLOSES.minute
    minute = min(max(minute_of_day, earliest), latest)
    return time(minute // 60, minute % 60)


def working_day_before(day: date, days: int) -> date:
    """`days` working days earlier; later for a negative number. The day itself for none, worked or not."""
    step = timedelta(days=-1 if days > 0 else 1)
    for _ in range(abs(days)):
        day += step
        while not is_working_day(day):
            day += step
    return day
