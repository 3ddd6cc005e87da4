"""A workbook of Excel (.xlsx) as rows of texts, read as it is unpacked. Pure.

Values as they were calculated last; formulas are not looked at, and a cell with an error says so as Excel
does (``#REF!``). What is unpacked is counted, and a token of XML that never ends is no workbook. Who looks
only at the first rows unpacks no more than those.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from decimal import InvalidOperation
from xml.parsers import expat
from zipfile import BadZipFile, ZipFile

from portal.kernel.archives import Allowance, TooMuch, opened, parse, unpacked
from portal.kernel.old_workbooks import number_text
from portal.kernel.workbook_days import Days, days_of

COLUMNS_MAX = 60  # what stands further to the right is no part of a table
SHEETS_MAX = 5  # looked at in a workbook
TEXT_MAX = 300
UNPACKED_MAX = 512 * 2**20
"""Bytes that a sheet unpacks to."""
BROKEN = (BadZipFile, TooMuch, expat.ExpatError, ValueError, LookupError, InvalidOperation)
"""What reading a workbook that is none may raise."""
Row = tuple[int, list[str]]
_ALLOWANCE = 33_000_000
"""What is read of a workbook: 200,000 rows of fifteen cells, each with value, place, style and kind."""
_STRINGS_MAX = 64 * 2**20
_INDEX_MAX = 2**20  # bytes of the list of sheets
_TOKEN_MAX = 2**21
_CELL_MAX = 32_767  # characters; no cell of Excel holds more
_ROWS_OF_EXCEL = 2**20
_COLUMNS_OF_EXCEL = 2**14
_PARTS_MAX = 500
_STRINGS = "xl/sharedStrings.xml"


def opened_workbook(content: bytes) -> ZipFile:
    """The parts of a workbook. Raises one of `BROKEN`."""
    return opened(content, members_max=_PARTS_MAX)


def workbook_sheets(content: bytes, *, at_most: int = UNPACKED_MAX) -> Iterator[Iterator[Row]]:
    """The first sheets, one before the next. at_most: bytes that are unpacked of one.

    Raises one of `BROKEN`, also while they are read.
    """
    allowance = Allowance(_ALLOWANCE)
    with opened_workbook(content) as book:
        strings = SharedStrings(book, allowance, at_most=min(at_most, _STRINGS_MAX), text_max=TEXT_MAX)
        days = days_of(book)
        for path in sheet_paths(book)[:SHEETS_MAX]:
            yield _sheet_rows(book, path, _Sheet(strings, days), at_most, allowance)


def sheet_paths(book: ZipFile) -> list[str]:
    """The parts that hold the sheets, in the order in which they stand, whatever they are called."""
    names = set(book.namelist())
    order: list[str] = []
    targets: dict[str, str] = {}

    def sheet(name: str, attributes: dict[str, str]) -> None:
        if name == "sheet":
            order.extend(value for key, value in attributes.items() if key.rpartition(":")[2] == "id")

    def relation(name: str, attributes: dict[str, str]) -> None:
        if name == "Relationship":
            targets[attributes.get("Id", "")] = attributes.get("Target", "")

    parse(_index(book, "xl/workbook.xml"), sheet)
    if "xl/_rels/workbook.xml.rels" in names:
        parse(_index(book, "xl/_rels/workbook.xml.rels"), relation)
    found = [targets.get(one, "") for one in order]
    paths = [one.lstrip("/") if one.startswith("/") else f"xl/{one}" for one in found]
    return [path for path in paths if path in names] or ["xl/worksheets/sheet1.xml"]


def _index(book: ZipFile, name: str) -> bytes:
    return b"".join(unpacked(book, book.getinfo(name), at_most=_INDEX_MAX))


class SharedStrings:
    """The texts that cells share, without the readings that stand beside some; unpacked so far as asked."""

    def __init__(
        self,
        book: ZipFile,
        allowance: Allowance,
        *,
        at_most: int = _STRINGS_MAX,
        text_max: int = _CELL_MAX,
    ) -> None:
        self._texts: list[str] = []
        self._now: list[str] = []
        self._text_max = text_max
        self._length = 0
        self._inside = self._reading = False
        self._pieces: Iterator[bytes] = iter(())
        if _STRINGS in book.namelist():
            self._pieces = unpacked(book, book.getinfo(_STRINGS), at_most=at_most)
        self._fed = Fed(self._start, self._end, self._text, allowance)

    def __getitem__(self, place: int) -> str:
        """Raises LookupError for one that is not there."""
        if place < 0:
            raise LookupError(place)
        while len(self._texts) <= place:
            piece = next(self._pieces, None)
            if piece is None:
                raise LookupError(place)
            self._fed.feed(piece)
        return self._texts[place]

    def _start(self, name: str, _: dict[str, str]) -> None:
        if name == "si":
            self._now, self._length = [], 0
        elif name == "rPh":
            self._reading = True
        elif name == "t":
            self._inside = not self._reading

    def _end(self, name: str) -> None:
        if name == "si":
            self._texts.append("".join(self._now).strip()[: self._text_max])
        elif name == "rPh":
            self._reading = False
        elif name == "t":
            self._inside = False

    def _text(self, text: str) -> None:
        self._length += len(text)
        if self._length > _CELL_MAX:
            raise ValueError("a text without an end")
        if self._inside:
            self._now.append(text)


class Fed:
    """A parser that is fed in pieces, names without their prefixes; a token without an end is refused."""

    def __init__(
        self,
        start: Callable[[str, dict[str, str]], None],
        end: Callable[[str], None],
        text: Callable[[str], None],
        allowance: Allowance,
    ) -> None:
        self._seen, self._since = False, 0

        def no_doctype(*_: object) -> None:
            raise ValueError("a document type")

        def started(name: str, attributes: dict[str, str]) -> None:
            self._seen = True
            allowance.spend(len(attributes))
            start(name.rpartition(":")[2], attributes)

        def said(text_: str) -> None:
            self._seen = True
            text(text_)

        self._parser = expat.ParserCreate()
        self._parser.buffer_text = True
        self._parser.StartDoctypeDeclHandler = no_doctype
        self._parser.StartElementHandler = started
        self._parser.EndElementHandler = lambda name: end(name.rpartition(":")[2])
        self._parser.CharacterDataHandler = said

    def feed(self, piece: bytes) -> None:
        """Go on. Raises ExpatError, ValueError."""
        self._seen = False
        self._parser.Parse(piece, False)
        self._since = 0 if self._seen else self._since + len(piece)
        if self._since > _TOKEN_MAX:
            raise ValueError("a token without an end")

    def end(self) -> None:
        """That was all."""
        self._parser.Parse(b"", True)


def _sheet_rows(book: ZipFile, path: str, sheet: _Sheet, at_most: int, allowance: Allowance) -> Iterator[Row]:
    """Rows as their part is unpacked: what has been read of a sheet is given out before more of it is."""
    fed = Fed(sheet.start, sheet.end, sheet.text, allowance)
    for piece in unpacked(book, book.getinfo(path), at_most=at_most):
        fed.feed(piece)
        yield from sheet.taken()
    fed.end()
    yield from sheet.taken()


class _Sheet:
    """The rows of a sheet that were read and not yet given out."""

    def __init__(self, strings: SharedStrings, days: Days) -> None:
        self._strings, self._days = strings, days
        self._rows: list[Row] = []
        self._number = self._count = 0
        self._texts: list[str] = []
        self._column = -1
        self._kind = self._style = ""
        self._parts: list[str] = []
        self._length = 0
        self._reads = False

    def taken(self) -> list[Row]:
        """Give out what was read."""
        rows, self._rows = self._rows, []
        return rows

    def start(self, name: str, attributes: dict[str, str]) -> None:
        """An element begins."""
        if name == "c":
            reference = attributes.get("r")
            self._column = self._column + 1 if reference is None else column_of(reference)
            self._kind, self._parts, self._length = attributes.get("t", "n"), [], 0
            self._style = attributes.get("s", "0")
        elif name in ("v", "t"):
            self._reads = True
        elif name == "row":
            self._count += 1
            number = int(attributes.get("r", self._number + 1))
            if number <= self._number or self._count > _ROWS_OF_EXCEL:
                raise ValueError("rows that do not follow one another")
            self._number = number
            self._texts, self._column = [], -1

    def end(self, name: str) -> None:
        """An element ends."""
        if name in ("v", "t"):
            self._reads = False
        elif name == "c":
            value = self._value("".join(self._parts))
            if self._column < len(self._texts):
                raise ValueError("a cell that stands before another")
            if value and self._column < COLUMNS_MAX:
                self._texts += [""] * (self._column - len(self._texts)) + [value]
        elif name == "row":
            self._rows.append((self._number, self._texts))

    def text(self, text: str) -> None:
        """Text within an element."""
        if self._reads:
            self._length += len(text)
            if self._length > _CELL_MAX:
                raise ValueError("a cell without an end")
            self._parts.append(text)

    def _value(self, raw: str) -> str:
        if self._kind == "s" and raw:
            return self._strings[int(raw)]
        if self._kind == "n" and raw:
            return number_text(self._days.moved(raw, self._style))
        return raw.strip()[:TEXT_MAX]


def column_of(reference: str) -> int:
    """The column of a cell from 0: 5 for ``F7312``; -1 for what names none.

    Raises ValueError for one that no workbook has: letters without an end would be counted for hours.
    """
    place = 0
    for letter in reference:
        if not "A" <= letter <= "Z":
            break
        place = place * 26 + ord(letter) - 64
        if place > _COLUMNS_OF_EXCEL:
            raise ValueError("a column that no workbook has")
    return place - 1
