"""Loggers that write a table: some lines about the device, the heads of columns, a row a reading. Pure.

The column is found by its head, never by its place: humidity may stand before the temperature, light too.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice
from zoneinfo import ZoneInfo

from portal.coldchain.loggers.file import (
    CELL_MAX,
    MISSING,
    READINGS_MAX,
    DayOrder,
    LoggerFile,
    Unit,
    cell_long,
    celsius,
    refusal,
    too_many_readings,
    trace_of,
)
from portal.coldchain.loggers.times import Written, day_order, moment_of, time_columns, written_at, zone_in
from portal.coldchain.rules import Reading
from portal.kernel.errors import N_

HEAD_MAX = 60  # lines before the first reading
COLUMNS_MAX = 60
_ROWS_MAX = READINGS_MAX + 10_000
_DEGREE = "[°º˚]"
_IS_TEMPERATURE = re.compile(rf"temp|温度|{_DEGREE}\s*[CF]\b|[℃℉]", re.IGNORECASE)
_IS_NOT = re.compile(r"humid|湿度|dew|露点|%\s*rh$|time", re.IGNORECASE)
_FAHRENHEIT = re.compile(rf"{_DEGREE}\s*F\b|℉|fahrenheit|华氏", re.IGNORECASE)
_CELSIUS = re.compile(rf"{_DEGREE}\s*C\b|℃|celsius|摄氏", re.IGNORECASE)
# What stands between is taken for good (``*+``): tried in every division it would take forever.
_SERIAL = re.compile(
    r"(?:serial(?: number)?|S/N|序列号)[ \t]*+[:=]?+[ \t]*+,*+[ \t]*+([A-Z0-9-]{4,})", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class _Layout:
    """Where things stand. first: the row of the first reading."""

    first: int
    times: tuple[int, ...]
    temperature: int
    head: str
    about_temperature: str


def read_rows(
    rows: Sequence[Sequence[str]], *, unit: Unit | None, order: DayOrder | None, zone: ZoneInfo
) -> LoggerFile:
    """A logger's file from its rows of texts. Raises Invalid."""
    _check_bounds(rows)
    layout = _layout(rows)
    measured_in = _unit(layout.about_temperature, unit)
    written: list[tuple[int, Written, str]] = []
    for number, cells in enumerate(rows[layout.first :], start=layout.first + 1):
        if not any(cell.strip() for cell in cells):
            continue
        at = written_at([cells[place] if place < len(cells) else "" for place in layout.times])
        if at is None:
            raise refusal("row_unreadable", N_("The time in row %(row)s cannot be read."), row=number)
        written.append((number, at, cells[layout.temperature] if layout.temperature < len(cells) else ""))
    meant = day_order([at for _, at, _ in written], order)
    where, zone_name = zone_in(layout.head, zone)
    readings, missing = [], 0
    for number, raw_at, text in written:
        moment = moment_of(raw_at, meant, where)
        if moment is None:
            raise refusal("row_unreadable", N_("The time in row %(row)s cannot be read."), row=number)
        if text.strip().casefold() in MISSING:
            missing += 1
            continue
        value = celsius(text, measured_in)
        if value is None:
            raise refusal("row_unreadable", N_("The temperature in row %(row)s cannot be read."), row=number)
        readings.append(Reading(moment, value))
    serial = _SERIAL.search(layout.head)
    return LoggerFile(
        _device(layout.head),
        serial[1] if serial else "",
        measured_in,
        zone_name,
        trace_of(readings, where),
        missing,
    )


def split_rows(text: str) -> list[list[str]]:
    """The rows of a text whose columns are parted by tab, semicolon or comma. Raises Invalid."""
    sample = text[:20_000]
    delimiter = max("\t;,", key=sample.count)
    try:
        rows = list(islice(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter), _ROWS_MAX + 1))
    except csv.Error:
        raise _no_log() from None
    if delimiter == ";":  # where the comma is for decimals
        rows = [[re.sub(r"^(-?\d+),(\d+)$", r"\1.\2", cell.strip()) for cell in row] for row in rows]
    return rows


def _check_bounds(rows: Sequence[Sequence[str]]) -> None:
    """Raise Invalid for more than a logger writes, before any pattern sees it."""
    if len(rows) > _ROWS_MAX:
        raise too_many_readings()
    for number, cells in enumerate(rows, start=1):
        if len(cells) > COLUMNS_MAX:
            message = N_("Row %(row)s has more than %(max)s columns.")
            raise refusal("columns_max", message, row=number, max=COLUMNS_MAX)
        if any(len(cell) > CELL_MAX for cell in cells):
            raise cell_long(number)


def _layout(rows: Sequence[Sequence[str]]) -> _Layout:
    for place, cells in enumerate(rows[:HEAD_MAX]):
        times = time_columns(cells)
        if times and any(celsius(cell, Unit.CELSIUS) is not None for cell in cells[times[-1] + 1 :]):
            return _columns(rows[:place], place, times, cells)
    raise _no_log()


def _columns(
    head: Sequence[Sequence[str]], first: int, times: tuple[int, ...], cells: Sequence[str]
) -> _Layout:
    heads = [
        " ".join(row[column].strip() for row in head if column < len(row) and row[column].strip())
        for column in range(len(cells))
    ]
    candidates = [
        column
        for column, text in enumerate(heads)
        if column not in times and _IS_TEMPERATURE.search(text) and not _IS_NOT.search(text)
    ]
    numbers = [
        column
        for column in range(times[-1] + 1, len(cells))
        if celsius(cells[column], Unit.CELSIUS) is not None
    ]
    if not candidates and len(numbers) == 1:
        candidates = numbers  # a bare list of times and readings
    if not candidates:
        raise _no_log()
    if len(candidates) > 1:
        raise refusal(
            "several_temperatures",
            N_("The file has %(count)s columns with temperatures."),
            N_("Export one probe at a time."),
            count=len(candidates),
        )
    whole = "\n".join(",".join(row) for row in head)
    # A preamble may give the unit of a channel: "Temperature = °C".
    channel = "\n".join(line for line in whole.splitlines() if re.match(r"\W*temperature\s*[=:]", line, re.I))
    return _Layout(first, times, candidates[0], whole, f"{heads[candidates[0]]}\n{channel}")


def _unit(about: str, said: Unit | None) -> Unit:
    found = {
        unit
        for unit, pattern in ((Unit.FAHRENHEIT, _FAHRENHEIT), (Unit.CELSIUS, _CELSIUS))
        if pattern.search(about)
    }
    if len(found) == 1:
        [unit] = found
        if said is not None and said is not unit:
            raise refusal(
                "another_unit",
                N_("The file itself says that it is in °%(unit)s."),
                N_("Leave the unit to the file."),
                "/unit",
                unit=str(unit),
            )
        return unit
    if said is None:
        raise refusal(
            "unit_missing",
            N_("The file does not say whether it is in °C or °F."),
            N_("Choose the unit, and send the file again."),
            "/unit",
        )
    return said


def _device(head: str) -> str:
    """What the head calls the logger, as far as it can be told."""
    for pattern in (r"^Type,+([^,\n]+)", r"Product:[ \t]*([^,\n]+)", r"Plot Title:[ \t]*([^,\n\"]+)"):
        if found := re.search(pattern, head, re.MULTILINE):
            return found[1].strip()[:60]
    return ""


def _no_log() -> Exception:
    return refusal("not_a_log", N_("This file is no table of times and temperatures that could be read."))
