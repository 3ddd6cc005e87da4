"""A ZIP archive of a stranger and the XML in it, read within bounds. Pure.

Nothing that the archive says of sizes is believed: what is unpacked is counted piece by piece. Only what
Office writes is unpacked, stored or deflated: the other ways cannot be unpacked in pieces.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterator
from copy import copy
from dataclasses import dataclass
from io import BytesIO
from xml.parsers import expat
from zipfile import ZIP_DEFLATED, ZIP_STORED, BadZipFile, ZipFile, ZipInfo

_METHODS = frozenset({ZIP_STORED, ZIP_DEFLATED})
_ENTRY = b"PK\x01\x02"
_PIECE = 2**16


class TooMuch(ValueError):
    """An archive holds more than is read of one."""


@dataclass
class Allowance:
    """How much XML is still read: a few kilobytes unpack to millions of elements.

    left: attributes; an element takes the time of four.
    """

    left: int

    def spend(self, attributes: int) -> None:
        """Read another element. Raises TooMuch beyond what is left."""
        self.left -= 4 + attributes
        if self.left < 0:
            raise TooMuch("elements")


def opened(content: bytes, *, members_max: int) -> ZipFile:
    """An archive. Raises TooMuch before its list is read, BadZipFile for what is none."""
    if content.count(_ENTRY) > members_max:
        raise TooMuch("members")
    try:
        archive = ZipFile(BytesIO(content))
    except (ValueError, NotImplementedError, EOFError, OSError) as error:
        raise BadZipFile("its list cannot be read") from error
    if any(member.compress_type not in _METHODS for member in archive.infolist()):
        raise BadZipFile("packed in a way that Office does not use")
    return archive


def unpacked(archive: ZipFile, member: ZipInfo, *, at_most: int) -> Iterator[bytes]:
    """A member in pieces. at_most: bytes.

    Raises TooMuch beyond them, BadZipFile for a member that is broken or longer or shorter than it says.
    """
    measured, size = copy(member), 0
    measured.file_size = at_most + 2 * _PIECE  # the reader would stop where the archive says that it ends
    try:
        with archive.open(measured) as part:
            while piece := part.read(_PIECE):
                size += len(piece)
                if size > at_most:
                    raise TooMuch(member.filename)
                yield piece
    except (zlib.error, EOFError, NotImplementedError, OSError, RuntimeError) as error:
        raise BadZipFile(f"{member.filename} is broken") from error
    if size != member.file_size:
        raise BadZipFile(f"{member.filename} has another size than it says")


def parse(
    content: bytes,
    start: Callable[[str, dict[str, str]], None],
    end: Callable[[str], None] = lambda _: None,
    text: Callable[[str], None] = lambda _: None,
) -> None:
    """Read XML, its names without their prefixes. Raises ValueError for a document type, ExpatError.

    It is read at once: in pieces a parser begins a long token anew with each of them.
    """

    def no_doctype(*_: object) -> None:
        raise ValueError("a document type")

    parser = expat.ParserCreate()
    parser.buffer_text = True
    parser.StartDoctypeDeclHandler = no_doctype
    parser.StartElementHandler = lambda name, attributes: start(name.rpartition(":")[2], attributes)
    parser.EndElementHandler = lambda name: end(name.rpartition(":")[2])
    parser.CharacterDataHandler = text
    parser.Parse(content, True)
