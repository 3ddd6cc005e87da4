"""Days in a workbook that counts them from 1904, as those from early Macintoshes do, as if from 1900. Pure.

A day is a number that a cell's format shows as one. Only such cells are moved: whoever reads the texts counts
from 1900, and a quantity stays what it is. A time of day alone, less than one day, has no year to move.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from zipfile import ZipFile

from portal.kernel.archives import parse, unpacked

DAYS_BETWEEN = 1462
"""From the beginning of 1900 in workbooks to 1904."""
_INDEX_MAX = 2**20  # bytes of the list of sheets
_STYLES_MAX = 2**22
_WORKBOOK, _STYLES = "xl/workbook.xml", "xl/styles.xml"
_OF_DAYS = frozenset((*range(14, 23), *range(27, 37), *range(50, 59)))
"""Formats of days that every Excel knows by these numbers, Chinese ones too."""
_ELAPSED = re.compile(r"\[(?:h+|m+|s+)\]", re.IGNORECASE)  # a duration, and no moment
_TOLD = re.compile(r'"[^"]{0,255}"|\\.|_.|\*.|\[[^\]]{0,60}\]')  # words, widths, colours, places
_LETTERS = frozenset("ymdhs")


class Days:
    """The cells of a workbook that hold days which are counted from 1904."""

    def __init__(self, styles: Collection[str] = ()) -> None:
        self._styles = frozenset(styles)

    def moved(self, raw: str, style: str) -> str:
        """The number of a cell, from 1900 where it is a day. Raises ValueError for what is no number."""
        if style not in self._styles or not raw:
            return raw
        value = float(raw)
        return raw if abs(value) < 1 else repr(value + DAYS_BETWEEN)


def days_of(book: ZipFile) -> Days:
    """How a workbook counts its days. Raises what reading a broken one may."""
    from_1904 = False

    def said(name: str, attributes: dict[str, str]) -> None:
        nonlocal from_1904
        if name == "workbookPr":
            from_1904 = attributes.get("date1904", "0").strip().lower() in ("1", "true", "on")

    parse(_part(book, _WORKBOOK, _INDEX_MAX), said)
    if not from_1904 or _STYLES not in book.namelist():
        return Days()
    return Days(_styles(_part(book, _STYLES, _STYLES_MAX)))


def _part(book: ZipFile, name: str, at_most: int) -> bytes:
    return b"".join(unpacked(book, book.getinfo(name), at_most=at_most))


def _styles(content: bytes) -> list[str]:
    """The styles of cells, as these name them, whose format shows days."""
    ours: dict[str, str] = {}
    found: list[str] = []
    count, inside = 0, False

    def start(name: str, attributes: dict[str, str]) -> None:
        nonlocal count, inside
        if name == "numFmt":
            ours[attributes.get("numFmtId", "")] = attributes.get("formatCode", "")
        elif name == "cellXfs":
            inside = True
        elif name == "xf" and inside:
            if _shows_days(attributes.get("numFmtId", "0"), ours):
                found.append(str(count))
            count += 1

    def end(name: str) -> None:
        nonlocal inside
        if name == "cellXfs":
            inside = False

    parse(content, start, end)
    return found


def _shows_days(number: str, ours: dict[str, str]) -> bool:
    """Whether a format is one of days: it has letters of a year, month, day or hour outside of its words."""
    if number not in ours:
        return number.isascii() and number.isdigit() and len(number) < 4 and int(number) in _OF_DAYS
    code = ours[number].partition(";")[0]
    return not _ELAPSED.search(code) and not _LETTERS.isdisjoint(_TOLD.sub("", code).lower())
