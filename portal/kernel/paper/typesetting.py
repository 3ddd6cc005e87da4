"""Fitting text to the room it has: Chinese line breaking, shrinking, shortening.

Nothing set here overflows.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from portal.kernel.paper.fonts import face
from portal.kernel.paper.sheet import Style

# 避头尾 (GB/T 15834): a line neither starts with a closing mark nor ends with an opening one.
NEVER_FIRST = "，。、；：？！）》」』】〉〕”’％‰℃…—～·．,.;:?!)]}%"
NEVER_LAST = "（《「『【〈〔“‘¥￥＄№([{$"

# A word of Latin letters and a number with its commas stay whole, up to a hyphen; a Chinese character stands
# alone.
_WORD = r"(?:[0-9A-Za-z\u00C0-\u024F_@&+#'.]|(?<=\d),(?=\d))+[-/]*"
_UNBREAKABLE = re.compile(rf"[-{re.escape(NEVER_LAST)}]*(?:{_WORD}|.)[{re.escape(NEVER_FIRST)}]*\s*")

# More lines than this is not a name, an address or a remark; the rest is cut, so that a row always fits a
# page.
LINES_MAX = 12
_SMALLEST = 4.0


def break_lines(text: str, style: Style, room: float) -> tuple[str, ...]:
    """Lines of `text`, each at most `room` points wide; a word wider than that is cut.

    Empty text has no lines.

    From LINES_MAX lines on the rest is left out, shown by an ellipsis.
    """
    text = " ".join(face(style.face).printable(text).split())
    if not text:
        return ()
    if style.width(text) <= room:
        return (text,)
    lines = tuple(_fill_lines(text, style, room))
    if len(lines) <= LINES_MAX:
        return lines
    return (*lines[: LINES_MAX - 1], shortened(lines[LINES_MAX - 1] + "…", style, room))


def _fill_lines(text: str, style: Style, room: float) -> Iterator[str]:
    line = ""
    for piece in _UNBREAKABLE.findall(text):
        if style.width((line + piece).rstrip()) <= room:
            line += piece
            continue
        if line:
            yield line.rstrip()
        *cut, line = _cut(piece, style, room)
        yield from cut
    yield line.rstrip()


def _cut(piece: str, style: Style, room: float) -> list[str]:
    """`piece` in parts that fit; one part when it fits as it is."""
    parts = [""]
    for character in piece:
        if parts[-1] and style.width((parts[-1] + character).rstrip()) > room:
            parts.append("")
        parts[-1] += character
    return parts


def shrunk(text: str, style: Style, room: float) -> Style:
    """`style`, smaller where needed so that `text` fits, in steps of a tenth of a point down to 4 points."""
    width = style.width(text)
    if width <= room:
        return style
    tenths = int(style.size * room / width * 10)
    return style._replace(size=max(_SMALLEST, tenths / 10))


def shortened(text: str, style: Style, room: float) -> str:
    """`text`, cut with an ellipsis where needed. For running heads only: in full it stands elsewhere."""
    text = " ".join(face(style.face).printable(text).split())
    if style.width(text) <= room:
        return text
    text = text.rstrip("…")
    while text and style.width(text + "…") > room:
        text = text[:-1]
    return text.rstrip() + "…"
