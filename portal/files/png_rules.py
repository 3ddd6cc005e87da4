"""A PNG without what is not the picture: texts, dates, further frames, whatever follows its end. Pure."""

from __future__ import annotations

import struct
from zlib import crc32

from portal.files.jpeg_rules import torn

_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_KEPT = frozenset(
    {
        b"IHDR",
        b"PLTE",
        b"IDAT",
        b"tRNS",
        b"cHRM",
        b"gAMA",
        b"iCCP",
        b"sBIT",
        b"sRGB",
        b"cICP",
        b"bKGD",
        b"pHYs",
    }
)
_EXIF, _END = b"eXIf", b"IEND"
_AROUND = 12  # bytes of a chunk beside its data: length, name, checksum


def cleaned(content: bytes, orientation: bytes) -> bytes:
    """The picture with its colours, as it is turned, and nothing else. orientation: Exif with only that.

    Raises Invalid for one that is cut off.
    """
    kept, at, name = [_SIGNATURE], len(_SIGNATURE), b""
    while name != _END:
        length = int.from_bytes(content[at : at + 4], "big")
        name, end = content[at + 4 : at + 8], at + length + _AROUND
        if end > len(content):
            raise torn()
        if name == b"IDAT" and orientation:
            kept.append(_chunk(_EXIF, orientation))
            orientation = b""
        if name in _KEPT:
            kept.append(content[at:end])
        at = end
    return b"".join([*kept, _chunk(_END, b"")])


def _chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", crc32(name + data))
