"""What an uploaded file is, found out from its bytes; the name only has to agree. Pure.

Taken are what evidence of the trade comes as: PDF, pictures of phones and scanners, Office files without
macros, plain tables and texts. Whatever could run, hide another file or unfold into one is refused in words.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import NamedTuple

from portal.files.office_rules import ENDINGS as OFFICE_ENDINGS
from portal.files.office_rules import OLE, office_type_of, old_office
from portal.files.rules import refuse
from portal.files.text_rules import ENDINGS as TEXT_ENDINGS
from portal.files.text_rules import text_type_of
from portal.kernel.errors import N_, Invalid

PDF = "application/pdf"
PNG = "image/png"
JPEG = "image/jpeg"
HEIC = "image/heic"
PICTURES = frozenset({PNG, JPEG, HEIC})

ENDINGS = (
    {PDF: (".pdf",), PNG: (".png",), JPEG: (".jpg", ".jpeg"), HEIC: (".heic", ".heif")}
    | OFFICE_ENDINGS
    | TEXT_ENDINGS
)
"""How the name of a file of each type ends."""


class _Beginning(NamedTuple):
    at: int
    bytes: bytes
    means: Callable[[], Invalid]


def _program() -> Invalid:
    return refuse("program", N_("This is a program."), N_("Send a PDF, a picture or an Office file."))


def _archive() -> Invalid:
    message = N_("This is an archive of other files.")
    return refuse("archive", message, N_("Unpack it and send the files one by one."))


def _other_picture() -> Invalid:
    message = N_("Pictures of this kind are not taken.")
    return refuse("picture_type", message, N_("Save it as JPEG or PNG."))


def _video() -> Invalid:
    return refuse("video", N_("Videos and sounds are not taken."), N_("Send pictures of what matters."))


_REFUSED = (
    _Beginning(0, b"MZ", _program),
    _Beginning(0, b"\x7fELF", _program),
    _Beginning(0, b"\xca\xfe\xba\xbe", _program),
    _Beginning(0, b"\xfe\xed\xfa", _program),
    _Beginning(0, b"\xcf\xfa\xed\xfe", _program),
    _Beginning(0, b"#!", _program),
    _Beginning(0, b"L\x00\x00\x00\x01\x14\x02\x00", _program),
    _Beginning(0, b"\x1f\x8b", _archive),
    _Beginning(0, b"BZh", _archive),
    _Beginning(0, b"Rar!", _archive),
    _Beginning(0, b"7z\xbc\xaf\x27\x1c", _archive),
    _Beginning(0, b"\xfd7zXZ\x00", _archive),
    _Beginning(0, b"\x28\xb5\x2f\xfd", _archive),
    _Beginning(0, b"MSCF", _archive),
    _Beginning(257, b"ustar", _archive),
    _Beginning(0, b"GIF8", _other_picture),
    _Beginning(0, b"BM", _other_picture),
    _Beginning(0, b"II*\x00", _other_picture),
    _Beginning(0, b"MM\x00*", _other_picture),
    _Beginning(8, b"WEBP", _other_picture),
    _Beginning(4, b"ftypavif", _other_picture),
    _Beginning(8, b"AVI ", _video),
    _Beginning(8, b"WAVE", _video),
    _Beginning(0, b"\x1aE\xdf\xa3", _video),
    _Beginning(0, b"ID3", _video),
    _Beginning(0, b"OggS", _video),
)
_HEIF_BRANDS = frozenset({b"heic", b"heix", b"heim", b"heis", b"mif1"})
_BRANDS_AT = 8
_LARGE_BOX = 1  # as a size: the true one follows in eight bytes; 0: to the end of the file
_PDF_RUNS = ("JavaScript", "JS", "Launch", "EmbeddedFile", "EmbeddedFiles")
"""Names in a PDF of what runs or hides another file. Only what stands there openly is found: a PDF may pack
its objects. Whoever opens it has a reader that asks before it runs anything."""
_PDF_END = re.compile(rb"%%EOF[\s\x00]*\Z")
_PDF_TAIL = 1024


def _pdf_name(word: str) -> bytes:
    """A pattern of a name: any of its letters may be written as a number."""
    return b"".join(f"(?:{letter}|#{ord(letter):02x}|#{ord(letter):02X})".encode() for letter in word)


_PDF_RUNNING = re.compile(b"/(?:" + b"|".join(map(_pdf_name, _PDF_RUNS)) + rb")(?![\w#.-])")


def media_type_of(name: str, content: bytes) -> str:
    """The type of a file that may be taken. Raises Invalid for any other, and for a name that disagrees."""
    media_type = _by_bytes(content) or text_type_of(name, content)
    endings = ENDINGS[media_type]
    if not name.lower().endswith(endings):
        message = N_("The name has to end with %(ending)s: that is what the file is.")
        raise refuse("file_ending", message, N_("Rename it."), ending=endings[0])
    return media_type


def _by_bytes(content: bytes) -> str | None:
    """What the beginning says; None for what may be a text."""
    for beginning in _REFUSED:
        if content.startswith(beginning.bytes, beginning.at):
            raise beginning.means()
    if content.startswith(b"%PDF-"):
        return _pdf(content)
    if content.startswith(b"\x89PNG\r\n\x1a\n"):
        return PNG
    if content.startswith(b"\xff\xd8\xff"):
        return JPEG
    if content.startswith(b"PK\x03\x04"):
        return office_type_of(content)
    if content.startswith(OLE):
        raise old_office(content)
    return _boxes(content) if content.startswith(b"ftyp", 4) else None


def _pdf(content: bytes) -> str:
    """Nothing may follow its end: a reader of another format begins there."""
    if _PDF_RUNNING.search(content):
        message = N_("This PDF holds a script, another file, or starts a program.")
        raise refuse("pdf_runs", message, N_("Print it to a new PDF."))
    if _PDF_END.search(content, max(0, len(content) - _PDF_TAIL)):
        return PDF
    if b"%%EOF" in content:
        message = N_("Something else follows after the end of this PDF.")
        raise refuse("two_files_in_one", message, N_("Print it to a new PDF."))
    raise _torn()


def _boxes(content: bytes) -> str:
    """A picture of a phone, or a video: both come in boxes, and the first names its brands."""
    length = int.from_bytes(content[:4], "big")
    brands = {content[at : at + 4] for at in range(_BRANDS_AT, min(length, 256), 4)}
    if not brands & _HEIF_BRANDS:
        raise _video()
    if not _is_whole(content):  # decoders fill in what is missing with grey
        raise _torn()
    return HEIC


def _is_whole(content: bytes) -> bool:
    """Whether the last of the boxes ends within the file."""
    at, size = 0, 1
    while at < len(content) and size:
        size = int.from_bytes(content[at : at + 4], "big")
        if size == _LARGE_BOX:
            size = int.from_bytes(content[at + 8 : at + 16], "big")
        at += size
    return at <= len(content)


def _torn() -> Invalid:
    return refuse("torn_file", N_("This file is not complete."), N_("Make it or copy it once more."))
