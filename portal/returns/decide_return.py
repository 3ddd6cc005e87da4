"""What is asked back is approved or rejected by headquarters, or withdrawn by the dealer."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import text
from sqlalchemy.orm import Session

from portal.audit import record as audit
from portal.coldchain.vocabulary import ColdChainRight
from portal.kernel import outbox
from portal.kernel.actor import Actor, require_other_person
from portal.kernel.errors import N_, Conflict, Fault, Forbidden, Invalid
from portal.orders.vocabulary import OrderRight
from portal.returns.locked import LockedReturn, lock_return
from portal.returns.rules import Evidence, ReturnAct, ReturnState, after, note_faults
from portal.returns.settle_gifts import require_gifts_settled
from portal.returns.vocabulary import ReturnAction, ReturnRight
from portal.shipping.asked_back import change_asked_back


def approve_return(
    session: Session, *, actor: Actor, number: str, note: str = "", at: datetime
) -> ReturnState:
    """Let the dealer send the goods.

    Raises Invalid for a wrong note, Conflict when it is decided or quality has not accepted doubtful
    temperatures, Forbidden to who asked, NotFound.
    """
    actor.require(ReturnRight.HANDLE)
    _refuse(note_faults("/note", note))
    found = lock_return(session, number)
    require_other_person(actor, found.asked_by)
    if found.evidence == Evidence.DOUBTFUL:
        raise Conflict(
            "temperatures_doubtful",
            N_("The temperatures of the cold goods since the sale are in doubt."),
            fix=N_("Ask quality to accept them with a reason, or reject the return."),
        )
    return _decide(session, found, ReturnAct.APPROVE, ReturnAction.APPROVED, actor, note, at)


def reject_return(session: Session, *, actor: Actor, number: str, reason: str, at: datetime) -> ReturnState:
    """Take none of the goods back, asked for or approved, as long as they have not come.

    Quality rejects where the temperatures are in doubt. Raises Invalid without a reason, Conflict when it is
    too late, Forbidden, NotFound.
    """
    actor.require(ReturnRight.HANDLE, ColdChainRight.DECIDE)
    _refuse(reason_faults(reason) or note_faults("/reason", reason))
    found = lock_return(session, number)
    if found.evidence != Evidence.DOUBTFUL:
        actor.require(ReturnRight.HANDLE)
    state = _decide(session, found, ReturnAct.REJECT, ReturnAction.REJECTED, actor, reason, at)
    _give_up(session, found)
    return state


def withdraw_return(session: Session, *, actor: Actor, number: str, at: datetime) -> ReturnState:
    """The dealer keeps the goods.

    Raises Conflict when they have come already, or gifts among them are not earned any more by what other
    returns took, Forbidden, NotFound.
    """
    actor.require(OrderRight.WRITE)
    if actor.is_staff:
        raise Forbidden("dealer_only", N_("Only the dealer withdraws what the dealer asked for."))
    found = lock_return(session, number)
    state = after(found.state, ReturnAct.WITHDRAW)
    require_gifts_settled(session, found)
    session.execute(_WITHDRAW, {"dealer_id": found.dealer_id, "id": found.id})
    _give_up(session, found)
    _tell(session, found, ReturnAction.WITHDRAWN, actor, state)
    return state


def reason_faults(reason: str) -> list[Fault]:
    """Nothing is rejected without saying why."""
    if reason.strip():
        return []
    return [
        Fault("/reason", "reason_missing", N_("Say why the return is rejected."), N_("Enter the reason."))
    ]


def _refuse(faults: list[Fault]) -> None:
    if faults:
        raise Invalid(faults=faults)


def _give_up(session: Session, found: LockedReturn) -> None:
    change_asked_back(
        session,
        dealer_id=found.dealer_id,
        shipment_id=found.shipment_id,
        units={key: -units for key, units in found.asked.items()},
    )


def _decide(
    session: Session,
    found: LockedReturn,
    act: ReturnAct,
    action: ReturnAction,
    actor: Actor,
    note: str,
    at: datetime,
) -> ReturnState:
    state = after(found.state, act)
    said = {"state": str(state), "actor": actor.key, "label": actor.label, "at": at, "note": note.strip()}
    session.execute(_DECIDE, {"dealer_id": found.dealer_id, "id": found.id, **said})
    _tell(session, found, action, actor, state, note.strip())
    return state


def _tell(
    session: Session,
    found: LockedReturn,
    action: ReturnAction,
    actor: Actor,
    state: ReturnState,
    reason: str = "",
) -> None:
    audit.record(
        session,
        action,
        found.number,
        actor=actor,
        dealer_id=found.dealer_id,
        before={"state": found.state},
        after={"state": str(state)},
        reason=reason or None,
    )
    if actor.is_staff:
        told = {"number": found.number, "state": str(state)}
        outbox.add(session, "return.decided", dealer_id=found.dealer_id, **told)


_DECIDE = text(
    """
    UPDATE return_request
       SET state = :state, decided_by = :actor, decided_by_label = :label, decided_at = :at,
           decision_note = :note
     WHERE dealer_id = :dealer_id AND id = :id
    """
)
_WITHDRAW = text("UPDATE return_request SET state = 'withdrawn' WHERE dealer_id = :dealer_id AND id = :id")
