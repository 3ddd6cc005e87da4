"""An approved claim is paid, in the transaction that approves it."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import text
from sqlalchemy.orm import Session

from portal.claims.entry import ClaimEntry
from portal.claims.history import Step, tell
from portal.claims.life import ClaimAct, ClaimState, after
from portal.claims.locked import LockedClaim
from portal.claims.pay import post_note
from portal.claims.rules import StepAct
from portal.claims.vocabulary import ClaimAction
from portal.kernel.actor import Actor


def pay_approved(
    session: Session,
    claim: LockedClaim,
    entry: ClaimEntry,
    *,
    actor: Actor,
    approved: Decimal,
    today: date,
    at: datetime,
) -> tuple[ClaimState, str]:
    """Pay a claim that the running verb has approved; its state and the number of the note.

    Raises Conflict where less is due by now than was approved: then nothing is approved either.
    """
    state = after(ClaimState.APPROVED, ClaimAct.PAY)
    note = post_note(session, actor=actor, claim=claim, entry=entry, approved=approved, on=today, at=at)
    about = {"dealer_id": claim.dealer_id, "id": claim.id, "state": str(state), "note": note, "at": at}
    session.execute(_PAID, about)
    step = Step(StepAct.PAID, ClaimAction.PAID, amount=approved, reason=note)
    tell(session, claim, step, actor=actor, round_no=claim.round, at=at)
    return state, note


_PAID = text(
    """
    UPDATE rebate_claim SET state = :state, paid_no = :note, paid_at = :at, revision = revision + 1
     WHERE dealer_id = :dealer_id AND id = :id
    """
)
