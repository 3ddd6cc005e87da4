"""Another person approves a change or sends it back, or takes one out of force before its time."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy.orm import Session

from portal.credit.changes import lock_change, put_in_force, record, write_in_force
from portal.credit.models import CreditChange
from portal.credit.rules import ChangeKind
from portal.credit.vocabulary import CreditAction
from portal.kernel import proposals
from portal.kernel.actor import Actor
from portal.kernel.errors import N_, Conflict
from portal.kernel.proposal_life import ProposalAct
from portal.kernel.proposals import reason_of
from portal.ledger.vocabulary import LedgerRight


def approve_change(
    session: Session, *, actor: Actor, number: str, revision: int | None = None, today: date, at: datetime
) -> None:
    """Approve what was read at `revision`; it counts at once if its day has come, else from its day on.

    Raises Forbidden to whoever proposed it, Conflict when it does not wait or its time is over, NotFound.
    """
    row = _decidable(session, actor, number, revision, ProposalAct.APPROVE)
    if row.valid_until is not None and row.valid_until < today:
        message, fix = N_("The time of this change is over."), N_("Reject it, and have another proposed.")
        raise Conflict("over", message, fix=fix)
    proposals.approved(row, actor, at)
    record(session, CreditAction.APPROVED, row, actor=actor)
    if row.valid_from <= today:
        put_in_force(session, row, actor=actor, at=at)
        write_in_force(session, row.dealer_id, ChangeKind(row.kind), today=today)


def reject_change(
    session: Session, *, actor: Actor, number: str, revision: int | None = None, reason: str
) -> None:
    """Send a change back with the reason; also one that is approved and has not begun.

    Raises what `approve_change` raises, Invalid without a reason.
    """
    actor.require(LedgerRight.APPROVE)
    said = reason_of(reason)
    row = _decidable(session, actor, number, revision, ProposalAct.REJECT)
    proposals.returned(row, said)
    record(session, CreditAction.REJECTED, row, actor=actor, reason=said)


def withdraw_change(
    session: Session, *, actor: Actor, number: str, reason: str, today: date, at: datetime
) -> None:
    """Take a change out of force before its time: what counted without it counts again, from now on.

    Raises Invalid without a reason, Conflict for what is not in force, over, or the first of the history,
    Forbidden to whoever proposed it, NotFound.
    """
    actor.require(LedgerRight.APPROVE)
    said = reason_of(reason)
    row = _decidable(session, actor, number, None, ProposalAct.WITHDRAW)
    if row.taken_over or row.ended_at is not None:
        message = N_("Nothing is left to be taken out of force.")
        raise Conflict("over", message, fix=N_("Propose another value instead."))
    proposals.withdrawn(row, actor, said, at)
    record(session, CreditAction.WITHDRAWN, row, actor=actor, reason=said)
    write_in_force(session, row.dealer_id, ChangeKind(row.kind), today=today)


def _decidable(
    session: Session, actor: Actor, number: str, revision: int | None, act: ProposalAct
) -> CreditChange:
    actor.require(LedgerRight.APPROVE)
    row = lock_change(session, number, act=act, revision=revision)
    proposals.require_no_author(actor, row.written_by)
    return row
