"""A table that runs over pages.

Titles repeated, long cells broken into lines, every number inside its column.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import Decimal
from itertools import accumulate
from typing import NamedTuple

from portal.kernel.money import ZERO
from portal.kernel.paper.page import BODY, HAIRLINE, LEFT, NAVY, ROOM, STRONG_BODY, TINT, WHITE, Paper
from portal.kernel.paper.sheet import Style
from portal.kernel.paper.typesetting import shrunk

ROW, LEADING, HEAD = 14.4, 10.2, 17.0
GUTTER = 5.0
_BASELINE = 10.0
_NARROWEST, _WIDEST = 62.0, 84.0
_HEAD_STYLE = STRONG_BODY._replace(ink=WHITE)

# A cell is its lines; a row has one cell for each column.
Cell = tuple[str, ...]


class Column(NamedTuple):
    """A column between two edges; `label` is a key of the wording. Numbers stand at the right edge."""

    label: str
    left: float
    right: float
    numeric: bool = False

    @property
    def room(self) -> float:
        """Points a text may take."""
        return self.right - self.left - 2 * GUTTER


def columns(*shape: tuple[str, float, bool]) -> tuple[Column, ...]:
    """Columns from (label, points, numeric); the one of 0 points takes what the others leave of the width."""
    rest = ROOM - sum(points for _, points, _ in shape)
    edges = accumulate((points or rest for _, points, _ in shape), initial=LEFT)
    left = next(edges)
    built = []
    for (label, _, numeric), right in zip(shape, edges, strict=True):
        built.append(Column(label, left, right, numeric))
        left = right
    return tuple(built)


def amount(value: Decimal) -> str:
    """Two places, thousands separated, a leading minus: so that the decimal points of a column line up."""
    return f"{value or ZERO:,.2f}"


def number_width(numbers: Iterable[Decimal], *, narrowest: float = _NARROWEST) -> float:
    """Points for a column of `numbers`: what the widest takes, within the bounds of a readable table."""
    widest = max(map(amount, numbers), key=len, default="")
    return min(max(STRONG_BODY.width(widest) + 2 * GUTTER + 2, narrowest), _WIDEST)


class Table:
    """Draws rows in columns.

    All numbers share one size, the largest at which the widest of `numbers` fits.
    """

    def __init__(self, paper: Paper, shape: Sequence[Column], numbers: Iterable[Decimal]) -> None:
        self.paper = paper
        self.columns = shape
        widest = max(map(amount, numbers), key=len, default="")
        room = min(column.room for column in shape if column.numeric)
        self._strong_number = shrunk(widest, STRONG_BODY, room)
        self._number = self._strong_number._replace(face=BODY.face)

    def head(self) -> None:
        """The bar with the column titles."""
        sheet, words, top = self.paper.sheet, self.paper.words, self.paper.y
        sheet.box(LEFT, top - HEAD, ROOM, HEAD, NAVY)
        for column in self.columns:
            self._set(column, top - 11.4, words[column.label], _HEAD_STYLE)
        self.paper.y = top - HEAD

    def require(self, height: float) -> None:
        """Go on below the titles on the next page unless `height` is left on this one."""
        if not self.paper.fits(height):
            self.paper.turn()
            self.head()

    def row(self, *cells: Cell) -> None:
        """One row and the hairline under it, on the next page if it does not fit.

        Set line by line, so that copied text reads as the row does.
        """
        self.require(row_height(cells))
        paper, y = self.paper, self.paper.y - _BASELINE
        for index in range(max(map(len, cells))):
            for column, lines in zip(self.columns, cells, strict=True):
                if index < len(lines):
                    self._set(
                        column, y - index * LEADING, lines[index], self._number if column.numeric else BODY
                    )
        paper.y -= row_height(cells)
        paper.sheet.rule(LEFT, paper.y, ROOM, HAIRLINE, 0.4)

    def sums(self, label: str, *numbers: Decimal) -> None:
        """A tinted row: a label at the left, numbers under the last columns."""
        self.require(ROW)
        paper, top = self.paper, self.paper.y
        paper.sheet.box(LEFT, top - ROW, ROOM, ROW, TINT)
        paper.sheet.text(LEFT + GUTTER, top - _BASELINE, label, STRONG_BODY)
        for column, number in zip(self.columns[-len(numbers) :], numbers, strict=True):
            self._set(column, top - _BASELINE, amount(number), self._strong_number)
        paper.y = top - ROW

    def end(self) -> None:
        """The rule that closes the table."""
        self.paper.sheet.rule(LEFT, self.paper.y, ROOM, NAVY, 1)

    def _set(self, column: Column, y: float, text: str, style: Style) -> None:
        if column.numeric:
            self.paper.sheet.text_right(column.right - GUTTER, y, text, style)
        else:
            self.paper.sheet.text(column.left + GUTTER, y, text, style)


def row_height(cells: tuple[Cell, ...]) -> float:
    """Points a row takes with its longest cell."""
    return ROW + LEADING * (max(map(len, cells)) - 1)
