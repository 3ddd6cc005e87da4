"""Time with its zone. Moments are aware and UTC; business dates belong to a named zone."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

# Spelt out: `int` would also read " 1", "+1" and full-width digits.
_PERIOD = re.compile(r"[0-9]{4}-[0-9]{2}")
# Behind a blank an offset counts after seconds alone: "09:30-10:30" is a span of the day.
_TIME = re.compile(
    r"(?P<t>T)?\s*(?P<hours>[0-9]{1,2}):?(?P<minutes>[0-9]{2})(?::?(?P<seconds>[0-9]{2})(?:[.,][0-9]{1,9})?)?"
    r"\s*(?P<offset>Z|UTC|GMT|[+-][0-9]{2}(?::?[0-5][0-9])?)",
    re.IGNORECASE,
)

_FARTHEST = timedelta(hours=14)  # ahead of Greenwich, where anybody lives


def now() -> datetime:
    """The present moment, UTC."""
    return datetime.now(UTC)


def business_date(moment: datetime, zone: ZoneInfo) -> date:
    """Calendar date of `moment` where the business is done."""
    return moment.astimezone(zone).date()


def day_of_business(day: date, behind: str, zone: ZoneInfo) -> date | None:
    """Calendar date, in `zone`, of what another program wrote: a day, and what stands behind it.

    A time with an offset makes it a moment, whose day is that of `zone`. Anything else leaves the day as it
    is. None for a moment that no clock shows.
    """
    found = _TIME.fullmatch(behind.strip())
    if found is None or not (found["t"] or found["seconds"]):
        return day
    hours, minutes, seconds = (int(found[name] or 0) for name in ("hours", "minutes", "seconds"))
    offset = _offset(found["offset"])
    if minutes > 59 or seconds > 60 or (hours, minutes, seconds) > (24, 0, 0) or abs(offset) > _FARTHEST:
        return None
    since = timedelta(hours=hours, minutes=minutes, seconds=seconds)
    try:
        moment = datetime.combine(day, time.min, UTC) + since - offset
        return business_date(moment, zone)
    except OverflowError:
        return None


def _offset(said: str) -> timedelta:
    """``+08:00``, ``-0330``, ``+08``; any letters are Greenwich's."""
    if said[0] not in "+-":
        return timedelta()
    digits = said[1:].replace(":", "")
    ahead = timedelta(hours=int(digits[:2]), minutes=int(digits[2:] or 0))
    return -ahead if said[0] == "-" else ahead


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
