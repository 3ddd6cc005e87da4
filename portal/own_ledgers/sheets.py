"""A file of somebody else's accounting software as rows of texts, one after the other. Pure.

Excel as it is today and as it was (BIFF8), CSV and tab-separated text in UTF-8, UTF-16 or GBK, whatever the
file is called. Rows are given out as they are read, so that memory does not grow with them. What a stranger's
file unpacks to, its rows and columns are bounded; a token of XML that never ends is no workbook.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from decimal import Decimal, InvalidOperation
from xml.parsers import expat
from zipfile import BadZipFile, ZipFile

import xlrd

from portal.kernel.archives import TooMuch, opened, parse, unpacked
from portal.kernel.errors import N_, Fault, Invalid

SIZE_MAX = 20 * 2**20
ROWS_MAX = 200_000
COLUMNS_MAX = 60  # what stands further to the right is no part of a ledger
SHEETS_MAX = 5  # looked at in a workbook
TEXT_MAX = 300
Row = tuple[int, list[str]]
_UNPACKED_MAX = 512 * 2**20
_STRINGS_MAX = 64 * 2**20
_TOKEN_MAX = 2**21
_PARTS_MAX = 500
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")
_EPOCH = date(1899, 12, 30)


def refused(code: str, message: str, fix: str, **params: object) -> Invalid:
    """A file that is not taken."""
    return Invalid(code, message, fix=fix, faults=[Fault("/file", code, message, fix, params)], **params)


def sheets(content: bytes) -> Iterator[Iterator[Row]]:
    """The sheets of a file, each as rows with something in them, numbered from 1.

    A sheet is read before the next one is asked for. Raises Invalid for what is no table, also while rows are
    read.
    """
    if len(content) > SIZE_MAX:
        message, fix = N_("The file is larger than %(max)s MB."), N_("Export a shorter time.")
        raise refused("file_large", message, fix, max=SIZE_MAX // 2**20)
    if content.startswith(b"PK"):
        return _workbook(content)
    if content.startswith(_OLE):
        if _ENCRYPTED in content:
            raise _locked()
        return _old_workbook(content)
    return iter([_counted(_text_rows(content))])


def _counted(rows: Iterator[Row]) -> Iterator[Row]:
    """Rows with something in them, no more than are taken."""
    for count, (number, texts) in enumerate(_filled(rows), start=1):
        if count > ROWS_MAX:
            message, fix = N_("The file has more than %(max)s rows."), N_("Export a shorter time.")
            raise refused("rows_max", message, fix, max=ROWS_MAX)
        yield number, texts


def _filled(rows: Iterator[Row]) -> Iterator[Row]:
    for number, texts in rows:
        del texts[COLUMNS_MAX:]
        while texts and not texts[-1]:
            texts.pop()
        if texts:
            yield number, texts


def _locked() -> Invalid:
    message = N_("The file is protected by a password, so none of its sheets can be read.")
    return refused("password", message, N_("Save it without a password and upload it again."))


def _no_table() -> Invalid:
    fix = N_("Export it again as Excel or CSV, or save it as .xlsx in Excel.")
    return refused("not_a_table", N_("This file is no table that could be read."), fix)


# Text


def _text_rows(content: bytes) -> Iterator[Row]:
    text = _decoded(content)
    head = text[:4096].lstrip().lower()
    if head.startswith("<") or "<table" in head or "<html" in head:
        where = text[: text.lower().find("<")].count("\n") + 1
        message = N_("The file is a web page (HTML) that is only called a table: see line %(line)s.")
        fix = N_("Open it in Excel, save it as .xlsx and upload that.")
        raise refused("html", message, fix, line=where)
    csv.field_size_limit(2**20)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=_delimiter(head))
    number = 0
    try:
        for cells in reader:
            number += 1
            yield number, [_cell(cell) for cell in cells]
    except csv.Error as error:
        message, fix = N_("Line %(line)s cannot be read as a row."), N_("Look at its quotation marks.")
        raise refused("bad_row", message, fix, line=number + 1) from error


def _decoded(content: bytes) -> str:
    try:
        if content.startswith((b"\xff\xfe", b"\xfe\xff")):
            text = content.decode("utf-16")
        else:
            try:
                text = content.decode("utf-8-sig")
            except UnicodeDecodeError:
                text = content.decode("gb18030")
    except UnicodeDecodeError as error:
        message = N_("Byte %(place)s is neither UTF-8 nor GBK: this is no text.")
        fix = N_("Export it again as Excel or CSV, or save it as .xlsx in Excel.")
        raise refused("not_text", message, fix, place=error.start + 1) from None
    if "\x00" in text or not text.strip():
        raise _no_table()
    return text


def _delimiter(head: str) -> str:
    counts = {mark: head.count(mark) for mark in ",\t;|"}
    return max(counts, key=lambda mark: counts[mark])


def _cell(text: str) -> str:
    """Without blanks around, the apostrophe before a formula's character and Excel's ``="0012"``."""
    text = text.strip()
    if text.startswith('="') and text.endswith('"'):
        text = text[2:-1]
    if text[:1] == "'" and len(text) > 1:
        text = text[1:]
    return text[:TEXT_MAX]


# BIFF8


def _old_workbook(content: bytes) -> Iterator[Iterator[Row]]:
    try:
        book = xlrd.open_workbook(
            file_contents=content, on_demand=True, ragged_rows=True, logfile=io.StringIO()
        )
        for index in range(min(book.nsheets, SHEETS_MAX)):
            sheet = book.sheet_by_index(index)
            yield _counted(_old_rows(sheet, book.datemode))
            book.unload_sheet(index)
    except xlrd.XLRDError as error:
        raise (_locked() if "encrypted" in str(error) else _no_table()) from error
    except Invalid:
        raise
    except Exception as error:  # what a broken file does to the reader is nobody's promise
        raise _no_table() from error


def _old_rows(sheet: xlrd.sheet.Sheet, datemode: int) -> Iterator[Row]:
    for place in range(sheet.nrows):
        yield place + 1, [_old_cell(cell.ctype, cell.value, datemode) for cell in sheet.row(place)]


def _old_cell(kind: int, value: object, datemode: int) -> str:
    if kind == xlrd.XL_CELL_TEXT:
        return str(value).strip()[:TEXT_MAX]
    if kind == xlrd.XL_CELL_DATE and isinstance(value, float) and 1 <= value < 100_000:
        return (_EPOCH + timedelta(days=int(value) + 1462 * datemode)).isoformat()
    if kind in (xlrd.XL_CELL_NUMBER, xlrd.XL_CELL_DATE) and isinstance(value, float):
        return number_text(repr(value))
    return ""


def number_text(raw: str) -> str:
    """As Excel shows it, which keeps 19.9 as 19.899999999999999: no noise of binary fractions."""
    value = Decimal(raw)
    if not value.is_finite() or value.adjusted() > 15:
        return ""
    said = f"{value:.6f}"
    return said.rstrip("0").rstrip(".")


# Workbooks of today


def _workbook(content: bytes) -> Iterator[Iterator[Row]]:
    try:
        with opened(content, members_max=_PARTS_MAX) as book:
            names = set(book.namelist())
            if "xl/workbook.xml" not in names:
                raise _no_table()
            paths = _sheet_paths(book, names)
            strings = _strings(book) if "xl/sharedStrings.xml" in names else []
            for path in paths[:SHEETS_MAX]:
                yield _counted(_sheet_rows(book, path, strings))
    except (BadZipFile, TooMuch, expat.ExpatError, ValueError, LookupError, InvalidOperation) as error:
        raise _no_table() from error


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
        self._number = 0
        self._texts: list[str] = []
        self._column = -1
        self._kind = ""
        self._parts: list[str] = []
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
            self._kind, self._parts = attributes.get("t", "n"), []
        elif name in ("v", "t"):
            self._reads = True
        elif name == "row":
            self._number = int(attributes.get("r", self._number + 1))
            self._texts, self._column = [], -1

    def end(self, name: str) -> None:
        """An element ends."""
        if name in ("v", "t"):
            self._reads = False
        elif name == "c":
            value = self._value("".join(self._parts))
            if value and 0 <= self._column < COLUMNS_MAX:
                self._texts += [""] * (self._column - len(self._texts)) + [value]
        elif name == "row":
            self._rows.append((self._number, self._texts))

    def text(self, text: str) -> None:
        """Text within an element."""
        self.seen = True
        if self._reads:
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
