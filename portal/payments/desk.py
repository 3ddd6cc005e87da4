"""Headquarters works off the events that could not be posted: tries again, sets them aside, closes those.

What is set aside is money that the books lack, and is shown as that until it is booked, or until another
person says in writing that it stays so.
"""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy import text
from sqlalchemy.orm import Session

from portal.audit.record import record
from portal.kernel.actor import Actor, require_other_person
from portal.kernel.db import Record
from portal.kernel.errors import N_, Conflict, Forbidden, Invalid, NotFound
from portal.kernel.money import as_text
from portal.ledger.paper_faults import reason_faults
from portal.ledger.rules import Caution
from portal.ledger.vocabulary import LedgerRight
from portal.payments.handle_event import Handled, handle_event
from portal.payments.locked import lock_event
from portal.payments.rules import EventState
from portal.payments.vocabulary import PaymentAction

MAY_BE_TRIED = (EventState.WAITING, EventState.KEPT, EventState.ASIDE)


def require_desk(actor: Actor) -> None:
    """Raise Forbidden unless the actor posts for all regions: an event that nobody knows is nobody's."""
    _require(actor, LedgerRight.POST)


def _require(actor: Actor, *rights: LedgerRight) -> None:
    actor.require(*rights)
    if actor.region_ids is not None:
        raise Forbidden(
            "all_regions_needed",
            N_("Events of Stripe concern dealers of all regions, and you see only some."),
            fix=N_("Ask a colleague who works for all regions."),
        )


def try_again(
    session: Session, *, actor: Actor, event: str, zone: ZoneInfo, at: datetime, caution: Caution
) -> Handled:
    """Handle an event that waits, or was set aside, once more.

    Raises Conflict when it does neither, NotFound, Forbidden.
    """
    require_desk(actor)
    row = _event(session, event)
    if row.state not in MAY_BE_TRIED:
        raise Conflict("not_waiting", N_("This event does not wait any more."))
    how = {"event_id": row.id, "zone": zone, "at": at, "caution": caution}
    return handle_event(session, actor=actor, also=EventState.ASIDE, **how)


def set_aside(session: Session, *, actor: Actor, event: str, reason: str, at: datetime) -> None:
    """Say that nothing is to be posted by itself: it is nothing of ours, or was booked by hand.

    The amount stays among what is not booked.

    Raises Invalid without a reason, Conflict when it does not wait, NotFound, Forbidden.
    """
    require_desk(actor)
    found = _event(session, event)
    if faults := reason_faults(reason):
        raise Invalid(faults=faults)
    row = lock_event(session, found.id)
    if row is None or row.state != EventState.WAITING:
        raise Conflict("not_waiting", N_("This event does not wait any more."))
    about = {"id": found.id, "note": reason.strip(), "by": actor.key, "label": actor.label, "at": at}
    session.execute(_ASIDE, about)
    record(session, PaymentAction.EVENT_ASIDE, event, actor=actor, dealer_id=None, reason=reason.strip())


def close_aside(session: Session, *, actor: Actor, event: str, reason: str, at: datetime) -> None:
    """Agree as another person that what was set aside is not booked, and why: it is shown no more.

    Raises Invalid without a reason, Conflict when it is not set aside, NotFound, Forbidden also for who did
    that.
    """
    _require(actor, LedgerRight.APPROVE)
    found = _event(session, event)
    row = lock_event(session, found.id)
    if row is None or row.state != EventState.ASIDE:
        raise Conflict("not_aside", N_("This event is not set aside."))
    require_other_person(actor, row.decided_by)
    if faults := reason_faults(reason):
        raise Invalid(faults=faults)
    about = {"id": found.id, "reason": reason.strip(), "by": actor.key, "label": actor.label, "at": at}
    session.execute(_CLOSE, about)
    after = {"unbooked": as_text(row.unbooked)}
    said = reason.strip()
    record(session, PaymentAction.EVENT_CLOSED, event, actor=actor, dealer_id=None, after=after, reason=said)


def _event(session: Session, event: str) -> Record:
    row = session.execute(_FIND, {"event": event}).one_or_none()
    if row is None:
        raise NotFound()
    return row


_FIND = text("SELECT id, state FROM stripe_event WHERE event = :event")
_ASIDE = text(
    """
    UPDATE stripe_event SET state = 'aside', note = :note, decided_by = :by, decided_by_label = :label,
           decided_at = :at
     WHERE id = :id
    """
)
_CLOSE = text(
    """
    UPDATE stripe_event SET state = 'closed', close_reason = :reason, closed_by = :by,
           closed_by_label = :label, closed_at = :at
     WHERE id = :id
    """
)
