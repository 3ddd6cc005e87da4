"""Symbols of two dimensions that a camera reads, drawn as squares of modules."""

from __future__ import annotations

import re
from typing import cast

import zxingcpp

from portal.kernel.paper.sheet import Sheet

Modules = tuple[bytes, ...]
"""Rows of a symbol without its quiet zone; a byte a module, 0 is dark."""

_BLACK = "0 0 0"


def qr_modules(address: str, *, level: str = "Q") -> Modules:
    """An address as the QR code that the camera of any phone opens.

    level: how much of it may be torn or wet, a quarter (Q) or a seventh (M), which makes it coarser.
    """
    return modules_of(zxingcpp.create_barcode(address, zxingcpp.BarcodeFormat.QRCode, ec_level=level))


def modules_of(code: zxingcpp.Barcode) -> Modules:
    """The modules of a symbol."""
    # Its image has the protocol of buffers, which its types do not say.
    picture = memoryview(cast(bytes, code.to_image(scale=1, add_quiet_zones=False)))
    flat, side = picture.tobytes(), len(picture)
    height, width = side, len(flat) // side
    return tuple(flat[row * width : (row + 1) * width] for row in range(height))


def draw(sheet: Sheet, x: float, y: float, side: float, symbol: Modules) -> None:
    """Draw a symbol as a square of `side` points with its lower left corner at (x, y)."""
    size = side / len(symbol)
    for row, line in enumerate(symbol):
        for run in re.finditer(rb"\x00+", line):
            left, width = x + run.start() * size, (run.end() - run.start()) * size
            sheet.box(left, y + side - (row + 1) * size, width, size, _BLACK)
