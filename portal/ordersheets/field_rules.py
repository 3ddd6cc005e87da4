"""A pasted text as lines of fields. Pure.

A line is what stands between two line ends, whatever quotes it has: a stray one never swallows the lines
after it. What cannot be seen (byte-order marks, zero-width and direction marks) is nothing, a blank of any
width is a blank.
"""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

DELIMITERS = "\t;,|"
_WIDE = str.maketrans("；，｜", ";,|")
_BETWEEN = re.compile("[\t;,|；，｜、]")
_LINE_END = re.compile("\r\n|[\n\r\v\f\x85\u2028\u2029]")
_SEPARATOR_OF_READERS = "\x1d"  # stands within what a barcode reader sends
_KEPT_CONTROLS = ("\t", _SEPARATOR_OF_READERS)
_APOSTROPHES = "'’‘＇"
LINE_MAX = 2_000  # characters
_FIELDS_MAX = 60
_GUESSED_FROM = 3  # fields in which two lines have to agree before they are taken for a table


@dataclass(frozen=True, slots=True)
class Line:
    """A line with something in it. number: among all lines, from 1."""

    number: int
    text: str


def lines_of(text: str) -> list[Line]:
    """The lines that have something in them."""
    lines = (
        Line(number, visible(line)) for number, line in enumerate(_LINE_END.split(text), start=1) if line
    )
    return [line for line in lines if line.text.strip(" \t;,|；，｜")]


def is_endless(text: str) -> bool:
    """Whether a line is longer than anybody writes one that orders something: it is not taken apart."""
    return len(text) > LINE_MAX or len(_BETWEEN.findall(text)) > _FIELDS_MAX


def visible(text: str) -> str:
    """A line without what nobody can see, each blank of whatever width as one of ours."""
    if text.isascii() and text.isprintable():
        return text.strip(" ")
    return "".join(map(_seen, text)).strip(" ")


def _seen(character: str) -> str:
    kind = unicodedata.category(character)
    if kind == "Zs":
        return " "
    return "" if kind in ("Cf", "Cc") and character not in _KEPT_CONTROLS else character


def cell(field: str) -> str:
    """A field without blanks around it and the apostrophe by which Excel makes it a text."""
    bare = field.strip()
    return bare[1:].strip() if bare[:1] in tuple(_APOSTROPHES) else bare


def split(line: str, delimiter: str, expected: int | None = None) -> tuple[str, ...]:
    """The fields of a line, quotes taken off.

    Where the line has not as many fields as `expected`, a backslash before a quote is tried as its escape.
    """
    if delimiter != "\t":
        line = line.translate(_WIDE)
    fields = _split(line, delimiter, "")
    if expected not in (None, len(fields)) and '\\"' in line:
        escaped = _split(line, delimiter, "\\")
        return escaped if len(escaped) == expected else fields
    return fields


def _split(line: str, delimiter: str, escape: str) -> tuple[str, ...]:
    if '"' not in line:
        return tuple(map(cell, line.split(delimiter)))
    quotes = _Quotes(line, delimiter, escape)
    fields, start = [], 0
    while start <= len(line):
        value, end = _field(line, start, delimiter, quotes)
        fields.append(cell(value))
        start = end + 1
    return tuple(fields)


def _field(line: str, start: int, delimiter: str, quotes: _Quotes) -> tuple[str, int]:
    """The field that begins at `start`, and where it ends.

    A quote closes only before a delimiter; one that never does is a character like any other.
    """
    first = start
    while first < len(line) and line[first] == " ":
        first += 1
    if line[first : first + 1] == '"':
        close = quotes.closing(first + 1)
        if close is not None:
            inner = line[first + 1 : close].replace(f'{quotes.escape or chr(34)}"', '"')
            return inner, _end_after(line, close + 1, delimiter)
    end = _end_after(line, start, delimiter)
    return line[start:end], end


class _Quotes:
    """Where the quotes of a line close, found out once for all of them: each tells the one before it."""

    def __init__(self, line: str, delimiter: str, escape: str) -> None:
        self.escape = escape
        self._places = [place for place, character in enumerate(line) if character == '"']
        self._closing: list[int | None] = [None] * (len(self._places) + 2)
        for which in reversed(range(len(self._places))):
            place = self._places[which]
            if escape and line[place - 1] == escape:
                found = self._closing[which + 1]
            elif line[place + 1 : place + 2] == '"':
                found = self._closing[which + 2]
            elif _is_end(line, place + 1, delimiter):
                found = place
            else:
                found = self._closing[which + 1]
            self._closing[which] = found

    def closing(self, start: int) -> int | None:
        """The quote at or behind a place that closes what begins there; None where none does."""
        return self._closing[bisect_left(self._places, start)]


def _is_end(line: str, place: int, delimiter: str) -> bool:
    """Whether nothing but blanks stands before the end of the field."""
    while line[place : place + 1] == " ":
        place += 1
    return line[place : place + 1] in ("", delimiter)


def _end_after(line: str, place: int, delimiter: str) -> int:
    end = line.find(delimiter, place)
    return len(line) if end < 0 else end


def table_delimiter(lines: Sequence[Line]) -> str | None:
    """By what a text without a head is a table: most of its lines have the same three or more fields."""
    for delimiter in DELIMITERS:
        widths = Counter(len(split(line.text, delimiter)) for line in lines)
        (width, count), *_ = widths.most_common(1) or [(0, 0)]
        if width >= _GUESSED_FROM and count >= 2 and count * 3 >= len(lines) * 2:
            return delimiter
    return None


def usual_width(widths: Iterable[int]) -> int:
    """How many fields most lines have, 0 of none."""
    common = Counter(widths).most_common(1)
    return common[0][0] if common else 0
