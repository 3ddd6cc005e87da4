"""The timeline of a request, one entry more; and the audit of the same."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

import orjson
from sqlalchemy import text
from sqlalchemy.orm import Session

from portal.audit.record import record
from portal.files.attach import attach_files
from portal.files.rules import Owner
from portal.kernel.actor import Actor
from portal.service.locked import LockedRequest
from portal.service.rules import INTERNAL, EntryKind, plain_text

OWNER_KIND, NOTE_KIND = "service request", "service note"
"""The kinds of documents that requests are to the files: what everybody of the conversation sees, and what
comes with internal notes.
"""


@dataclass(frozen=True, slots=True)
class Entry:
    """What is said or done. files: ids of uploaded ones. details: what an event says besides."""

    kind: EntryKind
    action: StrEnum
    text: str = ""
    files: Sequence[str] = ()
    details: dict[str, Any] = field(default_factory=dict)


def add_entry(session: Session, request: LockedRequest, entry: Entry, *, actor: Actor, at: datetime) -> None:
    """Add to the timeline of a locked request, and to the audit. Raises Invalid at ``/files/…``."""
    is_internal = entry.kind in INTERNAL
    session.execute(
        _ENTRY,
        {
            "dealer_id": request.dealer_id,
            "request_id": request.id,
            "kind": str(entry.kind),
            "is_internal": is_internal,
            "is_staff": actor.is_staff,
            "actor": actor.key,
            "label": actor.label,
            "text": plain_text(entry.text),
            "details": orjson.dumps(entry.details).decode(),
            "files": list(entry.files),
            "at": at,
        },
    )
    owner = Owner(NOTE_KIND if is_internal else OWNER_KIND, request.number, request.dealer_id)
    attach_files(session, actor=actor, ids=entry.files, owner=owner)
    record(
        session,
        entry.action,
        request.number,
        actor=actor,
        dealer_id=request.dealer_id,
        before={"state": str(request.state)},
        after=entry.details or None,
    )


_ENTRY = text(
    """
    INSERT INTO service_entry (dealer_id, request_id, entry_no, kind, is_internal, is_staff, author,
                               author_label, text, details, files, said_at)
    SELECT :dealer_id, :request_id, n.entries, :kind, :is_internal, :is_staff, :actor, :label, :text,
           CAST(:details AS jsonb), :files, :at
      FROM (SELECT coalesce(max(entry_no), 0) + 1 AS entries FROM service_entry
             WHERE dealer_id = :dealer_id AND request_id = :request_id) n
    """
)
