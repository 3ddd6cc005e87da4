"""A JPEG without what is not the picture: place, maker, date, comments, whatever follows its end. Pure.

The coded picture itself stays byte for byte: evidence is not compressed a second time.
"""

from __future__ import annotations

import re
import struct

from portal.files.rules import refuse
from portal.kernel.errors import N_, Invalid

_START, _END = b"\xff\xd8", b"\xff\xd9"
_SCAN = 0xDA
_APPLICATION = range(0xE0, 0xF0)
_COMMENT = 0xFE
_ALONE = frozenset({0x01, *range(0xD0, 0xD8)})
_KEPT = ((0xE0, b"JFIF\x00"), (0xE2, b"ICC_PROFILE\x00"), (0xEE, b"Adobe"))
"""Segments of applications that say how the colours are meant."""
_EXIF = 0xE1
# In coded data a 0xFF is followed by 0, by the number of a restart, or by another 0xFF.
_AFTER_SCAN = re.compile(rb"\xff[^\x00\xd0-\xd7\xff]")


def cleaned(content: bytes, orientation: bytes) -> bytes:
    """The picture with its colours, as it is turned, and nothing else. orientation: Exif with only that.

    Raises Invalid for one that is cut off or broken.
    """
    kept = [_START]
    if orientation:
        kept.append(_segment(_EXIF, orientation))
    at = len(_START)
    while (marker := content[at := _marker(content, at)]) != _END[1]:
        at += 1
        if marker in _ALONE:
            kept.append(bytes((0xFF, marker)))
            continue
        body, at = _body(content, at)
        if _belongs(marker, body):
            kept.append(_segment(marker, body))
        if marker == _SCAN:
            coded, at = _coded(content, at)
            kept.append(coded)
    return b"".join([*kept, _END])


def torn() -> Invalid:
    """A picture that is cut off or broken."""
    message = N_("This picture is not complete, or it is broken.")
    return refuse("torn_file", message, N_("Make it or copy it once more."))


def _marker(content: bytes, at: int) -> int:
    """Where the marker stands that is due here, behind its 0xFF and any fill. Raises Invalid without one."""
    begin = at
    while content[at : at + 1] == b"\xff":
        at += 1
    if at == begin or at >= len(content):
        raise torn()
    return at


def _body(content: bytes, at: int) -> tuple[bytes, int]:
    """The segment whose length stands here, and where it ends. Raises Invalid beyond the end."""
    length = int.from_bytes(content[at : at + 2], "big")
    if length < 2 or at + length > len(content):
        raise torn()
    return content[at + 2 : at + length], at + length


def _coded(content: bytes, at: int) -> tuple[bytes, int]:
    """The coded data of a scan, and where they end. Raises Invalid when the file ends first."""
    found = _AFTER_SCAN.search(content, at)
    if found is None:
        raise torn()
    return content[at : found.start()], found.start()


def _belongs(marker: int, body: bytes) -> bool:
    if marker in _APPLICATION:
        return any(marker == kind and body.startswith(name) for kind, name in _KEPT)
    return marker != _COMMENT


def _segment(marker: int, body: bytes) -> bytes:
    return struct.pack(">BBH", 0xFF, marker, len(body) + 2) + body
