"""A complaint and its adverse event under the lock of their request, which guards both."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from portal.kernel.actor import Actor
from portal.kernel.errors import N_, Conflict, NotFound
from portal.service.locked import LockedRequest, lock_request
from portal.service.rules import ServiceKind


@dataclass(frozen=True, slots=True)
class LockedComplaint:
    """A complaint that nobody else can change until the commit. revision: 0 before anybody wrote anything."""

    request: LockedRequest
    revision: int
    state: str | None
    stop_use: str
    measure: str
    answer: str
    category: str
    grade: str
    possible_event: bool
    event_reason: str
    product_id: int | None
    lot_no: str
    serials: str
    cause: str
    follow_up: str
    told_how: str
    told_at: datetime | None


@dataclass(frozen=True, slots=True)
class LockedEvent:
    """An adverse event that nobody else can change until the commit."""

    request: LockedRequest
    revision: int
    state: str
    harm: str
    is_group: bool
    aware_at: datetime
    notice_at: datetime | None
    version_no: int
    submitted_no: int

    @property
    def key(self) -> dict[str, Any]:
        """Its key."""
        return {"dealer_id": self.request.dealer_id, "id": self.request.id}


def lock_complaint(session: Session, number: str, revision: int | None = None) -> LockedComplaint:
    """Lock a complaint. Raises NotFound, also for a request of another kind, Conflict when it has changed."""
    request = _lock(session, number)
    row = session.execute(_COMPLAINT, {"dealer_id": request.dealer_id, "id": request.id}).one_or_none()
    told = row._mapping if row else _NOTHING
    locked = LockedComplaint(request, **told)
    require_revision(locked.revision, revision)
    return locked


def lock_event(session: Session, number: str, revision: int | None = None) -> LockedEvent:
    """Lock an adverse event by the number of its complaint. Raises NotFound, Conflict when it has changed."""
    request = _lock(session, number)
    row = session.execute(_EVENT, {"dealer_id": request.dealer_id, "id": request.id}).one_or_none()
    if row is None:
        raise NotFound()
    require_revision(row.revision, revision)
    return LockedEvent(request, **row._mapping)


def require_revision(now: int, read: int | None) -> None:
    """Raise Conflict for what somebody changed since it was read."""
    if read is not None and read != now:
        raise Conflict(
            "edited_meanwhile",
            N_("Someone else has changed this complaint meanwhile."),
            fix=N_("Look at it as it is now, and go on from there."),
        )


def tell_fields(
    session: Session, request: LockedRequest, said: dict[str, str], *, actor: Actor, at: datetime
) -> None:
    """Keep what was written into which field, by whom and when."""
    for field, value in said.items():
        session.execute(
            _ENTRY,
            {
                "dealer_id": request.dealer_id,
                "id": request.id,
                "field": field,
                "value": value,
                "actor": actor.key,
                "label": actor.label,
                "at": at,
            },
        )


def _lock(session: Session, number: str) -> LockedRequest:
    request = lock_request(session, number)
    if request.kind is not ServiceKind.COMPLAINT:
        raise NotFound()
    return request


_NOTHING: dict[str, Any] = {
    "revision": 0,
    "state": None,
    "product_id": None,
    "told_at": None,
    "possible_event": False,
    **dict.fromkeys(("stop_use", "measure", "answer", "category", "grade", "event_reason", "lot_no"), ""),
    **dict.fromkeys(("serials", "cause", "follow_up", "told_how"), ""),
}
_COMPLAINT = text(
    """
    SELECT c.revision, c.state, c.stop_use, c.measure, c.answer, a.category, a.grade, a.possible_event,
           a.event_reason, a.product_id, a.lot_no, a.serials, a.cause, a.follow_up, a.told_how, a.told_at
      FROM complaint c JOIN complaint_analysis a ON (a.dealer_id, a.id) = (c.dealer_id, c.id)
     WHERE c.dealer_id = :dealer_id AND c.id = :id
    """
)
_EVENT = text(
    """
    SELECT revision, state, harm, is_group, aware_at, notice_at, version_no, submitted_no
      FROM adverse_event WHERE dealer_id = :dealer_id AND id = :id
    """
)
_ENTRY = text(
    """
    INSERT INTO complaint_entry (dealer_id, complaint_id, entry_no, field, value, author, author_label,
                                 said_at)
    SELECT :dealer_id, :id, coalesce(max(entry_no), 0) + 1, :field, :value, :actor, :label, :at
      FROM complaint_entry WHERE dealer_id = :dealer_id AND complaint_id = :id
    """
)
