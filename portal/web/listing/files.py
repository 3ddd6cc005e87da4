"""Rows into a file for Excel or a CSV, one after the other: memory does not grow with them.

Both write into a file that is open; nothing is complete before the writer returns, so a failure on the way
leaves no half of a list that looks whole.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from io import TextIOWrapper
from tempfile import TemporaryDirectory
from typing import Any, BinaryIO

from xlsxwriter import Workbook
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from portal.web.listing.cells import Cell, plain
from portal.web.listing.declaration import Kind

_FORMATS = {
    Kind.MONEY: "#,##0.00",
    Kind.QUANTITY: "#,##0",
    Kind.SHARE: "0.0%",
    Kind.DATE: "yyyy-mm-dd",
    Kind.MOMENT: "yyyy-mm-dd hh:mm:ss",
}
_AS_TEXT = "@"  # stays text when somebody edits the cell
_WIDTHS = {
    Kind.MONEY: 15,
    Kind.QUANTITY: 10,
    Kind.SHARE: 10,
    Kind.DATE: 12,
    Kind.MOMENT: 20,
    Kind.NAME: 34,
    Kind.FLAG: 8,
    Kind.UNIT: 8,
}
_WIDTH = 18  # characters
_NO_SHEET_NAME = re.compile(r"[\[\]:*?/\\']")
_SHEET_NAME_MAX = 31

Rows = Iterable[Sequence[Cell]]


@dataclass(frozen=True, slots=True)
class Head:
    """What stands above the rows. title: of the list; columns: label and kind."""

    title: str
    columns: tuple[tuple[str, Kind], ...]


def write_csv(file: BinaryIO, head: Head, rows: Rows, note: Callable[[], str | None]) -> None:
    """Write UTF-8 with a byte-order mark, without which Excel in China reads GBK.

    note: asked when all rows are written; what it says becomes a row of its own.
    """
    text = TextIOWrapper(file, encoding="utf-8-sig", newline="")
    out = csv.writer(text)
    kinds = [kind for _, kind in head.columns]
    out.writerow([plain(label, Kind.TEXT) for label, _ in head.columns])
    for row in rows:
        out.writerow([plain(cell, kind) for cell, kind in zip(row, kinds, strict=True)])
    if (said := note()) is not None:
        out.writerow([said])
    text.flush()
    text.detach()  # closing it would close the file


def write_workbook(file: BinaryIO, head: Head, rows: Rows, note: Callable[[], str | None]) -> None:
    """Write a workbook of one sheet with typed cells; texts are never formulas, numbers or links."""
    with TemporaryDirectory(prefix="export-") as folder:  # the rows wait here, also when writing fails
        book = Workbook(file, {"constant_memory": True, "tmpdir": folder})
        sheet = _Sheet(book, head)
        place = 0
        for place, row in enumerate(rows, start=1):
            sheet.write(place, row)
        if (said := note()) is not None:
            sheet.say(place + 1, said)
        book.close()


class _Sheet:
    """The one sheet of a workbook."""

    def __init__(self, book: Workbook, head: Head) -> None:
        self._sheet: Worksheet = book.add_worksheet(
            _NO_SHEET_NAME.sub(" ", head.title)[:_SHEET_NAME_MAX].strip()
        )
        bold = book.add_format({"bold": True, "bottom": 1})
        made = {kind: book.add_format({"num_format": text}) for kind, text in _FORMATS.items()}
        self._text = book.add_format({"num_format": _AS_TEXT})
        self._formats: list[Format] = [made.get(kind, self._text) for _, kind in head.columns]
        for place, (_, kind) in enumerate(head.columns):
            self._sheet.set_column(place, place, _WIDTHS.get(kind, _WIDTH))
        self._sheet.freeze_panes(1, 0)
        for place, (label, _) in enumerate(head.columns):
            self._sheet.write_string(0, place, label, bold)

    def write(self, place: int, row: Sequence[Cell]) -> None:
        """Write a row."""
        for column, cell in enumerate(row):
            if isinstance(cell, str):
                self._sheet.write_string(place, column, cell, self._formats[column])
            elif isinstance(cell, date):  # a datetime is one too
                at = cell if isinstance(cell, datetime) else datetime(cell.year, cell.month, cell.day)
                self._sheet.write_datetime(place, column, at, self._formats[column])
            elif cell is not None:
                number: Any = cell  # a Decimal is taken too, and written with all its digits
                self._sheet.write_number(place, column, number, self._formats[column])

    def say(self, place: int, text: str) -> None:
        """Write a sentence into a row of its own."""
        self._sheet.write_string(place, 0, text, self._text)


WRITERS = {
    "xlsx": (write_workbook, "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
    "csv": (write_csv, "text/csv"),
}
"""Writer and media type by the ending of the file's name."""
