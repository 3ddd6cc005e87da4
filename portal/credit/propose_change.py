"""Somebody at headquarters proposes another limit or other terms, and takes the proposal back."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy.orm import Session

from portal.credit.changes import PREFIX, lock_change, record
from portal.credit.models import CreditChange
from portal.credit.rules import Proposed, proposal_faults
from portal.credit.vocabulary import WAITING, CreditAction
from portal.dealers.account import lock_account
from portal.kernel import numbering, proposals
from portal.kernel.actor import Actor
from portal.kernel.errors import Invalid
from portal.kernel.proposal_life import ProposalAct
from portal.ledger.vocabulary import LedgerRight
from portal.notifications.tell import announce


def propose_change(
    session: Session, *, actor: Actor, dealer_id: int, proposed: Proposed, today: date, at: datetime
) -> str:
    """Propose a change, which waits for another person; its number. Nothing counts before that.

    Raises Invalid with every fault, NotFound, Forbidden.
    """
    actor.require(LedgerRight.POST)
    lock_account(session, dealer_id)
    if faults := proposal_faults(proposed, today):
        raise Invalid(faults=faults)
    made = CreditChange(
        dealer_id=dealer_id,
        number=numbering.new_number(PREFIX, today),
        kind=str(proposed.kind),
        amount=proposed.amount,
        days=proposed.days,
        valid_from=proposed.valid_from,
        valid_until=proposed.valid_until,
        why=proposed.why.strip(),
        revision=0,
        proposed_by=actor.key,
        proposed_by_label=actor.label,
        written_by=[actor.key],
        created_at=at,
    )
    proposals.submitted(made, actor, at)
    session.add(made)
    record(session, CreditAction.PROPOSED, made, actor=actor)
    announce(
        session,
        event=WAITING,
        dealer_id=dealer_id,
        path=f"/hq/credit-limits/{made.number}",
        facts={"number": made.number, "kind": made.kind},
        but=actor.user_id,
    )
    return made.number


def recall_change(session: Session, *, actor: Actor, number: str) -> None:
    """Take a change back that has not begun; it stays on file and never counts.

    Raises Conflict once it is in force or was sent back, NotFound, Forbidden.
    """
    actor.require(LedgerRight.POST)
    row = lock_change(session, number, act=ProposalAct.RECALL)
    proposals.returned(row, "")
    record(session, CreditAction.RECALLED, row, actor=actor)
