"""A file is handed out to whoever may read its document; a draft to those who may still attach it."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import text
from sqlalchemy.orm import Session

from portal.files.drafts import is_own
from portal.files.rules import State
from portal.files.store import FileStore
from portal.kernel.actor import Actor
from portal.kernel.db import Record
from portal.kernel.errors import N_, Forbidden, NotFound, Unavailable
from portal.kernel.registry import registry


@dataclass(frozen=True, slots=True)
class OpenedFile:
    """A file with its bytes."""

    name: str
    media_type: str
    sha256: str
    content: bytes


def open_file(session: Session, *, actor: Actor, store: FileStore, file_id: str) -> OpenedFile:
    """A file. Raises NotFound for one that is not there for the actor, Unavailable without the store."""
    row = readable_row(session, actor, file_id)
    try:
        return OpenedFile(row.name, row.media_type, row.sha256, store.get(row.id))
    except OSError as error:
        raise Unavailable(
            "file_unavailable", N_("This file cannot be read at present."), fix=N_("Try again later.")
        ) from error


def readable_row(session: Session, actor: Actor, file_id: str) -> Record:
    """The row of a file that the actor may read. Raises NotFound, also for who may not read its document."""
    row = session.execute(_FILE, {"id": file_id}).one_or_none()
    if row is None:
        raise NotFound()
    if row.state == State.DRAFT:
        if not is_own(row, actor):
            raise NotFound()
        return row
    try:
        owner = registry().file_owners[row.owner_kind]
        owner.require_reader(session, actor, row.owner_number)
        if owner.require_file_reader:
            owner.require_file_reader(session, actor, row.id)
    except Forbidden:
        raise NotFound() from None
    return row


_FILE = text(
    """
    SELECT id, dealer_id, name, media_type, size, sha256, state, owner_kind, owner_number, uploaded_by
      FROM stored_file WHERE id = :id
    """
)
