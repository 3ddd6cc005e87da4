"""A workbook of Excel (.xlsx) as rows of texts, read as it is unpacked. Pure.

Values as they were calculated last; formulas are not looked at. What is unpacked is counted, and a token of
XML that never ends is no workbook.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from decimal import InvalidOperation
from xml.parsers import expat
from zipfile import BadZipFile, ZipFile

from portal.kernel.archives import TooMuch, opened, parse, unpacked
from portal.kernel.old_workbooks import number_text

COLUMNS_MAX = 60  # what stands further to the right is no part of a ledger
SHEETS_MAX = 5  # looked at in a workbook
TEXT_MAX = 300
BROKEN = (BadZipFile, TooMuch, expat.ExpatError, ValueError, LookupError, InvalidOperation)
"""What reading a workbook that is none may raise."""
Row = tuple[int, list[str]]
_UNPACKED_MAX = 512 * 2**20
_STRINGS_MAX = 64 * 2**20
_TOKEN_MAX = 2**21
_CELL_MAX = 32_767  # characters; no cell of Excel holds more
_ROWS_OF_EXCEL = 2**20
_PARTS_MAX = 500


def workbook_sheets(content: bytes) -> Iterator[Iterator[Row]]:
    """The first sheets, one before the next. Raises one of `BROKEN`, also while they are read."""
    with opened(content, members_max=_PARTS_MAX) as book:
        names = set(book.namelist())
        paths = _sheet_paths(book, names)
        strings = _strings(book) if "xl/sharedStrings.xml" in names else []
        for path in paths[:SHEETS_MAX]:
            yield _sheet_rows(book, path, strings)


def _sheet_paths(book: ZipFile, names: set[str]) -> list[str]:
    order: list[str] = []
    targets: dict[str, str] = {}

    def sheet(name: str, attributes: dict[str, str]) -> None:
        if name == "sheet":
            order.extend(value for key, value in attributes.items() if key.rpartition(":")[2] == "id")

    def relation(name: str, attributes: dict[str, str]) -> None:
        if name == "Relationship":
            targets[attributes.get("Id", "")] = attributes.get("Target", "")

    parse(_part(book, "xl/workbook.xml"), sheet)
    if "xl/_rels/workbook.xml.rels" in names:
        parse(_part(book, "xl/_rels/workbook.xml.rels"), relation)
    found = [targets.get(one, "") for one in order]
    paths = [one.lstrip("/") if one.startswith("/") else f"xl/{one}" for one in found]
    return [path for path in paths if path in names] or ["xl/worksheets/sheet1.xml"]


def _part(book: ZipFile, name: str) -> bytes:
    return b"".join(unpacked(book, book.getinfo(name), at_most=_STRINGS_MAX))


def _strings(book: ZipFile) -> list[str]:
    texts: list[str] = []
    now: list[str] = []
    reads = [False, False]  # within a text, within a reading beside it

    def start(name: str, _: dict[str, str]) -> None:
        if name == "si":
            now.clear()
        elif name == "rPh":
            reads[1] = True
        elif name == "t":
            reads[0] = not reads[1]

    def end(name: str) -> None:
        if name == "si":
            texts.append("".join(now).strip()[:TEXT_MAX])
        elif name == "rPh":
            reads[1] = False
        elif name == "t":
            reads[0] = False

    def text(said: str) -> None:
        if reads[0]:
            now.append(said)

    parse(_part(book, "xl/sharedStrings.xml"), start, end, text)
    return texts


def _sheet_rows(book: ZipFile, path: str, strings: list[str]) -> Iterator[Row]:
    """Rows as their part is unpacked: what has been read of a sheet is given out before more of it is."""
    sheet = _Sheet(strings)
    parser = _parser(sheet.start, sheet.end, sheet.text)
    since = 0
    for piece in unpacked(book, book.getinfo(path), at_most=_UNPACKED_MAX):
        sheet.seen = False
        parser.Parse(piece, False)
        since = 0 if sheet.seen else since + len(piece)
        if since > _TOKEN_MAX:
            raise ValueError("a token without an end")
        yield from sheet.taken()
    parser.Parse(b"", True)
    yield from sheet.taken()


def _parser(
    start: Callable[[str, dict[str, str]], None], end: Callable[[str], None], text: Callable[[str], None]
) -> expat.XMLParserType:
    def no_doctype(*_: object) -> None:
        raise ValueError("a document type")

    parser = expat.ParserCreate()
    parser.buffer_text = True
    parser.StartDoctypeDeclHandler = no_doctype
    parser.StartElementHandler = lambda name, attributes: start(name.rpartition(":")[2], attributes)
    parser.EndElementHandler = lambda name: end(name.rpartition(":")[2])
    parser.CharacterDataHandler = text
    return parser


class _Sheet:
    """The rows of a sheet that were read and not yet given out."""

    def __init__(self, strings: list[str]) -> None:
        self.seen = False
        self._strings = strings
        self._rows: list[Row] = []
        self._number = self._count = 0
        self._texts: list[str] = []
        self._column = -1
        self._kind = ""
        self._parts: list[str] = []
        self._length = 0
        self._reads = False

    def taken(self) -> list[Row]:
        """Give out what was read."""
        rows, self._rows = self._rows, []
        return rows

    def start(self, name: str, attributes: dict[str, str]) -> None:
        """An element begins."""
        self.seen = True
        if name == "c":
            reference = attributes.get("r")
            self._column = self._column + 1 if reference is None else _column(reference)
            self._kind, self._parts, self._length = attributes.get("t", "n"), [], 0
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
        self.seen = True
        if self._reads:
            self._length += len(text)
            if self._length > _CELL_MAX:
                raise ValueError("a cell without an end")
            self._parts.append(text)

    def _value(self, raw: str) -> str:
        if self._kind == "s" and raw:
            return self._strings[int(raw)]
        if self._kind == "n" and raw:
            return number_text(raw)
        return "" if self._kind == "e" else raw.strip()[:TEXT_MAX]


def _column(reference: str) -> int:
    place = 0
    for letter in reference:
        if not "A" <= letter <= "Z":
            break
        place = place * 26 + ord(letter) - 64
    return place - 1
