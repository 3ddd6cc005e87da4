"""Files of documents: how any capability gives its documents files, and finds them again.

The capability names the kinds of its documents in `file_owners` of its manifest, with who may read each. Its
verb, which decides whether the document may have files now, calls `attach_files` in its own transaction;
from then on the files stay as they are, and whoever may read the document may read them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import text
from sqlalchemy.orm import Session

from portal.audit.record import record
from portal.files import drafts
from portal.files.content_rules import PDF, PICTURES
from portal.files.rules import Owner, attach_faults
from portal.files.vocabulary import FileAction
from portal.kernel.actor import Actor
from portal.kernel.db import value_of
from portal.kernel.errors import Invalid
from portal.kernel.registry import registry


@dataclass(frozen=True, slots=True)
class FileRow:
    """A file as a page lists it. size: bytes."""

    id: str
    name: str
    media_type: str
    size: int
    sha256: str
    uploaded_by_label: str
    uploaded_at: datetime

    @property
    def is_picture(self) -> bool:
        """Whether there is a small picture of it to look at."""
        return self.media_type in PICTURES

    @property
    def is_pdf(self) -> bool:
        """Whether a page may show it as it is."""
        return self.media_type == PDF


def attach_files(session: Session, *, actor: Actor, ids: Sequence[str], owner: Owner) -> list[FileRow]:
    """Give uploaded files to a document, behind those it has; they are in the order of `ids`.

    The caller has checked that the actor may do this and holds the document's lock. Raises Invalid, with a
    fault at ``/files/0`` and so on for each that is no draft of the actor's (`portal.files.drafts`) or was
    attached meanwhile. KeyError for a kind that no manifest names.
    """
    kind = registry().file_owners[owner.kind]
    if not ids:
        return []
    attached = len(files_of(session, owner))
    told = {"kind": owner.kind, "number": owner.number, "dealer_id": owner.dealer_id}
    given = session.execute(
        _ATTACH,
        {
            **told,
            "ids": list(ids),
            "attached": attached,
            "is_shared": kind.is_shared,
            **drafts.of(actor),
        },
    )
    if faults := attach_faults(ids, given.scalars().all(), attached):
        raise Invalid(faults=faults)
    record(
        session,
        FileAction.ATTACHED,
        owner.number,
        actor=actor,
        dealer_id=owner.dealer_id,
        after={"document": owner.kind, "files": list(ids)},
    )
    return files_of(session, owner)[attached:]


def files_of(session: Session, owner: Owner) -> list[FileRow]:
    """The files of a document that the session sees, in their order."""
    rows = session.execute(_FILES, {"kind": owner.kind, "number": owner.number})
    return [FileRow(**row._mapping) for row in rows]


def files_of_many(session: Session, kind: str, numbers: Sequence[str]) -> dict[str, list[FileRow]]:
    """The files of many documents of a kind, by the number of each that has some, by one statement."""
    found: dict[str, list[FileRow]] = {}
    for row in session.execute(_FILES_OF_MANY, {"kind": kind, "numbers": list(numbers)}):
        found.setdefault(row.owner_number, []).append(value_of(FileRow, row))
    return found


def uploaded_files(session: Session, *, actor: Actor, ids: Sequence[str]) -> list[FileRow]:
    """Of these the drafts that the actor may attach, in this order: what a form shows again."""
    if not ids:
        return []
    key = {"ids": list(ids), **drafts.of(actor)}
    return [FileRow(**row._mapping) for row in session.execute(_DRAFTS, key)]


_SHOWN = "f.id, f.name, f.media_type, f.size, f.sha256, f.uploaded_by_label, f.uploaded_at"
_ATTACH = text(
    f"""
    UPDATE stored_file f
       SET state = 'kept', owner_kind = :kind, owner_number = :number, is_shared = :is_shared,
           dealer_id = :dealer_id, place = :attached + asked.place
      FROM (SELECT id, min(place) AS place FROM unnest(CAST(:ids AS text[])) WITH ORDINALITY AS one(id, place)
             GROUP BY id) AS asked
     WHERE f.id = asked.id AND f.state = 'draft' AND {drafts.OWN}
    RETURNING f.id
    """
)
_FILES = text(
    f"""
    SELECT {_SHOWN} FROM stored_file f
     WHERE f.state = 'kept' AND f.owner_kind = :kind AND f.owner_number = :number ORDER BY f.place
    """
)
_FILES_OF_MANY = text(
    f"""
    SELECT f.owner_number, {_SHOWN} FROM stored_file f
     WHERE f.state = 'kept' AND f.owner_kind = :kind AND f.owner_number = ANY (CAST(:numbers AS text[]))
     ORDER BY f.owner_number, f.place
    """
)
_DRAFTS = text(
    f"""
    SELECT {_SHOWN} FROM unnest(CAST(:ids AS text[])) WITH ORDINALITY AS asked(id, place)
      JOIN stored_file f ON f.id = asked.id
     WHERE f.state = 'draft' AND {drafts.OWN} ORDER BY asked.place
    """
)
