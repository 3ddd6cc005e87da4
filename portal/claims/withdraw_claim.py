"""The dealer takes a claim back, as long as nobody has decided about it for good."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import text
from sqlalchemy.orm import Session

from portal.claims import budget
from portal.claims.draft_claim import Claimed, require_dealer
from portal.claims.evidence import release_evidence
from portal.claims.history import Step, tell
from portal.claims.life import ClaimAct
from portal.claims.locked import lock_claim, moved
from portal.claims.rules import StepAct
from portal.claims.vocabulary import ClaimAction
from portal.kernel.actor import Actor


def withdraw_claim(
    session: Session, *, actor: Actor, number: str, revision: int | None = None, at: datetime
) -> Claimed:
    """Withdraw a claim: its evidence and its period may be claimed again. Raises Conflict once it is decided,
    NotFound, Forbidden.
    """
    require_dealer(actor)
    claim = lock_claim(session, number)
    state = moved(claim, ClaimAct.WITHDRAW, revision)
    session.execute(_WITHDRAW, {"dealer_id": claim.dealer_id, "id": claim.id, "at": at})
    release_evidence(session, number=number)
    budget.release(session, claim)
    step = Step(StepAct.WITHDRAWN, ClaimAction.WITHDRAWN)
    tell(session, claim, step, actor=actor, round_no=claim.round, at=at)
    return Claimed(number, claim.revision + 1, state)


_WITHDRAW = text(
    """
    UPDATE rebate_claim SET state = 'withdrawn', allowed = NULL, decided_at = :at, revision = revision + 1
     WHERE dealer_id = :dealer_id AND id = :id
    """
)
