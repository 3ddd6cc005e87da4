"""The audit as it is searched: by document, person, dealer and time. Row-level security says whose."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from portal.kernel.document_list import DocumentList
from portal.kernel.paging import Page

STORY_MAX = 500
"""Events of one document that its story shows."""


@dataclass(frozen=True, slots=True)
class EventRow:
    """One act. on_behalf_of: for whom the actor acted, as ``user:12`` or ``dealer:D0001``, empty for itself.
    before, after: the fields that it changed. is_sealed: whether a batch vouches for it.
    """

    id: int
    at: datetime
    actor: str
    actor_label: str
    on_behalf_of: str
    dealer_id: int | None
    action: str
    subject_kind: str
    subject: str
    request_id: str | None
    address: str | None
    before: Mapping[str, Any]
    after: Mapping[str, Any]
    reason: str
    is_sealed: bool


@dataclass(frozen=True, slots=True)
class EventFilter:
    """What is sought. actor: a key such as ``user:12``, or part of a name. since is in, until is not."""

    subject: str = ""
    kind: str = ""
    actor: str = ""
    dealer_id: int | None = None
    since: datetime | None = None
    until: datetime | None = None

    def _sought(self) -> dict[str, Any]:
        return {
            "subject": self.subject,
            "kind": self.kind,
            "actor": self.actor,
            "dealer_id": self.dealer_id,
            "since": self.since,
            "until": self.until,
        }


@dataclass(frozen=True, slots=True)
class Seal:
    """The newest batch. root: of the whole audit up to it, in hexadecimal."""

    number: int
    sealed_at: datetime
    last_at: datetime
    root: str
    key: str


@dataclass(frozen=True, slots=True)
class Change:
    """A field that an act changed; None for what there was not."""

    name: str
    before: Any
    after: Any


def events(
    session: Session, sought: EventFilter, *, limit: int = 50, cursor: str | None = None, sort: str = ""
) -> Page[EventRow]:
    """Acts, the latest first."""
    return EVENTS.page(session, sought._sought(), limit=limit, cursor=cursor, sort=sort)


def count_events(session: Session, sought: EventFilter) -> int:
    """How many acts `events` gives, at most one more than `paging.COUNTED_MAX`."""
    return EVENTS.count(session, sought._sought())


def story(session: Session, subject: str) -> list[EventRow]:
    """Everything that was done to a document, whatever kind it was recorded under, the latest first."""
    return list(events(session, EventFilter(subject=subject), limit=STORY_MAX).items)


def newest_seal(session: Session) -> Seal | None:
    """The batch that was sealed last; None before the first."""
    row = session.execute(_NEWEST).first()
    if row is None:
        return None
    return Seal(row.number, row.sealed_at, row.last_at, row.digest.hex(), row.key.hex())


def changes(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[Change]:
    """Field by field what an act changed, in the order in which it was written down."""
    return [Change(name, before.get(name), after.get(name)) for name in dict.fromkeys((*before, *after))]


EVENTS = DocumentList(
    name="audit",
    alias="e",
    moment="at",
    row=EventRow,
    columns="""
    e.id, e.at, e.actor, e.actor_label, coalesce(e.on_behalf_of, '') AS on_behalf_of, e.dealer_id,
    e.action, e.subject_kind, e.subject, e.request_id, e.address,
    coalesce(nullif(e.before, 'null'), '{}') AS before,
    coalesce(nullif(e.after, 'null'), '{}') AS after,
    coalesce(e.reason, '') AS reason,
    e.id <= (SELECT coalesce(max(b.last), 0) FROM audit_batch b) AS is_sealed
    """,
    tables="FROM audit_event e",
    conditions={
        "subject": "e.subject = :subject",
        "kind": "e.subject_kind = :kind",
        "actor": "(:actor IN (e.actor, e.on_behalf_of) OR strpos(lower(e.actor_label), lower(:actor)) > 0)",
        "dealer_id": "e.dealer_id = :dealer_id",
        "since": "e.at >= :since",
        "until": "e.at < :until",
    },
)

_NEWEST = text("SELECT number, sealed_at, last_at, digest, key FROM audit_batch ORDER BY number DESC LIMIT 1")
