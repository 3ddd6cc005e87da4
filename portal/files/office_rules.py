"""Office files: which they are, and what in them could run. Nothing is unpacked but small parts. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator
from xml.parsers.expat import ExpatError
from zipfile import BadZipFile, ZipFile, ZipInfo

from portal.files.office_part_rules import runs
from portal.files.rules import refuse
from portal.kernel.archives import TooMuch, opened, unpacked
from portal.kernel.errors import N_, Invalid

_OFFICE = "application/vnd.openxmlformats-officedocument."
WORD = _OFFICE + "wordprocessingml.document"
SHEET = _OFFICE + "spreadsheetml.sheet"
SLIDES = _OFFICE + "presentationml.presentation"
ENDINGS = {WORD: (".docx",), SHEET: (".xlsx",), SLIDES: (".pptx",)}

OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
"""How the older format begins, which also wraps what has a password."""

_TYPES = "[Content_Types].xml"
_MAIN = {"word/document.xml": WORD, "xl/workbook.xml": SHEET, "ppt/presentation.xml": SLIDES}
_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")
_MEMBERS_MAX = 5000
_UNPACKED_MAX = 500 * 2**20  # bytes, as it says itself; what its reader would have to hold
_READ_MAX = 32 * 2**20  # bytes of the parts that are looked into
_LAST_RECORD = 22  # bytes of the record that ends an archive, without its comment
_IS_ENCRYPTED = 0x1

_RUNNING_PARTS = re.compile(r"vbaproject|vbadata|/macrosheets/|/activex/|/dialogsheets/", re.IGNORECASE)
_READ_PARTS = re.compile(r"\[Content_Types\]\.xml|.*/externalLinks/[^/]+\.xml|.*\.rels", re.IGNORECASE)


def office_type_of(content: bytes) -> str:
    """The type of a Word, Excel or PowerPoint file without macros. Raises Invalid for any other archive."""
    try:
        with opened(content, members_max=_MEMBERS_MAX) as archive:
            members = archive.infolist()
            if _end(content) != len(content) or min(member.header_offset for member in members) > 0:
                raise _two_files()
            names = {member.filename for member in members}
            found = [media_type for part, media_type in _MAIN.items() if part in names]
            if _TYPES not in names or len(found) != 1:
                message = N_("This is an archive of other files.")
                raise refuse("archive", message, N_("Unpack it and send the files one by one."))
            _check_members(members)
            if any(runs(name, part) for name, part in _parts(archive, found[0])):
                raise _macros()
            return found[0]
    except TooMuch:
        raise _unfolds() from None
    except (BadZipFile, ExpatError, ValueError):
        raise refuse(
            "torn_file", N_("This file is not complete."), N_("Make it or copy it once more.")
        ) from None


def old_office(content: bytes) -> Invalid:
    """Why a file of the older format is refused."""
    if _ENCRYPTED in content:
        return _password()
    message = N_("This is an Office file of the old format, which may hold macros.")
    return refuse("old_office", message, N_("Save it as .docx, .xlsx or .pptx."))


def _check_members(members: list[ZipInfo]) -> None:
    if any(member.flag_bits & _IS_ENCRYPTED for member in members):
        raise _password()
    if any(_RUNNING_PARTS.search(member.filename) for member in members):
        raise _macros()
    if sum(member.file_size for member in members) > _UNPACKED_MAX:
        raise _unfolds()


def _parts(archive: ZipFile, media_type: str) -> Iterator[tuple[str, bytes]]:
    """The parts in which something that runs would be named; of a text all, its fields may stand in any."""
    left = _READ_MAX
    for member in archive.infolist():
        name = member.filename
        if _READ_PARTS.fullmatch(name) or (media_type == WORD and name.lower().endswith(".xml")):
            part = b"".join(unpacked(archive, member, at_most=left))
            left -= len(part)
            yield name, part


def _end(content: bytes) -> int:
    """Where the archive ends, as it says itself."""
    last = content.rfind(b"PK\x05\x06")
    return last + _LAST_RECORD + int.from_bytes(content[last + 20 : last + 22], "little")


def _two_files() -> Invalid:
    message = N_("Something else follows after the end of this file.")
    return refuse("two_files_in_one", message, N_("Save it once more in its program."))


def _unfolds() -> Invalid:
    message = N_("This file unfolds into more than a reader can hold.")
    return refuse("file_unfolds", message, N_("Divide it."))


def _macros() -> Invalid:
    message = N_("This file holds macros, or takes what it shows from elsewhere.")
    return refuse("macros", message, N_("Save it without macros and links, or as a PDF."))


def _password() -> Invalid:
    message = N_("This file is protected by a password.")
    return refuse("password", message, N_("Save it without the password."))
