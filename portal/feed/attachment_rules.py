"""Which files may be attached, found out from their bytes. Pure."""

from __future__ import annotations

from io import BytesIO
from zipfile import BadZipFile, ZipFile

from portal.kernel.errors import N_, Fault

SIZE_MAX = 10 * 2**20  # bytes
FILES_MAX = 10
NAME_MAX = 120  # characters

PDF, PNG, JPEG = "application/pdf", "image/png", "image/jpeg"
_OFFICE = "application/vnd.openxmlformats-officedocument."
WORD = _OFFICE + "wordprocessingml.document"
SHEET = _OFFICE + "spreadsheetml.sheet"
SLIDES = _OFFICE + "presentationml.presentation"

ENDINGS = {PDF: (".pdf",), PNG: (".png",), JPEG: (".jpg", ".jpeg")} | {
    WORD: (".docx",),
    SHEET: (".xlsx",),
    SLIDES: (".pptx",),
}
"""How the name of a file of each type ends."""

_BEGINNINGS = {b"%PDF-": PDF, b"\x89PNG\r\n\x1a\n": PNG, b"\xff\xd8\xff": JPEG}
_PARTS = {"word/document.xml": WORD, "xl/workbook.xml": SHEET, "ppt/presentation.xml": SLIDES}
_ZIP = b"PK\x03\x04"
_MEMBERS_MAX = 5000


def media_type_of(content: bytes) -> str | None:
    """The type of a PDF, a picture or an Office file without macros; None for anything else."""
    for beginning, media_type in _BEGINNINGS.items():
        if content.startswith(beginning):
            return media_type
    return _office(content) if content.startswith(_ZIP) else None


def _office(content: bytes) -> str | None:
    """Only the list of what is inside is read: nothing is unpacked."""
    try:
        with ZipFile(BytesIO(content)) as archive:
            names = {member.filename for member in archive.infolist()[:_MEMBERS_MAX]}
    except (BadZipFile, ValueError, NotImplementedError):
        return None
    if "[Content_Types].xml" not in names or any(name.endswith("vbaProject.bin") for name in names):
        return None
    found = [media_type for part, media_type in _PARTS.items() if part in names]
    return found[0] if len(found) == 1 else None


def plain_name(given: str) -> str:
    """The name of a file without the folder it came from."""
    return given.replace("\\", "/").rpartition("/")[2].strip()


def file_faults(name: str, content: bytes, *, attached: int) -> list[Fault]:
    """What is wrong with a file to be attached. attached: how many there are already."""
    pointer = "/file"
    if attached >= FILES_MAX:
        fix = N_("Remove one first.")
        return [Fault(pointer, "too_many_files", N_("At most %(max)s files."), fix, {"max": FILES_MAX})]
    if not name or not content:
        return [Fault(pointer, "no_file", N_("No file was chosen, or it is empty."), N_("Choose a file."))]
    if len(content) > SIZE_MAX:
        fix = N_("Make it smaller, or divide it.")
        return [Fault(pointer, "file_too_large", N_("A file has at most 10 MB."), fix)]
    if len(name) > NAME_MAX or not name.isprintable():
        message = N_("The name of a file has at most %(max)s printable characters.")
        return [Fault(pointer, "file_name", message, N_("Rename it."), {"max": NAME_MAX})]
    media_type = media_type_of(content)
    if media_type is None:
        message = N_("This is no PDF, PNG, JPEG, Word, Excel or PowerPoint file without macros.")
        return [Fault(pointer, "file_type", message, N_("Save it as one of these."))]
    if not name.lower().endswith(ENDINGS[media_type]):
        message = N_("The name has to end with %(ending)s: that is what the file is.")
        ending = ENDINGS[media_type][0]
        return [Fault(pointer, "file_ending", message, N_("Rename it."), {"ending": ending})]
    return []
