"""A signature as the strokes of a finger: whole coordinates in a fixed field, never a picture. Pure.

Strokes need no decoder that a forged picture could attack, weigh little, and are drawn sharp on screen and on
paper.
"""

from __future__ import annotations

import json
from collections.abc import Sequence

from portal.kernel.errors import N_, Fault

WIDTH, HEIGHT = 600, 200
"""The field in which somebody signs; the script draws in the same units."""

TEXT_MAX = 50_000  # bytes as they come
STROKES_MAX = 200
POINTS_MAX = 5_000

Strokes = list[list[int]]
"""Each stroke as ``x, y, x, y …`` from the upper left corner."""


def read_strokes(text: str) -> Strokes | None:
    """The strokes in what a form or a call sent; None for an empty field. Raises ValueError."""
    if not text.strip():
        return None
    if len(text) > TEXT_MAX:
        raise ValueError("too long")
    try:
        strokes = json.loads(text)
    except RecursionError:
        raise ValueError("not strokes") from None
    if strokes == []:
        return None
    if not (isinstance(strokes, list) and len(strokes) <= STROKES_MAX and all(map(_is_stroke, strokes))):
        raise ValueError("not strokes")
    if sum(map(len, strokes)) > 2 * POINTS_MAX:
        raise ValueError("too many points")
    return strokes


def _is_stroke(stroke: object) -> bool:
    if not isinstance(stroke, list) or len(stroke) < 2 or len(stroke) % 2:
        return False
    return all(
        type(value) is int and 0 <= value <= (HEIGHT if place % 2 else WIDTH)
        for place, value in enumerate(stroke)
    )


def signature_of(text: str, faults: list[Fault], pointer: str = "/signature") -> Strokes | None:
    """The strokes in what was sent; None without, and with the fault added for what cannot be read."""
    try:
        return read_strokes(text)
    except ValueError:
        message = N_("The signature could not be read.")
        fix = N_("Clear the field and sign once more, or leave it empty: the typed name suffices.")
        faults.append(Fault(pointer, "signature_unreadable", message, fix))
        return None


def path_of(strokes: Sequence[Sequence[int]]) -> str:
    """The strokes as the path of an SVG picture. A stroke of one point is a dot."""
    return " ".join(
        "M"
        + " L".join(f"{stroke[i]} {stroke[i + 1]}" for i in range(0, len(stroke), 2))
        + (" h1" if len(stroke) == 2 else "")
        for stroke in strokes
    )
