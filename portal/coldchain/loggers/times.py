"""Times as loggers write them, in any order of day and month, with or without a zone. Pure.

05/06/09 is the fifth of June or the sixth of May: what a whole column leaves open, somebody is asked.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone, tzinfo
from zoneinfo import ZoneInfo

from portal.coldchain.loggers.file import DayOrder, refusal
from portal.kernel.errors import N_

_CLOCK = r"(?P<h>\d{1,2}):(?P<mi>\d{2})(?::(?P<s>\d{2})(?:\.\d+)?)? ?(?P<half>[AaPp]\.?[Mm]\.?)?"
_ISO = r"(?P<y>\d{4})[-/.](?P<a>\d{1,2})[-/.](?P<b>\d{1,2})"
_SHORT = r"(?P<a>\d{1,2})[-/.](?P<b>\d{1,2})[-/.](?P<y>\d{4}|\d{2})"
_WHOLE = tuple(re.compile(rf"{day}(?:T|,? ){_CLOCK}") for day in (_ISO, _SHORT))
_DATE = tuple(re.compile(day) for day in (_ISO, _SHORT))
_TIME = re.compile(_CLOCK)
_OFFSET = re.compile(r"(?:GMT|UTC)\s*([+-])\s*(\d{1,2})(?::?(\d{2}))?\b")


@dataclass(frozen=True, slots=True)
class Written:
    """A time as it stands there. is_iso: the year stood first, so that `a` is the month and `b` the day."""

    is_iso: bool
    year: int
    a: int
    b: int
    hour: int
    minute: int
    second: int


def time_columns(cells: Sequence[str]) -> tuple[int, ...]:
    """Where in a row the time stands: in one column, in two (day and clock), or nowhere."""
    for place, cell in enumerate(cells):
        if written_at([cell]) is not None:
            return (place,)
        if place + 1 < len(cells) and written_at([cell, cells[place + 1]]) is not None:
            return (place, place + 1)
    return ()


def written_at(cells: Sequence[str]) -> Written | None:
    """The time in one cell or two; None where there is none."""
    texts = [" ".join(cell.split()) for cell in cells]  # a pattern takes its time with many blanks
    text = " ".join(texts)
    if len(texts) == 2 and not (any(day.fullmatch(texts[0]) for day in _DATE) and _TIME.fullmatch(texts[1])):
        return None
    for is_iso, pattern in zip((True, False), _WHOLE, strict=True):
        if found := pattern.fullmatch(text):
            hour = int(found["h"])
            if half := (found["half"] or "")[:1].casefold():
                hour = hour % 12 + (12 if half == "p" else 0)
            year = int(found["y"]) + (2000 if len(found["y"]) == 2 else 0)
            return Written(
                is_iso, year, int(found["a"]), int(found["b"]), hour, int(found["mi"]), int(found["s"] or 0)
            )
    return None


def day_order(times: Sequence[Written], said: DayOrder | None) -> DayOrder:
    """How the days of a file are meant: by what they leave possible, else as somebody says.

    Raises Invalid where that has to be asked, or cannot be.
    """
    short = [one for one in times if not one.is_iso]
    is_day_first, is_month_first = any(one.a > 12 for one in short), any(one.b > 12 for one in short)
    if is_day_first and is_month_first:
        raise refusal("days_mixed", N_("The days of this file are written in two ways."))
    if is_day_first or is_month_first:
        return DayOrder.DAY_FIRST if is_day_first else DayOrder.MONTH_FIRST
    if short and said is None:
        raise refusal(
            "day_order",
            N_("%(text)s may be day or month first."),
            N_("Choose which, and send the file again."),
            "/day_order",
            text=f"{short[0].a:02d}/{short[0].b:02d}",
        )
    return said or DayOrder.DAY_FIRST


def moment_of(one: Written, order: DayOrder, zone: tzinfo) -> datetime | None:
    """The time in its zone; None for a day that the calendar has not got."""
    month, day = (one.a, one.b) if one.is_iso or order is DayOrder.MONTH_FIRST else (one.b, one.a)
    try:
        return datetime(one.year, month, day, one.hour, one.minute, one.second, tzinfo=zone)
    except ValueError:
        return None


def zone_in(text: str, usual: ZoneInfo) -> tuple[tzinfo, str]:
    """The zone that a head names, with its name; else the one that is usual where the logger was read."""
    found = _OFFSET.search(text)
    if found is None:
        return usual, usual.key
    minutes = int(found[2]) * 60 + int(found[3] or 0)
    offset = timezone(timedelta(minutes=-minutes if found[1] == "-" else minutes))
    return offset, f"UTC{found[1]}{minutes // 60:02d}:{minutes % 60:02d}"
