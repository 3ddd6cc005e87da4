"""Photos of devices: a screen with an error, a plate, a crack, a pouch; and of who has repaired one, the
board in its opened housing and the screen after a test that passed.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from io import BytesIO
from random import Random

from PIL import Image, ImageDraw, ImageFilter

SIZE = (1000, 750)
_BODY, _DARK, _INK, _PAPER = (226, 230, 232), (44, 50, 58), (52, 54, 58), (246, 246, 242)


@cache
def device_photo(kind: str, variant: int) -> bytes:
    """A JPEG of one of `KINDS`, the same for the same variant."""
    chance = Random(f"device photo/{kind}/{variant}")
    picture = Image.new("RGB", SIZE, chance.choice(((188, 194, 196), (202, 196, 186), (176, 188, 192))))
    _DRAWN[kind](ImageDraw.Draw(picture), chance)
    made = BytesIO()
    picture.filter(ImageFilter.GaussianBlur(0.9)).save(made, "JPEG", quality=80)
    return made.getvalue()


def _error(draw: ImageDraw.ImageDraw, chance: Random) -> None:
    draw.rounded_rectangle((110, 90, 890, 660), 36, fill=_BODY, outline=_INK, width=4)
    draw.rectangle((170, 150, 830, 520), fill=(16, 24, 34))
    draw.rectangle((170, 150, 830, 214), fill=(176, 40, 36))
    for row in range(5):
        draw.rectangle(
            (210, 260 + row * 46, 210 + chance.randint(160, 520), 278 + row * 46), fill=(196, 210, 220)
        )
    for place in range(4):
        lamp = (214, 48, 40) if place == chance.randrange(4) else (88, 96, 100)
        draw.ellipse((240 + place * 140, 560, 290 + place * 140, 610), fill=lamp, outline=_INK)


def _label(draw: ImageDraw.ImageDraw, chance: Random) -> None:
    draw.rectangle((0, 0, *SIZE), fill=_BODY)
    draw.rounded_rectangle((140, 140, 860, 610), 14, fill=_PAPER, outline=_INK, width=3)
    for row in range(6):
        draw.rectangle((180, 180 + row * 46, 180 + chance.randint(180, 380), 198 + row * 46), fill=_INK)
    for row in range(14):
        for column in range(14):
            if (row in (0, 13) and column % 2) or column == 0 or chance.random() < 0.5:
                left, top = 640 + column * 13, 200 + row * 13
                draw.rectangle((left, top, left + 12, top + 12), fill=_INK)
    left = 180
    while left < 800:
        width = chance.choice((3, 3, 6, 9))
        draw.rectangle((left, 490, left + width, 570), fill=_INK)
        left += width + chance.choice((4, 6, 9))


def _crack(draw: ImageDraw.ImageDraw, chance: Random) -> None:
    draw.rounded_rectangle((90, 120, 910, 700), 60, fill=_BODY, outline=(150, 156, 160), width=5)
    draw.rectangle((150, 560, 850, 600), fill=(170, 178, 182))
    x, y = chance.randint(260, 420), 180
    while y < 520:
        nx, ny = x + chance.randint(-26, 52), y + chance.randint(22, 48)
        draw.line((x, y, nx, ny), fill=_DARK, width=chance.choice((3, 4, 6)))
        if chance.random() < 0.3:
            draw.line((x, y, x - chance.randint(20, 60), y + chance.randint(10, 40)), fill=_DARK, width=2)
        x, y = nx, ny


def _pack(draw: ImageDraw.ImageDraw, chance: Random) -> None:
    draw.rounded_rectangle((200, 90, 800, 670), 10, fill=(236, 240, 244), outline=(150, 160, 170), width=3)
    draw.rectangle((200, 90, 800, 170), fill=(208, 220, 232))
    draw.rectangle((260, 240, 740, 560), fill=(246, 250, 252), outline=(180, 190, 200), width=2)
    draw.line((300, 400, 700, 400), fill=(96, 132, 160), width=26)
    for _ in range(chance.randint(5, 9)):
        left, top = chance.randint(220, 740), chance.randint(98, 140)
        size = chance.randint(10, 26)
        draw.ellipse((left, top, left + size, top + size), fill=(240, 244, 248), outline=(150, 160, 170))
    draw.polygon([(700, 90), (800, 90), (800, 190)], fill=(188, 194, 196))


def _opened(draw: ImageDraw.ImageDraw, chance: Random) -> None:
    draw.rounded_rectangle((100, 80, 900, 680), 30, fill=(96, 102, 108), outline=_INK, width=6)
    draw.rectangle((180, 150, 820, 610), fill=(34, 92, 62), outline=(22, 60, 42), width=4)
    for _ in range(22):
        left, top = chance.randint(200, 740), chance.randint(170, 550)
        width, height = chance.choice(((56, 30), (30, 30), (22, 44), (80, 40)))
        draw.rectangle(
            (left, top, left + width, top + height), fill=chance.choice(((28, 30, 34), (58, 60, 66)))
        )
    for row in range(7):
        y = 180 + row * 60
        draw.line((200, y, chance.randint(420, 800), y), fill=(176, 164, 96), width=3)
    draw.ellipse((650, 420, 780, 550), fill=(42, 46, 52), outline=(150, 156, 160), width=4)
    draw.line((560, 610, 620, 720), fill=(190, 52, 44), width=10)
    draw.line((590, 610, 660, 720), fill=(52, 82, 170), width=10)


def _passed(draw: ImageDraw.ImageDraw, chance: Random) -> None:
    draw.rounded_rectangle((110, 90, 890, 660), 36, fill=_BODY, outline=_INK, width=4)
    draw.rectangle((170, 150, 830, 520), fill=(14, 30, 26))
    draw.rectangle((170, 150, 830, 214), fill=(30, 130, 82))
    for row in range(5):
        y = 258 + row * 48
        draw.rectangle((210, y, 210 + chance.randint(180, 380), y + 18), fill=(196, 216, 208))
        draw.line((690, y + 8, 704, y + 22), fill=(96, 214, 150), width=6)
        draw.line((704, y + 22, 734, y - 6), fill=(96, 214, 150), width=6)
    draw.ellipse((470, 560, 520, 610), fill=(60, 196, 120), outline=_INK)


_DRAWN: dict[str, Callable[[ImageDraw.ImageDraw, Random], None]] = {
    "error": _error,
    "label": _label,
    "crack": _crack,
    "pack": _pack,
    "opened": _opened,
    "passed": _passed,
}
KINDS = tuple(_DRAWN)
