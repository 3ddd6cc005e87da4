"""Quality writes down cause, measure, answer and follow-up, and closes a complaint: nobody else does."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from sqlalchemy import text
from sqlalchemy.orm import Session

from portal.audit.record import record
from portal.complaints.locked import LockedComplaint, lock_complaint, tell_fields
from portal.complaints.rules import (
    ComplaintState,
    HandlingEntry,
    closing_faults,
    handling_faults,
    shown_state,
)
from portal.complaints.vocabulary import ComplaintAction
from portal.kernel.actor import Actor
from portal.kernel.errors import N_, Conflict, Invalid
from portal.nonconforming.vocabulary import QualityRight
from portal.service.finish import resolve_locked
from portal.service.rules import plain_text

_TEXTS = ("cause", "measure", "answer", "follow_up", "told_how")


def handle_complaint(
    session: Session,
    *,
    actor: Actor,
    number: str,
    entry: HandlingEntry,
    revision: int | None = None,
    at: datetime,
) -> None:
    """Write down what is known by now; the dealer sees measure and answer at once.

    Raises Invalid with every fault, Conflict before the triage or after the closing, NotFound, Forbidden.
    """
    actor.require(QualityRight.DECIDE)
    complaint = lock_complaint(session, number, revision)
    if faults := handling_faults(entry, at):
        raise Invalid(faults=faults)
    _require_triaged(complaint)
    said = {name: plain_text(getattr(entry, name)) for name in _TEXTS}
    key = {"dealer_id": complaint.request.dealer_id, "id": complaint.request.id}
    session.execute(_SHOWN, key | {"measure": said["measure"], "answer": said["answer"]})
    session.execute(_OURS, key | said | {"told_at": entry.told_at})
    changed = {name: value for name, value in said.items() if value != getattr(complaint, name)}
    if entry.told_at != complaint.told_at:
        changed["told_at"] = entry.told_at.isoformat() if entry.told_at else ""
    tell_fields(session, complaint.request, changed, actor=actor, at=at)
    after = {"fields": sorted(changed)}
    record(session, ComplaintAction.HANDLED, number, actor=actor, dealer_id=key["dealer_id"], after=after)


def close_complaint(
    session: Session, *, actor: Actor, number: str, revision: int | None = None, at: datetime
) -> None:
    """Close a complaint that has its cause, measure and answer; that resolves its request with the answer.

    Raises Invalid for what is missing, Conflict when it is closed or has changed, NotFound, Forbidden.
    """
    actor.require(QualityRight.DECIDE)
    complaint = lock_complaint(session, number, revision)
    _require_triaged(complaint)
    request = complaint.request
    key = {"dealer_id": request.dealer_id, "id": request.id}
    faults = closing_faults(
        HandlingEntry(**{name: getattr(complaint, name) for name in (*_TEXTS, "told_at")}),
        category=complaint.category,
        possible_event=complaint.possible_event,
        event_state=session.execute(_EVENT_STATE, key).scalar_one_or_none(),
    )
    if faults:
        raise Invalid("not_ready", N_("The complaint cannot be closed yet."), faults=faults)
    session.execute(_CLOSE, key | {"at": at, "round": request.reopenings})
    session.execute(_CLOSED_BY, key | {"label": actor.label})
    record(session, ComplaintAction.CLOSED, number, actor=actor, dealer_id=request.dealer_id)
    resolve_locked(session, replace(request, is_held=False), actor=actor, text=complaint.answer, at=at)


def _require_triaged(complaint: LockedComplaint) -> None:
    if not complaint.request.is_held:
        raise Conflict(
            "complaint_closed",
            N_("This complaint is closed."),
            fix=N_("Reopen its request where it is not solved."),
        )
    if shown_state(complaint.state, is_held=True) is not ComplaintState.TRIAGED:
        raise Conflict(
            "not_triaged",
            N_("Quality has not decided yet what this complaint is about."),
            fix=N_("Triage it first."),
        )


_SHOWN = text(
    """
    UPDATE complaint
       SET revision = revision + 1, state = 'triaged', measure = :measure, answer = :answer, closed_at = NULL,
           closed_round = NULL
     WHERE dealer_id = :dealer_id AND id = :id
    """
)
_OURS = text(
    """
    UPDATE complaint_analysis
       SET cause = :cause, follow_up = :follow_up, told_how = :told_how, told_at = :told_at
     WHERE dealer_id = :dealer_id AND id = :id
    """
)
_EVENT_STATE = text("SELECT state FROM adverse_event WHERE dealer_id = :dealer_id AND id = :id")
_CLOSE = text(
    """
    UPDATE complaint SET revision = revision + 1, state = 'closed', closed_at = :at, closed_round = :round
     WHERE dealer_id = :dealer_id AND id = :id
    """
)
_CLOSED_BY = text(
    "UPDATE complaint_analysis SET closed_by_label = :label WHERE dealer_id = :dealer_id AND id = :id"
)
