"""Headquarters works on a case: takes it up, settles it, or rejects it."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import text
from sqlalchemy.orm import Session

from portal.audit import record as audit
from portal.deliveries.rules import CaseAct, CaseState, Outcome, after
from portal.deliveries.vocabulary import DeliveryAction, DeliveryRight
from portal.kernel import outbox
from portal.kernel.actor import Actor
from portal.kernel.db import Record
from portal.kernel.errors import N_, Fault, Invalid, NotFound

REASON_MAX = 500
DECIDED = "delivery_case.decided"


def take_up_case(session: Session, *, actor: Actor, number: str, at: datetime) -> CaseState:
    """Say that somebody looks into a case. Raises Conflict for one that is decided or taken up, NotFound."""
    actor.require(DeliveryRight.DESK)
    case = _locked(session, number)
    state = after(case.state, CaseAct.TAKE_UP)
    parameters = {"dealer_id": case.dealer_id, "id": case.id, "at": at, "label": actor.label}
    session.execute(_TAKE_UP, parameters)
    audit.record(
        session,
        DeliveryAction.CASE_TAKEN_UP,
        number,
        actor=actor,
        dealer_id=case.dealer_id,
        before={"state": case.state},
        after={"state": str(state)},
    )
    return state


def decide_case(
    session: Session, *, actor: Actor, number: str, outcome: Outcome | None, reason: str, at: datetime
) -> CaseState:
    """Settle a case with an outcome, or reject it without one; the dealer is told with the reason.

    What the outcome asks for (a credit note, another shipment) is made by those whose work that is. Raises
    Conflict for a case that is decided, Invalid without a reason, NotFound, Forbidden.
    """
    actor.require(DeliveryRight.DESK)
    reason = reason.strip()
    if not 1 <= len(reason) <= REASON_MAX:
        message = N_("Give a reason of at most %(max)s characters.")
        fix = N_("The dealer reads it beside the decision.")
        raise Invalid(faults=[Fault("/reason", "reason", message, fix, {"max": REASON_MAX})])
    case = _locked(session, number)
    state = after(case.state, CaseAct.SETTLE if outcome else CaseAct.REJECT)
    session.execute(
        _DECIDE,
        {
            "dealer_id": case.dealer_id,
            "id": case.id,
            "state": str(state),
            "at": at,
            "actor": actor.key,
            "label": actor.label,
            "outcome": str(outcome) if outcome else None,
            "reason": reason,
        },
    )
    audit.record(
        session,
        DeliveryAction.CASE_SETTLED if outcome else DeliveryAction.CASE_REJECTED,
        number,
        actor=actor,
        dealer_id=case.dealer_id,
        before={"state": case.state},
        after={"state": str(state), "outcome": str(outcome) if outcome else None},
        reason=reason,
    )
    outbox.add(session, DECIDED, dealer_id=case.dealer_id, number=number)
    return state


def _locked(session: Session, number: str) -> Record:
    case = session.execute(_LOCK, {"number": number}).one_or_none()
    if case is None:
        raise NotFound()
    return case


# Nothing else is locked beside a case: who signs makes its rows, who decides holds only them.
_LOCK = text("SELECT dealer_id, id, state FROM delivery_case WHERE number = :number FOR NO KEY UPDATE")
_TAKE_UP = text(
    "UPDATE delivery_case SET state = 'in_review', reviewed_at = :at, reviewed_by_label = :label"
    " WHERE dealer_id = :dealer_id AND id = :id"
)
_DECIDE = text(
    """
    UPDATE delivery_case
       SET state = :state, decided_at = :at, decided_by = :actor, decided_by_label = :label,
           outcome = :outcome, reason = :reason
     WHERE dealer_id = :dealer_id AND id = :id
    """
)
