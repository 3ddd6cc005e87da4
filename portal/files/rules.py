"""What is decided about a file before anybody looks into it: its name, its size, how many may wait. Pure."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from enum import StrEnum
from typing import NamedTuple

from portal.kernel.errors import N_, Fault, Invalid

SIZE_MAX = 30 * 2**20  # bytes
NAME_MAX = 120  # characters
DRAFTS_MAX = 200
"""Files of one dealer that belong to no document yet; of headquarters, of one person."""
DRAFT_BYTES_MAX = 500 * 2**20
DOOR_DRAFTS_MAX = 16
"""Of whoever came by a secret link, who sends pictures and nothing else."""
DOOR_BYTES_MAX = 120 * 2**20
PIECE_MAX = 2 * 2**20
PIECES_MAX = 500  # of one file: the longest in pieces of 64 KiB
"""Bytes of a file that comes in pieces."""
DRAFT_DAYS = 7
"""Calendar days after which a file that belongs to no document is deleted."""
ATTACHED_MAX = 50
"""Files of one document."""

FILE = "/file"
"""Where a fault of an uploaded file points: its field."""


class State(StrEnum):
    """draft: belongs to no document and can be deleted. kept: belongs to one, and stays as it is."""

    DRAFT = "draft"
    KEPT = "kept"


class Owner(NamedTuple):
    """The document that files belong to.

    kind: one of `file_owners` of a manifest. dealer_id: whose document it is, None for headquarters'.
    """

    kind: str
    number: str
    dealer_id: int | None = None


def refuse(code: str, message: str, fix: str, **params: object) -> Invalid:
    """A refusal of an uploaded file, beside its field."""
    return Invalid(faults=[Fault(FILE, code, message, fix, params)])


def plain_name(given: str) -> str:
    """The name of a file without the folder it came from, in composed characters."""
    return unicodedata.normalize("NFC", given).replace("\\", "/").rpartition("/")[2].strip()


def check_name(name: str) -> None:
    """Raise Invalid for a name that nobody could read or that hides how it ends."""
    if not name:
        raise refuse("no_file", N_("No file was chosen."), N_("Choose a file."))
    if len(name) > NAME_MAX or not name.isprintable():
        message = N_("The name of a file has at most %(max)s printable characters.")
        raise refuse("file_name", message, N_("Rename it."), max=NAME_MAX)


def check_size(size: int) -> None:
    """Raise Invalid for a file with nothing in it, or too much. size: bytes."""
    if size == 0:
        raise refuse("empty_file", N_("This file is empty."), N_("Choose another file."))
    if size > SIZE_MAX:
        message = N_("A file has at most 30 MB.")
        raise refuse("file_too_large", message, N_("Make it smaller, or divide it."))


def check_piece(size: int, left: int, before: int) -> None:
    """Raise Invalid for a piece of a file that has nothing in it, or too much, or comes after too many.

    size, left: bytes. before: how many pieces came before it; each is an object of the store.
    """
    if before >= PIECES_MAX:
        message = N_("A file comes in at most %(max)s pieces.")
        raise refuse("too_many_pieces", message, N_("Begin again, with larger pieces."), max=PIECES_MAX)
    if not 0 < size <= min(PIECE_MAX, left):
        message = N_("A piece has from 1 to %(max)s bytes.")
        raise refuse("piece_size", message, N_("Send a smaller piece."), max=min(PIECE_MAX, left))


def check_drafts(count: int, size: int, coming: int, *, by_link: bool = False) -> None:
    """Raise Invalid when too many files wait for a document already. size, coming: bytes."""
    files, most = (DOOR_DRAFTS_MAX, DOOR_BYTES_MAX) if by_link else (DRAFTS_MAX, DRAFT_BYTES_MAX)
    if count >= files or size + coming > most:
        message = N_("Too many uploaded files belong to no document yet.")
        raise refuse("too_many_drafts", message, N_("Remove some of them, or finish what they are for."))


def count_faults(files: Sequence[str], *, most: int, fix: str = N_("Leave some out.")) -> list[Fault]:
    """What is wrong with how many files come with something, at ``/files``."""
    if len(files) <= most:
        return []
    return [Fault("/files", "too_many_files", N_("At most %(max)s files."), fix, {"max": most})]


def attach_faults(asked: Sequence[str], found: Sequence[str], attached: int) -> list[Fault]:
    """What is wrong with giving files to a document. found: of those asked the drafts that are there.

    attached: how many files the document has already.
    """
    if attached + len(asked) > ATTACHED_MAX:
        message = N_("A document has at most %(max)s files.")
        return [Fault("/files", "too_many_files", message, N_("Remove some."), {"max": ATTACHED_MAX})]
    return [
        Fault(
            f"/files/{place}",
            "unknown_file",
            N_("This file does not exist, or it belongs to a document already."),
            N_("Upload it again."),
        )
        for place, one in enumerate(asked)
        if one not in found or one in asked[:place]
    ]
