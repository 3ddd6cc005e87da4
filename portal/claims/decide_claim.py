"""Headquarters decides on a claim, step by step: grants it, wholly or in part, sends it back, rejects it.

The last signature approves it and pays it in the same transaction, so that nothing is approved and not paid.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

from sqlalchemy import text
from sqlalchemy.orm import Session

from portal.claims import budget
from portal.claims.deciders import Seat, seat_of
from portal.claims.evidence import release_evidence
from portal.claims.history import Step, tell
from portal.claims.life import ClaimAct, ClaimState
from portal.claims.locked import LockedClaim, lock_claim, moved
from portal.claims.pay_claim import pay_approved
from portal.claims.reckoned import calculated
from portal.claims.rules import Approver, Ceiling, Decision, StepAct, granted, reason_of
from portal.claims.stored import entry_of
from portal.claims.vocabulary import ClaimAction, ClaimRight
from portal.kernel import outbox
from portal.kernel.actor import Actor

DECIDED = "claim.decided"
"""Effect: the dealer is told what became of its claim."""


@dataclass(frozen=True, slots=True)
class Decided:
    """What a decision made of a claim. note: the number of what pays it."""

    number: str
    state: ClaimState
    approved: Decimal | None = None
    note: str | None = None


def decide_claim(
    session: Session,
    *,
    actor: Actor,
    number: str,
    decision: Decision,
    amount: Decimal | None = None,
    reason: str = "",
    revision: int | None = None,
    today: date,
    zone: ZoneInfo,
    at: datetime,
) -> Decided:
    """Sign the next step of a claim, as it was read at `revision`, in one's own name or a colleague's.

    amount: what is granted; None for all that the steps before granted. Raises Invalid, Forbidden to whoever
    had a hand in it, signed before, or has no part in the step, Conflict when it does not wait, NotFound.
    """
    actor.require(ClaimRight.MANAGE, ClaimRight.FINANCE)
    claim = lock_claim(session, number)
    why = reason_of(reason, required=decision is not Decision.APPROVE)
    state = moved(claim, _act(claim, decision), revision)
    seat = seat_of(session, actor, claim, today)
    if decision is not Decision.APPROVE:
        return _turn_down(session, claim, seat, decision, state, actor, why, at)
    entry = entry_of(session, claim.dealer_id, claim.id)
    worth = calculated(session, dealer_id=claim.dealer_id, entry=entry, today=today, zone=zone)
    given = granted(amount, why, _ceiling(claim, worth))
    _sign(session, claim, state, actor, given, worth, why, at)
    act = ClaimAction.APPROVED if claim.is_last_step else ClaimAction.STEP_APPROVED
    step = Step(StepAct.APPROVED, act, claim.place + 1, seat.approver, seat.in_name_of, given, worth, why)
    tell(session, claim, step, actor=actor, round_no=claim.round, at=at)
    if not claim.is_last_step:
        return Decided(number, state)
    budget.spend(session, claim, given)
    paid, note = pay_approved(session, claim, entry, actor=actor, approved=given, today=today, at=at)
    outbox.add(session, DECIDED, dealer_id=claim.dealer_id, number=number, state=str(paid))
    return Decided(number, paid, given, note)


def _act(claim: LockedClaim, decision: Decision) -> ClaimAct:
    if decision is Decision.APPROVE:
        return ClaimAct.APPROVE if not claim.chain or claim.is_last_step else ClaimAct.PASS_ON
    return ClaimAct.RETURN if decision is Decision.RETURN else ClaimAct.REJECT


def _ceiling(claim: LockedClaim, worth: Decimal | None) -> Ceiling:
    allowed = claim.asked if claim.allowed is None else claim.allowed
    with_finance = Approver.HQ_FINANCE in claim.chain
    return Ceiling(claim.kind, claim.asked, allowed, worth, claim.is_last_step, with_finance)


def _sign(
    session: Session,
    claim: LockedClaim,
    state: ClaimState,
    actor: Actor,
    given: Decimal,
    worth: Decimal | None,
    reason: str,
    at: datetime,
) -> None:
    about = {
        "dealer_id": claim.dealer_id,
        "id": claim.id,
        "state": str(state),
        "given": given,
        "calculated": worth,
        "is_last": claim.is_last_step,
        "actor": actor.key,
        "reason": reason,
        "at": at,
    }
    session.execute(_SIGN, about)


def _turn_down(
    session: Session,
    claim: LockedClaim,
    seat: Seat,
    decision: Decision,
    state: ClaimState,
    actor: Actor,
    reason: str,
    at: datetime,
) -> Decided:
    about = {"dealer_id": claim.dealer_id, "id": claim.id, "state": str(state), "reason": reason, "at": at}
    session.execute(_TURN_DOWN, about)
    is_end = decision is Decision.REJECT
    if is_end:
        release_evidence(session, number=claim.number)
        budget.release(session, claim)
    step = Step(
        StepAct.REJECTED if is_end else StepAct.RETURNED,
        ClaimAction.REJECTED if is_end else ClaimAction.RETURNED,
        place=claim.place + 1,
        approver=seat.approver,
        in_name_of=seat.in_name_of,
        reason=reason,
    )
    tell(session, claim, step, actor=actor, round_no=claim.round, at=at)
    outbox.add(session, DECIDED, dealer_id=claim.dealer_id, number=claim.number, state=str(state))
    return Decided(claim.number, state)


_SIGN = text(
    """
    UPDATE rebate_claim
       SET state = :state, allowed = :given, calculated = :calculated, place = place + 1,
           approved = CASE WHEN :is_last THEN CAST(:given AS numeric) END,
           approved_by = CASE WHEN :is_last THEN :actor END,
           decided_at = CASE WHEN :is_last THEN CAST(:at AS timestamptz) END,
           decision_note = CASE WHEN :reason <> '' THEN :reason ELSE decision_note END,
           reminded_at = NULL, revision = revision + 1
     WHERE dealer_id = :dealer_id AND id = :id
    """
)
_TURN_DOWN = text(
    """
    UPDATE rebate_claim
       SET state = :state, decision_note = :reason, decided_at = :at, allowed = NULL, revision = revision + 1
     WHERE dealer_id = :dealer_id AND id = :id
    """
)
