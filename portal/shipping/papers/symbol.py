"""GS1 DataMatrix: the elements of a label as a square of modules that any reader of GS1 understands."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date
from typing import cast

import zxingcpp

from portal.kernel.paper.sheet import Sheet

Elements = Sequence[tuple[str, str]]
"""Application identifiers with their values, in order."""

Modules = tuple[bytes, ...]
"""Rows of a symbol without its quiet zone; a byte a module, 0 is dark."""

_BLACK = "0 0 0"


def elements_of(di: str, *, expires_on: date | None = None, lot: str = "", serial: str = "") -> Elements:
    """What a label of units says: 01 device identifier, 17 expiry, 10 lot, 21 serial number."""
    expiry = f"{expires_on:%y%m%d}" if expires_on else ""
    found = (("01", di), ("17", expiry), ("10", lot), ("21", serial))
    return [(identifier, value) for identifier, value in found if value]


def printed(elements: Elements) -> str:
    """As it stands below the symbol, identifiers in brackets."""
    return "".join(f"({identifier}){value}" for identifier, value in elements)


def modules(elements: Elements) -> Modules:
    """The symbol, with FNC1 first and between elements where their length is not fixed.

    Raises ValueError for characters that GS1 does not know, such as Chinese ones.
    """
    content = printed([(identifier, value.replace("(", r"\(")) for identifier, value in elements])
    code = zxingcpp.create_barcode(content, zxingcpp.BarcodeFormat.DataMatrix, gs1=True, force_square=True)
    return _modules_of(code)


def qr_modules(address: str) -> Modules:
    """An address as the QR code that the camera of any phone opens; a quarter of it may be torn or wet."""
    return _modules_of(zxingcpp.create_barcode(address, zxingcpp.BarcodeFormat.QRCode, ec_level="Q"))


def _modules_of(code: zxingcpp.Barcode) -> Modules:
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
