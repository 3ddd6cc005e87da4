"""Another person says yes or no to a pot, or to another amount for one."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import text
from sqlalchemy.orm import Session

from portal.audit.record import record
from portal.budgets.locked import LockedPot
from portal.budgets.propose_budget import answered_pot
from portal.budgets.rules import BudgetState, ProposalState, reason_faults
from portal.budgets.vocabulary import BudgetAction, BudgetRight
from portal.kernel.actor import Actor, require_other_person
from portal.kernel.db import Record
from portal.kernel.errors import N_, Conflict, Invalid


def approve_budget(session: Session, *, actor: Actor, number: str, note: str = "", at: datetime) -> None:
    """Agree to the amount that waits: the pot has it from now on.

    Raises Forbidden to who proposed it, Conflict when nothing waits or more is reserved by now, NotFound.
    """
    pot, proposal = _waiting(session, actor, number, reason_required=False, note=note)
    if proposal.amount < pot.reserved + pot.spent:
        message = N_("By now ¥%(held)s are reserved and spent, more than the new amount.")
        fix = N_("Reject it, and propose another amount.")
        raise Conflict("budget_below", message, fix=fix, held=pot.reserved + pot.spent)
    _decide(session, actor, proposal, ProposalState.APPROVED, note, at)
    session.execute(_AMOUNT, {"id": pot.id, "amount": proposal.amount})
    _tell(session, actor, BudgetAction.APPROVED, number, proposal, note)


def reject_budget(session: Session, *, actor: Actor, number: str, reason: str, at: datetime) -> None:
    """Refuse the amount that waits; a new pot is refused as a whole.

    Raises Invalid without a reason, and what `approve_budget` raises.
    """
    pot, proposal = _waiting(session, actor, number, reason_required=True, note=reason)
    _decide(session, actor, proposal, ProposalState.REJECTED, reason, at)
    if pot.state == BudgetState.PROPOSED:
        session.execute(_REJECT, {"id": pot.id})
    _tell(session, actor, BudgetAction.REJECTED, number, proposal, reason)


def _waiting(
    session: Session, actor: Actor, number: str, *, reason_required: bool, note: str
) -> tuple[LockedPot, Record]:
    actor.require(BudgetRight.APPROVE)
    pot = answered_pot(session, actor, number)
    proposal = session.execute(_WAITING, {"budget_id": pot.id}).one_or_none()
    if proposal is None:
        message, fix = N_("Nothing about this budget waits for a decision."), N_("Look at it again.")
        raise Conflict("nothing_waits", message, fix=fix)
    require_other_person(actor, proposal.proposed_by)
    if faults := reason_faults(note, required=reason_required):
        raise Invalid(faults=faults)
    return pot, proposal


def _decide(
    session: Session, actor: Actor, proposal: Record, state: ProposalState, note: str, at: datetime
) -> None:
    session.execute(
        _DECIDE,
        {
            "id": proposal.id,
            "state": str(state),
            "actor": actor.key,
            "label": actor.label,
            "at": at,
            "note": note.strip(),
        },
    )


def _tell(
    session: Session, actor: Actor, action: BudgetAction, number: str, proposal: Record, note: str
) -> None:
    record(
        session,
        action,
        number,
        actor=actor,
        dealer_id=None,
        before={"amount": str(proposal.before)},
        after={"amount": str(proposal.amount), "proposed_by": proposal.proposed_by},
        reason=note.strip() or None,
    )


_WAITING = text(
    """
    SELECT id, amount, before, proposed_by FROM budget_proposal
     WHERE budget_id = :budget_id AND state = 'waiting' FOR UPDATE
    """
)
_DECIDE = text(
    """
    UPDATE budget_proposal
       SET state = :state, decided_by = :actor, decided_by_label = :label, decided_at = :at,
           decision_note = :note
     WHERE id = :id
    """
)
_AMOUNT = text("UPDATE rebate_budget SET amount = :amount, state = 'open' WHERE id = :id")
_REJECT = text("UPDATE rebate_budget SET state = 'rejected' WHERE id = :id")
