"""Labels of units and of packages, 100 × 60 mm each, with a GS1 DataMatrix that scanners read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import BinaryIO

from portal.kernel.paper.fonts import REGULAR, STRONG
from portal.kernel.paper.sheet import Sheet, Style
from portal.kernel.paper.symbols import draw
from portal.kernel.paper.typesetting import break_lines, shortened
from portal.shipping.papers.symbol import Elements, modules, printed

LABELS_MAX = 1000
"""Labels in one file, drawn within the request."""

_MM = 72 / 25.4
_SIZE = (100 * _MM, 60 * _MM)
_EDGE = 4 * _MM
_SIDE = 26 * _MM  # of the symbol, with room for its quiet zone
_BLACK = "0 0 0"
_NAME = Style(STRONG, 10, _BLACK)
_TEXT = Style(REGULAR, 8, _BLACK)
_SMALL = Style(REGULAR, 6.5, _BLACK)


@dataclass(frozen=True, slots=True)
class Label:
    """One label: what it names, its facts line by line, and what its symbol says."""

    title: str
    facts: Sequence[str]
    elements: Elements


def render(labels: Sequence[Label], stream: BinaryIO, *, title: str, created: datetime, locale: str) -> None:
    """Write the labels as PDF, a page each. A symbol that GS1 cannot write is left out; its text stands."""
    sheet = Sheet(
        stream,
        title=title,
        author="",
        subject=title,
        lang="zh-CN" if locale == "zh" else "en",
        created=created,
        size=_SIZE,
    )
    for place, label in enumerate(labels):
        if place:
            sheet.new_page()
        _draw(sheet, label)
    sheet.save(lambda page, pages: None)


def _draw(sheet: Sheet, label: Label) -> None:
    width, height = _SIZE
    room = width - 3 * _EDGE - _SIDE
    y = height - _EDGE - 9
    for line in break_lines(label.title, _NAME, room)[:3]:
        sheet.text(_EDGE, y, line, _NAME)
        y -= 12
    y -= 2
    for fact in label.facts:
        for line in break_lines(fact, _TEXT, room)[:2]:
            if y > _EDGE + 14:
                sheet.text(_EDGE, y, line, _TEXT)
                y -= 10.5
    try:
        symbol = modules(label.elements)
    except ValueError:
        symbol = ()
    if symbol:
        draw(sheet, width - _EDGE - _SIDE, height - _EDGE - _SIDE, _SIDE, symbol)
    below = shortened(printed(label.elements), _SMALL, width - 2 * _EDGE)
    sheet.text(_EDGE, _EDGE, below, _SMALL)
