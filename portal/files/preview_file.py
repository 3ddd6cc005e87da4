"""Small pictures of uploaded pictures, made by a job and kept beside them."""

from __future__ import annotations

from contextlib import suppress

from sqlalchemy.orm import Session

from portal.files.open_file import open_file, readable_row
from portal.files.pictures import preview
from portal.files.store import FileStore
from portal.kernel.actor import Actor
from portal.kernel.errors import NotFound

TOPIC = "file.preview"
_SUFFIX = ".preview"


def preview_key(file_id: str) -> str:
    """Under which the small picture of a file lies in the store."""
    return file_id + _SUFFIX


def make_preview(store: FileStore, *, file_id: str, media_type: str) -> None:
    """Make the small picture of a picture; of one that was removed meanwhile none. Raises OSError."""
    with suppress(FileNotFoundError):
        store.put(preview_key(file_id), preview(store.get(file_id), media_type))


def open_preview(session: Session, *, actor: Actor, store: FileStore, file_id: str) -> bytes:
    """A small JPEG of a picture that the actor may read. Raises NotFound while there is none."""
    row = readable_row(session, actor, file_id)
    try:
        return store.get(preview_key(row.id))
    except OSError:
        raise NotFound() from None


def small_picture(session: Session, *, actor: Actor, store: FileStore, file_id: str) -> bytes:
    """The same for paper, which does not wait for the job. Raises NotFound, Unavailable without the store."""
    file = open_file(session, actor=actor, store=store, file_id=file_id)
    with suppress(OSError):
        return store.get(preview_key(file_id))
    return preview(file.content, file.media_type)
