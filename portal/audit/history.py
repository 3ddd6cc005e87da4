"""What was done to a document, as the audit has it. Row-level security says whose events are seen."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from portal.kernel.db import value_of


@dataclass(frozen=True, slots=True)
class Event:
    """One act. after: what the act left, by the names it was recorded under. reason: empty without one."""

    at: datetime
    action: str
    actor_label: str
    after: Mapping[str, Any]
    reason: str


def history(session: Session, *, kinds: Sequence[str], subject: str, limit: int = 200) -> list[Event]:
    """The acts on a document, the latest first. kinds: of subject, which share the document's number."""
    rows = session.execute(_HISTORY, {"kinds": list(kinds), "subject": subject, "limit": limit})
    return [value_of(Event, row) for row in rows]


_HISTORY = text(
    """
    SELECT at, action, actor_label, coalesce(nullif(after, 'null'), '{}') AS after,
           coalesce(reason, '') AS reason
      FROM audit_event
     WHERE subject_kind = ANY (CAST(:kinds AS text[])) AND subject = :subject
     ORDER BY at DESC, id DESC LIMIT :limit
    """
)
