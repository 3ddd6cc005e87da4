"""The days of a year in a file, read row by row: date, working or off, and their names. Pure."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from portal.kernel import typed
from portal.kernel.errors import N_, Fault, Invalid
from portal.kernel.searching import folded
from portal.kernel.spreadsheet import Table, place_of
from portal.workdays.day_rules import DAYS_MAX, NamedDay, day_faults

HEADS: Mapping[str, str] = {
    **dict.fromkeys(("date", "day", "日期", "日"), "day"),
    **dict.fromkeys(("working", "work", "is working", "worked", "上班", "是否上班", "工作日"), "working"),
    **dict.fromkeys(
        ("name", "name of the day", "名称", "中文名称", "节假日", "name (zh)", "name_zh"), "name_zh"
    ),
    **dict.fromkeys(("english name", "英文名称", "name (en)", "name_en"), "name_en"),
}
"""What may stand above a column, folded, and what it holds."""
_YES = frozenset(
    {"yes", "y", "true", "1", "work", "working", "worked", "是", "上班", "班", "调休上班", "补班"}
)
_NO = frozenset({"no", "n", "false", "0", "off", "holiday", "rest", "否", "休", "休息", "放假", "节假日"})
_MISSING = {
    "day": N_("The column with the dates is missing."),
    "working": N_("The column that says working or off is missing."),
}


@dataclass(frozen=True, slots=True)
class SheetRow:
    """A row of the file. said: the cells as they stand there. day: what it says; None where it is refused."""

    row: int
    said: tuple[str, ...]
    day: NamedDay | None
    faults: tuple[Fault, ...] = ()


def read_days(table: Table) -> list[SheetRow]:
    """Every row below the head, with what is wrong with it.

    Raises Invalid for a file that is no such table.
    """
    if len(table.rows) < 2:
        message, fix = N_("The file is empty."), N_("Fill in the template, a day a row.")
        raise Invalid(faults=[Fault("/file", "empty_table", message, fix)])
    if len(table.rows) > DAYS_MAX + 1:
        message, fix = N_("A table has 1 to %(max)s days."), N_("Import a year at a time.")
        raise Invalid(faults=[Fault("/file", "rows", message, fix, {"max": DAYS_MAX})])
    places = _columns(table.rows[0][1])
    wrong = {found[0] for fault in table.faults if (found := place_of(fault))}
    seen: dict[date, int] = {}
    rows = []
    for number, cells in table.rows[1:]:
        row = _row(number, cells, places, is_plain=number not in wrong)
        if row.day is not None:
            row = _once(row, seen)
        rows.append(row)
    return rows


def read_working(text: str) -> bool:
    """Whether a day is worked. Raises Misread."""
    word = unicodedata.normalize("NFKC", text).strip().casefold()
    if word not in _YES | _NO:
        message, fix = N_("This says neither working nor off."), N_("Enter 1 for working, 0 for off.")
        raise typed.Misread("flag", message, fix)
    return word in _YES


def _columns(heads: list[str]) -> dict[str, int]:
    places: dict[str, int] = {}
    for place, head in enumerate(heads):
        if name := HEADS.get(folded(head).strip().lstrip("\ufeff")):
            places.setdefault(name, place)
    missing = [message for name, message in _MISSING.items() if name not in places]
    if missing:
        fix = N_("Take the heads of the template.")
        raise Invalid(faults=[Fault("/file", "missing_column", message, fix) for message in missing])
    return places


def _row(number: int, cells: list[str], places: Mapping[str, int], *, is_plain: bool) -> SheetRow:
    told = {name: cells[place] if place < len(cells) else "" for name, place in places.items()}
    said = tuple(told.get(name, "") for name in ("day", "working", "name_zh", "name_en"))
    if not is_plain:
        message, fix = (
            N_("A cell holds a formula, an error or a long text."),
            N_("Copy and paste the values."),
        )
        return SheetRow(number, said, None, (Fault("", "cell_no_value", message, fix),))
    faults: list[Fault] = []
    day = typed.field(typed.sheet_day, said[0], "/day", faults)
    working = typed.field(read_working, said[1], "/working", faults)
    if day is None or working is None:
        return SheetRow(number, said, None, tuple(faults))
    named = NamedDay(day, working, said[2].strip(), said[3].strip())
    faults = day_faults("", named)
    return SheetRow(number, said, None if faults else named, tuple(faults))


def _once(row: SheetRow, seen: dict[date, int]) -> SheetRow:
    assert row.day is not None
    first = seen.setdefault(row.day.day, row.row)
    if first == row.row:
        return row
    message, fix = N_("This day stands in row %(row)s already."), N_("Take one of them out.")
    return SheetRow(row.row, row.said, None, (Fault("/day", "twice", message, fix, {"row": first}),))
