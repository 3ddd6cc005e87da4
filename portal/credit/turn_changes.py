"""By the clock: what begins today is put in force, and what ended yesterday is taken out of it."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from portal.credit.changes import put_in_force, record, write_in_force
from portal.credit.models import CreditChange
from portal.credit.rules import ChangeKind
from portal.credit.vocabulary import CreditAction
from portal.dealers.account import lock_account
from portal.kernel.actor import Actor
from portal.kernel.proposal_life import ProposalState

_DUE = text(
    """
    SELECT dealer_id FROM (
      SELECT dealer_id FROM credit_change WHERE state = 'approved' AND valid_from <= :today
       UNION
      SELECT dealer_id FROM credit_change
       WHERE state = 'published' AND ended_at IS NULL AND valid_until < :today) due
     ORDER BY dealer_id LIMIT :most
    """
)


def dealers_due(session: Session, *, today: date, most: int = 500) -> list[int]:
    """Dealers of whom a change begins or ends, by id."""
    return list(session.execute(_DUE, {"today": today, "most": most}).scalars())


def turn_changes(session: Session, *, actor: Actor, dealer_id: int, today: date, at: datetime) -> int:
    """Put in force and end what is due of one dealer; how many changes. The second time there are none."""
    lock_account(session, dealer_id)
    of_dealer = select(CreditChange).where(CreditChange.dealer_id == dealer_id)
    begins = session.scalars(
        of_dealer.where(
            CreditChange.state == str(ProposalState.APPROVED), CreditChange.valid_from <= today
        ).order_by(CreditChange.valid_from, CreditChange.id)
    ).all()
    for row in begins:
        put_in_force(session, row, actor=actor, at=at)
    ends = session.scalars(
        of_dealer.where(
            CreditChange.state == str(ProposalState.PUBLISHED),
            CreditChange.ended_at.is_(None),
            CreditChange.valid_until < today,
        )
    ).all()
    for row in ends:
        row.ended_at = at
        record(session, CreditAction.ENDED, row, actor=actor)
    for kind in sorted({ChangeKind(row.kind) for row in (*begins, *ends)}):
        write_in_force(session, dealer_id, kind, today=today)
    return len(begins) + len(ends)
