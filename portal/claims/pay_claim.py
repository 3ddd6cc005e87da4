"""An approved claim is paid: at once, or later by finance where it could not be."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import text
from sqlalchemy.orm import Session

from portal.claims import pay
from portal.claims.history import Step, tell
from portal.claims.life import ClaimAct, after
from portal.claims.locked import LockedClaim, lock_claim, moved
from portal.claims.rules import StepAct
from portal.claims.stored import entry_of
from portal.claims.vocabulary import ClaimAction, ClaimRight
from portal.kernel.actor import Actor
from portal.kernel.errors import Conflict, Invalid


def pay_claim(
    session: Session, *, actor: Actor, number: str, revision: int | None = None, today: date, at: datetime
) -> str:
    """Pay an approved claim; the number of the note.

    Raises Conflict when it is not approved, paid already, or cannot be paid now, NotFound, Forbidden.
    """
    actor.require(ClaimRight.FINANCE)
    claim = lock_claim(session, number)
    moved(claim, ClaimAct.PAY, revision)
    assert claim.approved is not None
    return _pay(session, claim, actor=actor, approved=claim.approved, today=today, at=at)


def pay_if_possible(
    session: Session, claim: LockedClaim, *, actor: Actor, approved: Decimal, today: date, at: datetime
) -> str | None:
    """Pay a claim that the running verb has approved; None where that cannot be now, with the reason kept."""
    try:
        with session.begin_nested():
            return _pay(session, claim, actor=actor, approved=approved, today=today, at=at)
    except (Conflict, Invalid) as refused:
        about = {"dealer_id": claim.dealer_id, "id": claim.id, "reason": refused.code}
        session.execute(_UNPAID, about)
        return None


def _pay(
    session: Session, claim: LockedClaim, *, actor: Actor, approved: Decimal, today: date, at: datetime
) -> str:
    state = after("approved", ClaimAct.PAY)
    entry = entry_of(session, claim.dealer_id, claim.id)
    note = pay.post_note(session, actor=actor, claim=claim, entry=entry, approved=approved, on=today, at=at)
    about = {"dealer_id": claim.dealer_id, "id": claim.id, "state": str(state), "note": note, "at": at}
    session.execute(_PAID, about)
    step = Step(StepAct.PAID, ClaimAction.PAID, amount=approved, reason=note)
    tell(session, claim, step, actor=actor, round_no=claim.round, at=at)
    return note


_PAID = text(
    """
    UPDATE rebate_claim
       SET state = :state, paid_no = :note, paid_at = :at, unpaid_reason = '', revision = revision + 1
     WHERE dealer_id = :dealer_id AND id = :id
    """
)
_UNPAID = text("UPDATE rebate_claim SET unpaid_reason = :reason WHERE dealer_id = :dealer_id AND id = :id")
