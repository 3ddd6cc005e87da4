"""A workbook of Excel 97 (BIFF8) as rows of texts, one after the other; nothing is calculated. Pure.

Banks and accounting software still export it. A file is data of a stranger: whatever its library makes of a
broken one, it comes out as `Damaged`.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from decimal import Decimal

import xlrd

from portal.kernel.rounded import is_long, long_number

Row = tuple[int, list[str]]
"""Number of a row from 1, and its texts."""

_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")
_DAYS_MAX = 100_000  # as a date; a larger one is a number that is shown so


class Damaged(ValueError):
    """No workbook that could be read."""


class Locked(ValueError):
    """A workbook behind a password."""


def is_old_workbook(content: bytes) -> bool:
    """Whether a file is a container of Office 97, which one of today with a password is too."""
    return content.startswith(_OLE)


def old_workbook_sheets(content: bytes, *, sheets_max: int) -> Iterator[Iterator[Row]]:
    """The first sheets, one before the next. Raises Locked or Damaged, also while rows are read."""
    if _ENCRYPTED in content:
        raise Locked
    try:
        book = xlrd.open_workbook(
            file_contents=content, on_demand=True, ragged_rows=True, logfile=io.StringIO()
        )
        for index in range(min(book.nsheets, sheets_max)):
            yield _rows(book, index)
            book.unload_sheet(index)
    except Exception as error:  # what a broken file does to the library is nobody's promise
        raise (Locked if "encrypted" in str(error).lower() else Damaged) from error


def number_text(raw: str) -> str:
    """As Excel shows it, which keeps 19.9 as 19.899999999999999: no noise of binary fractions.

    One of more digits than Excel keeps is as `portal.kernel.rounded` tells.
    """
    value = Decimal(raw)
    if not value.is_finite():
        return ""
    if is_long(value):
        return long_number(value)
    said = f"{value:.6f}"
    return said.rstrip("0").rstrip(".")


def _rows(book: xlrd.Book, index: int) -> Iterator[Row]:
    try:
        sheet = book.sheet_by_index(index)
        for place in range(sheet.nrows):
            yield place + 1, [_text(book, cell) for cell in sheet.row(place)]
    except Exception as error:
        raise Damaged from error


def _text(book: xlrd.Book, cell: xlrd.sheet.Cell) -> str:
    if cell.ctype == xlrd.XL_CELL_TEXT:
        return str(cell.value).replace("\x00", "").strip()
    if cell.ctype == xlrd.XL_CELL_DATE and 1 <= cell.value < _DAYS_MAX:
        return str(xlrd.xldate_as_datetime(cell.value, book.datemode).isoformat(sep=" "))
    if cell.ctype == xlrd.XL_CELL_ERROR:
        return str(xlrd.error_text_from_code.get(cell.value, "#N/A"))
    return number_text(repr(cell.value)) if cell.ctype in (xlrd.XL_CELL_NUMBER, xlrd.XL_CELL_DATE) else ""
