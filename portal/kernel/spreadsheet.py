"""A table that somebody uploads, CSV or an Excel workbook, as rows of texts; nothing is calculated. Pure.

CSV in UTF-8, with or without a byte-order mark, in GBK (read as its superset GB 18030) or in UTF-16, as
Excel saves it; fields by comma or tab. Of a workbook the first sheet. Cells are named as people see them,
``F7312``. What was calculated or merged is refused: nobody could tell which value somebody meant. A number of
more digits than Excel keeps reads as Excel shows it, ``8.93901E+18``: see `portal.kernel.rounded`.

A file is data of a stranger: what it unpacks to, its rows, columns and texts are bounded before they are
read, and XML that declares a document type is no workbook.
"""

from __future__ import annotations

import csv
import io
import re
from dataclasses import dataclass, field
from decimal import Decimal

from portal.kernel.archives import Allowance, TooMuch, unpacked
from portal.kernel.decoding import decoded
from portal.kernel.errors import N_, Fault, Invalid
from portal.kernel.rounded import is_long, long_number
from portal.kernel.workbook_days import Days, days_of
from portal.kernel.workbooks import BROKEN, Fed, SharedStrings, column_of, opened_workbook, sheet_paths

ROWS_MAX = 10_001  # with the head
COLUMNS_MAX = 60
TEXT_MAX = 500  # characters of a cell
FAULTS_MAX = 20_000  # cells that hold no plain value; more than two of each row
TOO_LONG, MERGED = "cell_long", "merged"
"""Codes of faults of cells that hold a plain value all the same."""
_UNPACKED_MAX = 64 * 2**20  # bytes of one part of a workbook
_ALLOWANCE = 7_000_000
"""What is read of a workbook: every cell of the largest table, each with value, place, style and kind."""
_CELLS_MAX = 1_000_000  # of a CSV, the empty ones too; separators within quotes count
_REFERENCE = re.compile(r"([A-Z]{1,3})([0-9]{1,7})")


@dataclass
class Table:
    """Rows of texts by their number in the file, from 1; what is empty is an empty text.

    faults: of cells that hold no plain value, with their names as pointers.
    """

    rows: list[tuple[int, list[str]]] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)


def read_table(content: bytes) -> Table:
    """The rows of a file that have something in them. Raises Invalid for a file that is no table."""
    if is_workbook(content):
        return _workbook(content)
    return _csv(content)


def place_of(fault: Fault) -> tuple[int, int] | None:
    """The row of a cell that a fault points to, and its column from 0; None where it points to none."""
    found = _REFERENCE.fullmatch(fault.pointer.lstrip("/"))
    return None if found is None else (int(found[2]), _column(found[0], 0))


def cell_name(row: int, column: int) -> str:
    """``F7312`` of row 7312 and column 5, from 0."""
    return f"{column_name(column)}{row}"


def column_name(column: int) -> str:
    """``F`` of column 5, from 0."""
    letters = ""
    column += 1
    while column:
        column, rest = divmod(column - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


def _unreadable(code: str, message: str, fix: str, **params: object) -> Invalid:
    return Invalid(code, message, fix=fix, faults=[Fault("/file", code, message, fix, params)], **params)


def _fault(table: Table, fault: Fault) -> None:
    """Add what is wrong with a cell. Raises Invalid beyond the bound."""
    if len(table.faults) >= FAULTS_MAX:
        message = N_("More than %(max)s cells hold a formula, an error or too much, or are merged.")
        raise _unreadable("faults_max", message, N_("Copy and paste the values."), max=FAULTS_MAX)
    table.faults.append(fault)


def _add(table: Table, number: int, texts: list[str]) -> None:
    """Add a row within the bounds. Raises Invalid beyond them."""
    while texts and not texts[-1]:
        texts.pop()
    if not texts:
        return
    if len(texts) > COLUMNS_MAX:
        raise _unreadable(
            "columns_max",
            N_("Row %(row)s has more than %(max)s columns."),
            N_("Take out what does not belong to the table."),
            row=number,
            max=COLUMNS_MAX,
        )
    if len(table.rows) >= ROWS_MAX:
        raise _unreadable(
            "rows_max", N_("The file has more than %(max)s rows."), N_("Divide it."), max=ROWS_MAX - 1
        )
    for column, text in enumerate(texts):
        if len(text) > TEXT_MAX:
            message = N_("A cell has at most %(max)s characters.")
            at = f"/{cell_name(number, column)}"
            _fault(table, Fault(at, TOO_LONG, message, params={"max": TEXT_MAX}))
    table.rows.append((number, texts))


def _csv(content: bytes) -> Table:
    table, text = Table(), text_of(content)
    try:
        first = text.partition("\n")[0]
        delimiter = "\t" if first.count("\t") > first.count(",") else ","
        if sum(map(text.count, (delimiter, "\n", "\r"))) > _CELLS_MAX:
            raise _too_much()
        reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
        for number, texts in enumerate(reader, start=1):
            for column, cell in enumerate(texts):
                if cell.lstrip().startswith(("=", "＝")):
                    _fault(table, _formula(number, column))
            _add(table, number, [_plain(cell) for cell in texts])
    except csv.Error:
        raise _no_table() from None
    return table


def _too_much() -> Invalid:
    message = N_("The file holds more than is read of a table, counting the empty cells.")
    return _unreadable("too_much", message, N_("Copy what belongs to the table into a new file."))


def text_of(content: bytes) -> str:
    """The text of a file, in UTF-8, UTF-16 or GBK. Raises Invalid for one that holds none."""
    try:
        text = decoded(content)
    except UnicodeDecodeError:
        raise _no_table() from None
    if "\x00" in text:
        raise _no_table()
    return text


def is_workbook(content: bytes) -> bool:
    """Whether a file is a workbook of Excel, and no text."""
    return content.startswith(b"PK")


def _no_table() -> Invalid:
    fix = N_("Save it as an Excel workbook (.xlsx) or as CSV, in UTF-8 or GBK.")
    return _unreadable("not_a_table", N_("This file is no table that could be read."), fix)


def _plain(cell: str) -> str:
    """Without blanks around and the apostrophe that our files put before a formula's character."""
    text = cell.strip()
    return text[1:] if text[:1] == "'" and text[1:2] in tuple("=+-@＝＋－＠") else text


def _formula(row: int, column: int) -> Fault:
    message, fix = N_("This cell holds a formula."), N_("Copy and paste its value.")
    return Fault(f"/{cell_name(row, column)}", "formula", message, fix)


# Workbooks


def _workbook(content: bytes) -> Table:
    try:
        with opened_workbook(content) as book:
            allowance = Allowance(_ALLOWANCE)
            sheet = _Sheet(SharedStrings(book, allowance), days_of(book))
            fed = Fed(sheet.start, sheet.end, sheet.text, allowance)
            part = book.getinfo(sheet_paths(book)[0])
            for piece in unpacked(book, part, at_most=_UNPACKED_MAX):
                fed.feed(piece)
            fed.end()
            return sheet.table
    except TooMuch:
        raise _too_much() from None
    except BROKEN:
        raise _no_table() from None


class _Sheet:
    """The rows of a sheet, and the cells of it that hold no plain value."""

    def __init__(self, shared: SharedStrings, days: Days) -> None:
        self.table = Table()
        self._shared, self._days = shared, days
        self._row = 0
        self._texts: list[str] = []
        self._column = -1
        self._kind = self._style = ""
        self._parts: list[str] = []
        self._reads = False

    def start(self, name: str, attributes: dict[str, str]) -> None:
        """An element begins."""
        if name == "row":
            self._row = int(attributes.get("r", self._row + 1))
            self._texts, self._column = [], -1
        elif name == "c":
            self._column = _column(attributes.get("r"), self._column + 1)
            self._kind, self._parts = attributes.get("t", "n"), []
            self._style = attributes.get("s", "0")
        elif name in ("v", "t"):
            self._reads = True
        elif name == "f":
            _fault(self.table, _formula(self._row, self._column))
        elif name == "mergeCell":
            first = attributes.get("ref", "").partition(":")[0]
            message, fix = N_("This cell is merged with others."), N_("Split it and fill in every cell.")
            _fault(self.table, Fault(f"/{first}", MERGED, message, fix))

    def end(self, name: str) -> None:
        """An element ends."""
        if name in ("v", "t"):
            self._reads = False
        elif name == "c":
            value = self._value("".join(self._parts))
            if value:
                if self._column >= COLUMNS_MAX:
                    _add(self.table, self._row, [*self._texts, *[""] * COLUMNS_MAX, value])
                self._texts += [""] * (self._column - len(self._texts)) + [value]
        elif name == "row":
            _add(self.table, self._row, self._texts)

    def text(self, text: str) -> None:
        """Text within an element."""
        if self._reads:
            self._parts.append(text)

    def _value(self, raw: str) -> str:
        if self._kind == "s" and raw:
            return self._shared[int(raw)]
        if self._kind == "e":
            message, fix = N_("This cell holds an error."), N_("Enter a value.")
            at = f"/{cell_name(self._row, self._column)}"
            _fault(self.table, Fault(at, "cell_error", message, fix))
            return ""
        if self._kind == "n" and raw:
            return _number(self._days.moved(raw, self._style))
        return raw.strip()


def _column(reference: str | None, otherwise: int) -> int:
    if reference is None:
        return otherwise
    found = _REFERENCE.fullmatch(reference)
    if found is None:
        raise ValueError(reference)
    return column_of(found[1])


def _number(raw: str) -> str:
    """As Excel shows it: 19.9 is stored as 19.899999999999999."""
    number = Decimal(repr(float(raw)))
    if not number.is_finite():
        raise ValueError(raw)
    if is_long(number):
        return long_number(number)
    return f"{number.quantize(Decimal(1)) if number == number.to_integral_value() else number:f}"
