"""The first rows of a file, and what its columns seem to be. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain, islice

from portal.kernel.workbooks import Row
from portal.own_ledgers.layout_rules import HEAD_WITHIN, Layout, layout_of
from portal.own_ledgers.sheets import sheets

SHOWN = 12
"""Rows that are kept to be looked at, from above the headings on."""
_UNPACKED_MAX = 16 * 2**20  # of a sheet whose headings are looked for while somebody waits


@dataclass(frozen=True, slots=True)
class Peek:
    """What a file begins with. sheet: which one, from 0. layout: None where nothing was recognised."""

    sheet: int
    layout: Layout | None
    rows: list[Row]


def peek(content: bytes) -> Peek:
    """Look at a file. Raises Invalid for what is no table."""
    first: Peek | None = None
    for place, rows in enumerate(sheets(content, at_most=_UNPACKED_MAX)):
        top = list(islice(rows, HEAD_WITHIN))
        layout = layout_of(top)
        if layout is not None:
            return Peek(place, layout, _shown(top, layout.head_at))
        if first is None and top:
            first = Peek(place, None, top[:SHOWN])
    return first or Peek(0, None, [])


def rows_of(content: bytes, sheet: int) -> Iterator[Row]:
    """The rows of one sheet, as they are read. Raises Invalid, also while they are."""
    return chain.from_iterable(islice(sheets(content), sheet, sheet + 1))


def _shown(rows: list[Row], head_at: int) -> list[Row]:
    above = sum(number < head_at for number, _ in rows)
    return rows[max(0, above - 1) :][:SHOWN]
