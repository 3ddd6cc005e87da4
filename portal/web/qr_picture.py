"""A QR code as a picture within a page."""

from __future__ import annotations

import re
from typing import NamedTuple

from portal.kernel.paper.symbols import qr_modules

_QUIET = 4  # modules around, as the standard asks


class QrPicture(NamedTuple):
    """Side in modules with what is quiet around, and the dark ones as the path of an SVG."""

    side: int
    path: str


def qr_picture(text: str) -> QrPicture:
    """What a camera reads as `text`."""
    rows = qr_modules(text, level="M")
    runs = (
        f"M{run.start() + _QUIET} {row + _QUIET}h{len(run.group())}v1h-{len(run.group())}z"
        for row, line in enumerate(rows)
        for run in re.finditer(rb"\x00+", line)
    )
    return QrPicture(len(rows) + 2 * _QUIET, "".join(runs))
