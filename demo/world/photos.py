"""Photos of deliveries that nobody took: cartons on a pallet, whole or crushed, drawn from chance."""

from __future__ import annotations

from functools import cache
from io import BytesIO
from random import Random

from PIL import Image, ImageDraw, ImageFilter

SIZE = (1200, 900)
_FLOOR, _WALL, _PALLET = (126, 122, 116), (206, 208, 205), (150, 118, 82)
_CARTONS = ((196, 158, 112), (187, 147, 101), (204, 168, 124))
_TAPE, _LABEL, _INK, _WET = (222, 205, 170), (244, 243, 238), (52, 54, 58), (128, 98, 66)
_HORIZON = 520


@cache
def photo(variant: int, *, is_damaged: bool) -> bytes:
    """A JPEG, the same for the same variant."""
    chance = Random(f"photo/{variant}/{is_damaged}")
    picture = Image.new("RGB", SIZE, _WALL)
    draw = ImageDraw.Draw(picture)
    draw.rectangle((0, _HORIZON, *SIZE), fill=_FLOOR)
    draw.rectangle((180, 770, 1020, 815), fill=_PALLET)
    corner = chance.randrange(4)
    for place in range(4):
        left, top = 220 + place % 2 * 380, 470 - place // 2 * 290
        _carton(draw, chance, left + chance.randint(-12, 12), top + 10)
        if is_damaged and place == corner:
            _dent(draw, chance, left, top)
    made = BytesIO()
    picture.filter(ImageFilter.GaussianBlur(1.2)).save(made, "JPEG", quality=82)
    return made.getvalue()


def _carton(draw: ImageDraw.ImageDraw, chance: Random, left: int, top: int) -> None:
    right, bottom = left + 350, top + 285
    draw.rectangle((left, top, right, bottom), fill=chance.choice(_CARTONS), outline=_INK, width=2)
    draw.rectangle((left, top + 128, right, top + 154), fill=_TAPE)
    draw.rectangle((left + 205, top + 175, left + 330, top + 262), fill=_LABEL)
    for row in range(3):
        width = chance.randint(60, 105)
        draw.line((left + 215, top + 190 + row * 13, left + 215 + width, top + 190 + row * 13), _INK, 4)
    for bar in range(24):
        if chance.random() < 0.55:
            draw.line((left + 215 + bar * 4, top + 230, left + 215 + bar * 4, top + 255), _INK, 3)


def _dent(draw: ImageDraw.ImageDraw, chance: Random, left: int, top: int) -> None:
    """A crushed corner, and a stain below it."""
    draw.polygon(
        [(left - 6, top + 6), (left + 150, top + 14), (left + 84, top + 62), (left + 10, top + 128)],
        fill=_WET,
        outline=_INK,
    )
    for _ in range(3):
        x, y = left + chance.randint(10, 90), top + chance.randint(40, 110)
        draw.line((left + 8, top + 12, x, y), _INK, 3)
    draw.ellipse((left + 30, top + 190, left + 150, top + 262), fill=_WET)
