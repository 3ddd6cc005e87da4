"""The seal of the warehouse (出库专用章): the company's own picture, or drawn with its name around a star."""

from __future__ import annotations

from math import cos, pi, sin

from portal.kernel.paper.fonts import STRONG
from portal.kernel.paper.sheet import Sheet, Style

RADIUS = 56.0  # points: 40 mm across, as such seals are
_RED = "0.8 0.12 0.12"
_ARC = 1.5 * pi  # how much of the circle the name may take
_WORDS = "出库专用章"


def draw_seal(sheet: Sheet, x: float, y: float, name: str, picture: bytes | None) -> None:
    """Draw the seal around (x, y). name: the company, in Chinese. picture: PNG in place of what is drawn."""
    if picture is not None:
        sheet.picture(x - RADIUS, y - RADIUS, 2 * RADIUS, 2 * RADIUS, picture)
        return
    sheet.circle(x, y, RADIUS, _RED, 2.2)
    _draw_name(sheet, x, y, name)
    star = Style(STRONG, 26, _RED)
    sheet.text_centred(x, y - 9, "★", star)
    sheet.text_centred(x, y - 36, _WORDS, Style(STRONG, 11, _RED))


def _draw_name(sheet: Sheet, x: float, y: float, name: str) -> None:
    """The characters of the name around the upper part, each turned outwards."""
    size = min(12.0, _ARC * (RADIUS - 16) / max(len(name), 1))
    style, way = Style(STRONG, size, _RED), RADIUS - 8 - size * 0.9
    step = min(_ARC / max(len(name), 1), 1.25 * size / way)
    for place, character in enumerate(name):
        angle = ((len(name) - 1) / 2 - place) * step
        sheet.text_turned(x - sin(angle) * way, y + cos(angle) * way, angle, character, style)
