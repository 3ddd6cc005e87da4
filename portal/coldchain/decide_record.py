"""Quality decides on goods that were not kept as they should have been."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import text
from sqlalchemy.orm import Session

from portal.audit import record as audit
from portal.coldchain.judged import lock_shipment, record_if_any
from portal.coldchain.rules import RecordState, decision_faults
from portal.coldchain.vocabulary import ColdChainAction, ColdChainRight
from portal.kernel.actor import Actor, require_other_person
from portal.kernel.errors import N_, Conflict, Invalid, NotFound

REASON_MAX = 500


def decide_record(
    session: Session, *, actor: Actor, number: str, is_released: bool, reason: str, at: datetime
) -> RecordState:
    """Release the goods of a shipment from quarantine, or condemn them; once, and with a reason.

    Raises Forbidden for who packed them, measured them or brought a logger's file, NotFound, Invalid, and
    Conflict where nothing waits for a decision.
    """
    actor.require(ColdChainRight.DECIDE)
    if faults := decision_faults(reason):
        raise Invalid(faults=faults)
    parcel = lock_shipment(session, number)
    kept = record_if_any(session, parcel)
    if kept is None:
        raise NotFound()
    key = {"dealer_id": parcel.dealer_id, "shipment_id": parcel.id}
    for row in session.execute(_INVOLVED, key):
        require_other_person(actor, row.who)
    if kept.state != RecordState.WAITING:
        raise Conflict("nothing_to_decide", N_("This record does not wait for quality."))
    state = RecordState.RELEASED if is_released else RecordState.CONDEMNED
    decided = {"state": str(state), "at": at, "actor": actor.key, "actor_label": actor.label}
    session.execute(_DECIDE, {**key, **decided, "reason": reason.strip()[:REASON_MAX]})
    audit.record(
        session,
        ColdChainAction.RELEASED if is_released else ColdChainAction.CONDEMNED,
        number,
        actor=actor,
        dealer_id=parcel.dealer_id,
        before={"state": kept.state},
        after={"state": str(state)},
        reason=reason.strip()[:REASON_MAX],
    )
    return state


_INVOLVED = text(
    """
    SELECT who FROM (
      SELECT unnest(ARRAY[packed_by, departure_by, arrival_by]) AS who FROM cold_record
       WHERE dealer_id = :dealer_id AND shipment_id = :shipment_id
      UNION
      SELECT uploaded_by FROM cold_log WHERE dealer_id = :dealer_id AND shipment_id = :shipment_id) involved
     WHERE who IS NOT NULL
    """
)
_DECIDE = text(
    """
    UPDATE cold_record SET state = :state, decided_at = :at, decided_by = :actor,
                           decided_by_label = :actor_label, reason = :reason
     WHERE dealer_id = :dealer_id AND shipment_id = :shipment_id
    """
)
