"""Reads what the portal exports: a workbook's cells as Excel would take them, and a CSV.

With nothing but the standard library.
"""

from __future__ import annotations

import csv
import re
from io import BytesIO, StringIO
from typing import NamedTuple
from xml.etree import ElementTree
from zipfile import ZipFile

_NS = {"m": "http://schemas.openxmlformats.org/spreadsheetml/2006/main"}


class Cell(NamedTuple):
    """A cell. is_formula: Excel would calculate it. form: how its number is shown, empty for the standard."""

    value: str
    is_text: bool
    is_formula: bool
    form: str


def workbook_of(content: bytes) -> list[list[Cell]]:
    """The rows of the only sheet; what is empty is an empty text."""
    with ZipFile(BytesIO(content)) as book:
        assert book.testzip() is None
        sheet = ElementTree.fromstring(book.read("xl/worksheets/sheet1.xml"))
        styles = ElementTree.fromstring(book.read("xl/styles.xml"))
    forms = {
        form.get("numFmtId"): form.get("formatCode") or "" for form in styles.iterfind(".//m:numFmt", _NS)
    }
    forms |= {"3": "#,##0", "4": "#,##0.00", "49": "@"}
    styled = [forms.get(one.get("numFmtId"), "") for one in styles.find("m:cellXfs", _NS)]
    rows = []
    for row in sheet.iterfind(".//m:row", _NS):
        cells: list[Cell] = []
        for cell in row.iterfind("m:c", _NS):
            while len(cells) < _column(cell.get("r")):
                cells.append(Cell("", True, False, ""))
            text = cell.find("m:is", _NS)
            value = "".join(text.itertext()) if text is not None else cell.findtext("m:v", "", _NS)
            formula = cell.find("m:f", _NS) is not None
            cells.append(Cell(value, text is not None, formula, styled[int(cell.get("s", 0))]))
        rows.append(cells)
    return rows


def csv_of(content: bytes) -> list[list[str]]:
    """The rows of a CSV that begins as Excel in China needs it."""
    assert content.startswith(b"\xef\xbb\xbf")
    return list(csv.reader(StringIO(content.decode("utf-8-sig"), newline="")))


def _column(reference: str | None) -> int:
    place = 0
    for letter in re.match("[A-Z]+", reference or "")[0]:
        place = place * 26 + ord(letter) - ord("A") + 1
    return place - 1
