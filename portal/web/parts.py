"""The lines of a long document, shown in parts: a page of five hundred stays small."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from portal.web.request import request

Line = TypeVar("Line")

LINES_SHOWN = 100


@dataclass(frozen=True, slots=True)
class Part(Generic[Line]):
    """Some lines of all.

    parts: (number of the first, of the last, whether it is this one) of every part, none where all are shown.
    """

    lines: Sequence[Line]
    parts: tuple[tuple[int, int, bool], ...]


def part_of(lines: Sequence[Line]) -> Part[Line]:
    """The part that the address asks for (``?lines=201``: from the 201st on); the first if it is none."""
    if len(lines) <= LINES_SHOWN:
        return Part(lines, ())
    starts = range(0, len(lines), LINES_SHOWN)
    asked = request.args.get("lines", "")
    start = next((one for one in starts if str(one + 1) == asked), 0)
    return Part(
        lines[start : start + LINES_SHOWN],
        tuple((one + 1, min(one + LINES_SHOWN, len(lines)), one == start) for one in starts),
    )
