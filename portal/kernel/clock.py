"""Time with its zone. Moments are aware and UTC; business dates belong to a named zone."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

# Spelt out: `int` would also read " 1", "+1" and full-width digits.
_PERIOD = re.compile(r"[0-9]{4}-[0-9]{2}")


def now() -> datetime:
    """The present moment, UTC."""
    return datetime.now(UTC)


def business_date(moment: datetime, zone: ZoneInfo) -> date:
    """Calendar date of `moment` where the business is done."""
    return moment.astimezone(zone).date()


def start_of(day: date, zone: ZoneInfo) -> datetime:
    """First moment of `day` in `zone`, as UTC."""
    return datetime.combine(day, time.min, zone).astimezone(UTC)


def period_of(day: date) -> str:
    """Accounting period of a date: ``2026-10``."""
    return f"{day.year:04d}-{day.month:02d}"


def first_day(period: str) -> date:
    """First day of a period. Raises ValueError unless it reads ``YYYY-MM``."""
    if not _PERIOD.fullmatch(period):
        raise ValueError(f"not a period: {period!r}")
    return date(int(period[:4]), int(period[5:]), 1)


def last_day(period: str) -> date:
    """Last day of a period."""
    return first_day(next_period(period)) - timedelta(days=1)


def next_period(period: str) -> str:
    """The period after: ``2026-12`` → ``2027-01``."""
    first = first_day(period)
    return period_of((first + timedelta(days=31)).replace(day=1))


def previous_period(period: str) -> str:
    """The period before."""
    return period_of(first_day(period) - timedelta(days=1))
