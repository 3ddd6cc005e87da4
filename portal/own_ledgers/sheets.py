"""A file of somebody else's accounting software as rows of texts, one after the other. Pure.

Excel as it is today and as it was (BIFF8), CSV and tab-separated text in UTF-8, UTF-16 or GBK, whatever the
file is called. Rows are given out as they are read, so that memory does not grow with them. What a stranger's
file unpacks to, its rows and columns are bounded.
"""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Iterator

from portal.kernel.decoding import decoded
from portal.kernel.errors import N_, Fault, Invalid
from portal.kernel.old_workbooks import Damaged, Locked, is_old_workbook, old_workbook_sheets
from portal.kernel.workbooks import (
    BROKEN,
    COLUMNS_MAX,
    SHEETS_MAX,
    TEXT_MAX,
    UNPACKED_MAX,
    Row,
    workbook_sheets,
)

SIZE_MAX = 20 * 2**20
ROWS_MAX = 200_000


def refused(code: str, message: str, fix: str, **params: object) -> Invalid:
    """A file that is not taken."""
    return Invalid(code, message, fix=fix, faults=[Fault("/file", code, message, fix, params)], **params)


def sheets(content: bytes, *, at_most: int = UNPACKED_MAX) -> Iterator[Iterator[Row]]:
    """The sheets of a file, each as rows with something in them, numbered from 1.

    A sheet is read before the next one is asked for. at_most: bytes that are unpacked of one.

    Raises Invalid for what is no table, also while rows are read.
    """
    if len(content) > SIZE_MAX:
        message, fix = N_("The file is larger than %(max)s MB."), N_("Export a shorter time.")
        raise refused("file_large", message, fix, max=SIZE_MAX // 2**20)
    if content.startswith(b"PK"):
        return _new_workbook(content, at_most)
    if is_old_workbook(content):
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
        text = decoded(content)
    except UnicodeDecodeError as error:
        message = N_("Byte %(place)s is neither UTF-8 nor GBK: this is no text.")
        fix = N_("Export it again as Excel or CSV, or save it as .xlsx in Excel.")
        raise refused("not_text", message, fix, place=error.start + 1) from None
    if "\x00" in text or not text.strip():
        raise _no_table()
    return text


def _delimiter(head: str) -> str:
    """The character that most lines have equally often: thousands may be set off by commas too."""
    lines = [line for line in head.split("\n")[:40] if line.strip()]

    def agreed(mark: str) -> int:
        counts = Counter(count for line in lines if (count := line.count(mark)))
        return max((count * often for count, often in counts.items()), default=0)

    return max(",\t;|", key=agreed)


def _cell(text: str) -> str:
    """Without blanks around, the apostrophe before a formula's character and Excel's ``="0012"``."""
    text = text.strip()
    if text.startswith('="') and text.endswith('"'):
        text = text[2:-1]
    if text[:1] == "'" and len(text) > 1:
        text = text[1:]
    return text[:TEXT_MAX]


# Workbooks of Excel 97


def _old_workbook(content: bytes) -> Iterator[Iterator[Row]]:
    try:
        for rows in old_workbook_sheets(content, sheets_max=SHEETS_MAX):
            yield _whole(_counted((number, [text[:TEXT_MAX] for text in texts]) for number, texts in rows))
    except Locked:
        raise _locked() from None
    except Damaged as error:
        raise _no_table() from error


# Workbooks of today


def _new_workbook(content: bytes, at_most: int) -> Iterator[Iterator[Row]]:
    try:
        for rows in workbook_sheets(content, at_most=at_most):
            yield _whole(_counted(rows))
    except (Damaged, *BROKEN) as error:
        raise _no_table() from error


def _whole(rows: Iterator[Row]) -> Iterator[Row]:
    """Rows are read after their sheet was given out: what is broken comes out here."""
    try:
        yield from rows
    except (Damaged, *BROKEN) as error:
        raise _no_table() from error
