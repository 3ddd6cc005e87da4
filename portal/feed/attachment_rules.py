"""Which files may be attached: of those that the portal takes, the ones that everybody opens. Pure."""

from __future__ import annotations

from portal.files.content_rules import JPEG, PDF, PNG, media_type_of
from portal.files.office_rules import SHEET, SLIDES, WORD
from portal.kernel.errors import N_, Fault, Invalid

SIZE_MAX = 10 * 2**20  # bytes
FILES_MAX = 10
NAME_MAX = 120  # characters

_TAKEN = frozenset({PDF, PNG, JPEG, WORD, SHEET, SLIDES})


def plain_name(given: str) -> str:
    """The name of a file without the folder it came from."""
    return given.replace("\\", "/").rpartition("/")[2].strip()


def checked_type(name: str, content: bytes, *, attached: int) -> str:
    """The type of a file to be attached. attached: how many there are already.

    Raises Invalid with what is wrong with it.
    """
    if attached >= FILES_MAX:
        raise _refused("too_many_files", N_("At most %(max)s files."), N_("Remove one first."), max=FILES_MAX)
    if not name or not content:
        raise _refused("no_file", N_("No file was chosen, or it is empty."), N_("Choose a file."))
    if len(content) > SIZE_MAX:
        message, fix = N_("A file has at most 10 MB."), N_("Make it smaller, or divide it.")
        raise _refused("file_too_large", message, fix)
    if len(name) > NAME_MAX or not name.isprintable():
        message = N_("The name of a file has at most %(max)s printable characters.")
        raise _refused("file_name", message, N_("Rename it."), max=NAME_MAX)
    media_type = media_type_of(name, content)
    if media_type not in _TAKEN:
        message = N_("This is no PDF, PNG, JPEG, Word, Excel or PowerPoint file without macros.")
        raise _refused("file_type", message, N_("Save it as one of these."))
    return media_type


def _refused(code: str, message: str, fix: str, **params: object) -> Invalid:
    return Invalid(faults=[Fault("/file", code, message, fix, params)])
