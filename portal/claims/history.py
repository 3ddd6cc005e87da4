"""The history of a claim, one step more; and the audit of the same."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from portal.audit.record import record
from portal.claims.locked import LockedClaim
from portal.claims.rules import Approver, StepAct
from portal.claims.vocabulary import ClaimAction
from portal.identity.colleagues import Colleague
from portal.kernel import money
from portal.kernel.actor import Actor


@dataclass(frozen=True, slots=True)
class Step:
    """What was done, and said of it. place: of the chain, from 1. in_name_of: who delegated it."""

    act: StepAct
    action: ClaimAction
    place: int = 0
    approver: Approver | None = None
    in_name_of: Colleague | None = None
    amount: Decimal | None = None
    calculated: Decimal | None = None
    reason: str = ""


def tell(
    session: Session, claim: LockedClaim, step: Step, *, actor: Actor, round_no: int, at: datetime
) -> None:
    """Add a step to the history of a locked claim, and to the audit."""
    behind = step.in_name_of
    session.execute(
        _STEP,
        {
            "dealer_id": claim.dealer_id,
            "claim_id": claim.id,
            "round": round_no,
            "place": step.place,
            "act": str(step.act),
            "approver": step.approver and str(step.approver),
            "actor": actor.key,
            "label": actor.label,
            "in_name_of": behind and behind.key,
            "in_name_of_label": behind and behind.name,
            "amount": step.amount,
            "calculated": step.calculated,
            "reason": step.reason,
            "at": at,
        },
    )
    told: dict[str, Any] = {
        "round": round_no,
        "place": step.place or None,
        "in_name_of": behind and behind.key,
        "amount": None if step.amount is None else money.as_text(step.amount),
        "calculated": None if step.calculated is None else money.as_text(step.calculated),
    }
    record(
        session,
        step.action,
        claim.number,
        actor=actor,
        dealer_id=claim.dealer_id,
        before={"state": str(claim.state)},
        after={name: value for name, value in told.items() if value is not None},
        reason=step.reason or None,
    )


_STEP = text(
    """
    INSERT INTO rebate_claim_step (dealer_id, claim_id, step_no, round, place, act, approver, acted_by,
                                   acted_by_label, in_name_of, in_name_of_label, amount, calculated, reason,
                                   acted_at)
    SELECT :dealer_id, :claim_id, coalesce(max(step_no), 0) + 1, :round, :place, :act, :approver, :actor,
           :label, :in_name_of, :in_name_of_label, CAST(:amount AS numeric), CAST(:calculated AS numeric),
           :reason, :at
      FROM rebate_claim_step WHERE dealer_id = :dealer_id AND claim_id = :claim_id
    """
)
