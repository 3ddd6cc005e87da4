"""A file that belongs to no document is taken back."""

from __future__ import annotations

from sqlalchemy import text
from sqlalchemy.orm import Session

from portal.audit.record import record
from portal.files.open_file import readable_row
from portal.files.rules import State
from portal.files.vocabulary import FileAction, FileRight
from portal.kernel.actor import Actor
from portal.kernel.errors import N_, Conflict, NotFound

KEPT = N_("This file belongs to a document and stays with it.")


def remove_draft(session: Session, *, actor: Actor, file_id: str) -> None:
    """Delete an uploaded file; its bytes are swept later, when this is certain.

    Raises Conflict for one that a document has, NotFound, Forbidden.
    """
    actor.require(FileRight.DESK if actor.is_staff else FileRight.WRITE)
    row = readable_row(session, actor, file_id)
    if row.state != State.DRAFT:
        raise Conflict("file_kept", KEPT)
    if session.scalar(_REMOVE, {"id": row.id}) is None:
        raise NotFound()
    record(
        session,
        FileAction.REMOVED,
        row.id,
        actor=actor,
        dealer_id=row.dealer_id,
        before={"name": row.name, "sha256": row.sha256},
    )


_REMOVE = text("DELETE FROM stored_file WHERE id = :id AND state = 'draft' RETURNING id")
