"""Codes as a camera sees them: symbols drawn, and films of them that a browser takes for its camera."""

from __future__ import annotations

from pathlib import Path

import zxingcpp
from PIL import Image

_WIDTH, _HEIGHT = 640, 480


def symbol(content: str, kind: str = "DataMatrix", *, gs1: bool = True, scale: int = 6) -> Image.Image:
    """A symbol with its quiet zone. content: of GS1 with identifiers in brackets."""
    square = {"force_square": True} if kind == "DataMatrix" else {}
    code = zxingcpp.create_barcode(content, getattr(zxingcpp.BarcodeFormat, kind), gs1=gs1, **square)
    drawn = memoryview(code.to_image(scale=scale))
    height, width = drawn.shape
    return Image.frombytes("L", (width, height), drawn.tobytes())


def put_film(path: Path, *pictures: Image.Image) -> None:
    """Write a film (Y4M) in which the pictures lie on a table beside each other, slightly turned."""
    frame = Image.new("L", (_WIDTH, _HEIGHT), 170)
    left = (_WIDTH - sum(picture.width for picture in pictures) - 30 * (len(pictures) - 1)) // 2
    for picture in pictures:
        turned = picture.rotate(4, resample=Image.Resampling.BICUBIC, expand=True, fillcolor=255)
        frame.paste(turned, (left, (_HEIGHT - turned.height) // 2))
        left += turned.width + 30
    colours = b"\x80" * (_WIDTH * _HEIGHT // 2)
    head = f"YUV4MPEG2 W{_WIDTH} H{_HEIGHT} F10:1 Ip A1:1 C420jpeg\n".encode()
    path.write_bytes(head + (b"FRAME\n" + frame.tobytes() + colours) * 2)
