"""A workbook of Excel 97 (BIFF8), as older online banks still give it. Nothing is calculated."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

import xlrd

from portal.bank.rules import refused
from portal.kernel.errors import N_

_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
ROWS_MAX = 12_000
COLUMNS_MAX = 60


def is_old_workbook(content: bytes) -> bool:
    """Whether a file is a container of Office 97."""
    return content.startswith(_OLE)


def read_old_workbook(content: bytes) -> list[tuple[int, list[str]]]:
    """The rows of the first sheet that has any, by their number from 1. Raises Invalid for what is none."""
    if b"E\x00n\x00c\x00r\x00y\x00p\x00t\x00e\x00d\x00P\x00a\x00c\x00k" in content:
        raise _locked()
    try:
        book = xlrd.open_workbook(file_contents=content, formatting_info=False)
        for sheet in book.sheets():
            if sheet.nrows > ROWS_MAX:
                message = N_("The file has more than %(max)s rows.")
                raise refused("rows_max", message, N_("Divide it by days."), max=ROWS_MAX)
            if rows := list(_rows(book, sheet)):
                return rows
    except xlrd.XLRDError as error:
        if "encrypted" in str(error).lower():
            raise _locked() from None
        raise _damaged() from None
    except (ArithmeticError, AssertionError, EOFError, LookupError, MemoryError, TypeError, ValueError):
        raise _damaged() from None
    except Exception as error:
        # The library reads a stranger's bytes as they come, and names its own errors only in part.
        if type(error).__module__.startswith(("xlrd", "struct", "builtins")) and not hasattr(error, "faults"):
            raise _damaged() from None
        raise
    return []


def _rows(book: xlrd.Book, sheet: xlrd.sheet.Sheet) -> Iterator[tuple[int, list[str]]]:
    for place in range(sheet.nrows):
        cells = [_text(book, cell) for cell in sheet.row(place)[:COLUMNS_MAX]]
        while cells and not cells[-1]:
            cells.pop()
        if cells:
            yield place + 1, cells


def _text(book: xlrd.Book, cell: xlrd.sheet.Cell) -> str:
    if cell.ctype == xlrd.XL_CELL_NUMBER:
        number = Decimal(repr(cell.value))
        return f"{number.quantize(Decimal(1)) if number == number.to_integral_value() else number:f}"
    if cell.ctype == xlrd.XL_CELL_DATE:
        moment = xlrd.xldate_as_datetime(cell.value, book.datemode)
        return str(moment.isoformat(sep=" "))
    return str(cell.value).strip() if cell.ctype == xlrd.XL_CELL_TEXT else ""


def _locked() -> Exception:
    message = N_("The workbook is locked with a password.")
    return refused("password", message, N_("Save it without a password."))


def _damaged() -> Exception:
    message = N_("This workbook is damaged.")
    return refused("not_a_table", message, N_("Export it once more, or save it as .xlsx."))
