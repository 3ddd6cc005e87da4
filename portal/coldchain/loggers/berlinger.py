"""Berlinger's loggers (Q-tag, Fridge-tag): indented keys, days with their extremes, readings by tabs. Pure.

A Q-tag measures in °C and does not say so; a Fridge-tag says it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

from portal.coldchain.loggers.file import (
    CELL_MAX,
    MISSING,
    READINGS_MAX,
    Localized,
    LoggerFile,
    Unit,
    cell_long,
    celsius,
    moment_or_none,
    refusal,
    too_many_readings,
    trace_of,
)
from portal.coldchain.rules import DayExtremes, Reading
from portal.kernel.errors import N_

_LINES_MAX = 2 * READINGS_MAX
_KEY = re.compile(r"^\s*([A-Za-z][\w /]*?):\s*(.*)$")
_ALARMED = re.compile(r"\bTS A:\s*(\d[\d: -]*\d)")
_DAY_EDGE = re.compile(r"^\s*(Min|Max) T:\s*([+-]?\d+(?:\.\d+)?|[-.]+)")


@dataclass
class _Read:
    keys: dict[str, str] = field(default_factory=dict)
    edges: dict[date, dict[str, Decimal]] = field(default_factory=dict)
    readings: list[Reading] = field(default_factory=list)
    missing: int = 0
    alarms: list[str] = field(default_factory=list)


def is_berlinger(text: str) -> bool:
    """Whether a text is of this form."""
    return text.startswith("Device: Q-tag")


def read_berlinger(text: str, localized: Localized, zone: ZoneInfo) -> LoggerFile:
    """A logger's file. Raises Invalid."""
    _check_bounds(text)
    head, _, data = text.partition("\nData:")
    read = _Read()
    unit = Unit.FAHRENHEIT if re.search(r"^[ \t]*Temp unit:[ \t]*F", head, re.MULTILINE) else Unit.CELSIUS
    _read_head(head.splitlines(), read, unit)
    for number, line in _data_lines(data):
        _read_line(number, line, read, unit, localized)
    days = tuple(
        DayExtremes(on, edge["Min"], edge["Max"]) for on, edge in read.edges.items() if len(edge) == 2
    )
    trace = trace_of(read.readings, zone, days)
    device = read.keys.get("Device", "")
    return LoggerFile(
        device, read.keys.get("Serial", ""), unit, zone.key, trace, read.missing, tuple(read.alarms)
    )


def _check_bounds(text: str) -> None:
    """Raise Invalid for more than a logger writes, before any pattern sees it."""
    if text.count("\n") > _LINES_MAX:
        raise too_many_readings()
    for number, line in enumerate(text.splitlines(), start=1):
        if len(line) > CELL_MAX:
            raise cell_long(number)


def _read_head(lines: list[str], read: _Read, unit: Unit) -> None:
    on: date | None = None
    for line in lines:
        if found := _DAY_EDGE.match(line):
            value = celsius(found[2], unit)
            if on is not None and value is not None:
                read.edges.setdefault(on, {})[found[1]] = value
        elif alarmed := _ALARMED.search(line):
            read.alarms.append(f"{on} {alarmed[1]}" if on is not None else alarmed[1])
        elif key := _KEY.match(line):
            if key[1] == "Date":
                at = moment_or_none(key[2], "%Y-%m-%d")
                on = at.date() if at else None
            read.keys.setdefault(key[1].strip(), key[2].strip())


def _data_lines(data: str) -> Iterator[tuple[int, str]]:
    for number, line in enumerate(data.splitlines()):
        if line and not line.startswith("\t"):
            return  # the certificate follows
        if line.strip() and number > 1:
            yield number, line


def _read_line(number: int, line: str, read: _Read, unit: Unit, localized: Localized) -> None:
    cells = line.split("\t")[1:]
    at: datetime | None = moment_or_none(cells[0], "%Y-%m-%d %H:%M") if cells else None
    if at is None or len(cells) < 2:
        raise refusal("row_unreadable", N_("Row %(row)s of the readings cannot be read."), row=number)
    if cells[1].strip().casefold() in MISSING:
        read.missing += 1
        return
    value = celsius(cells[1], unit)
    if value is None:
        raise refusal("row_unreadable", N_("Row %(row)s of the readings cannot be read."), row=number)
    read.readings.append(Reading(localized(at), value))
