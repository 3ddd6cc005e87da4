"""What a logger's file says, whatever form it has. Pure."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, tzinfo
from decimal import Decimal
from enum import StrEnum

from portal.coldchain.rules import DayExtremes, Reading, Trace, usual_interval
from portal.kernel.errors import N_, Fault, Invalid

READINGS_MAX = 50_000
CELL_MAX = 200  # characters of a cell or of a line about the device
COLDEST, HOTTEST = Decimal(-200), Decimal(150)
MISSING = frozenset({"", "-", "--", "---", "--.-", "nan", "n/a", "null", "err", "error"})
"""What loggers write in place of a reading that they have not got: it is no 0."""


class Unit(StrEnum):
    """What a logger measures in."""

    CELSIUS = "C"
    FAHRENHEIT = "F"


class DayOrder(StrEnum):
    """How 05/06/09 is meant."""

    DAY_FIRST = "dmy"
    MONTH_FIRST = "mdy"


@dataclass(frozen=True, slots=True)
class LoggerFile:
    """One logger's file. unit: what it was written in; the trace is in °C. zone: of its times, as it was said
    or taken. missing: rows without a reading. alarms: the device's own, by its own limits.
    """

    device: str
    serial: str
    unit: Unit
    zone: str
    trace: Trace
    missing: int = 0
    alarms: tuple[str, ...] = ()


def trace_of(readings: list[Reading], zone: tzinfo, days: tuple[DayExtremes, ...] = ()) -> Trace:
    """Readings in order of time, with their usual interval. Raises Invalid for none or too many."""
    if not readings and not days:
        raise refusal("no_readings", N_("There is no temperature in this file."))
    if len(readings) > READINGS_MAX:
        raise too_many_readings()
    ordered = tuple(sorted(readings, key=lambda one: one.at))
    return Trace(ordered, tuple(sorted(days, key=lambda day: day.on)), usual_interval(ordered), zone)


def celsius(text: str, unit: Unit) -> Decimal | None:
    """A temperature in °C, to a hundredth; None for what is no temperature."""
    plain = text.strip().lstrip("+").replace("−", "-")
    try:
        value = Decimal(plain)
        if not value.is_finite():
            return None
        if unit is Unit.FAHRENHEIT:
            value = (value - 32) * 5 / 9
    except ArithmeticError:
        return None
    return value.quantize(Decimal("0.01")) if COLDEST <= value <= HOTTEST else None


def moment_or_none(text: str, pattern: str) -> datetime | None:
    """A time as `strptime` reads it."""
    try:
        return datetime.strptime(text.strip(), pattern)
    except ValueError:
        return None


def refusal(code: str, message: str, fix: str = "", pointer: str = "/file", **params: object) -> Invalid:
    """A file that cannot be read, or not without an answer to a question beside it."""
    fix = fix or N_("Export the file from the logger's own program and send it as it is.")
    return Invalid(code, message, fix=fix, faults=[Fault(pointer, code, message, fix, params)], **params)


def too_many_readings() -> Invalid:
    """A file of more than is kept of one logger."""
    return refusal("readings_max", N_("The file has more readings than a transport takes."))


def cell_long(row: int) -> Invalid:
    """A text longer than any that a logger writes."""
    message = N_("Row %(row)s holds a text of more than %(max)s characters.")
    return refusal("cell_long", message, row=row, max=CELL_MAX)


Localized = Callable[[datetime], datetime]
"""A time of the logger's clock with its zone."""
