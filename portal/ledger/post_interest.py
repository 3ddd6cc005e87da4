"""Charge interest on what was paid late: a debt of its own, with its own day."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

from sqlalchemy.orm import Session

from portal.dealers.account import lock_account
from portal.kernel.actor import Actor
from portal.ledger import postings
from portal.ledger.account_documents import Draft, post_account_document
from portal.ledger.journal import Posted
from portal.ledger.kinds import DocumentKind


def post_interest(
    session: Session,
    *,
    actor: Actor,
    dealer_id: int,
    amount: Decimal,
    occurred_on: date,
    due_on: date,
    source: str,
    at: datetime,
) -> Posted:
    """Charge `amount` on business date `occurred_on`, to be paid by `due_on`, and add it to the balance.

    Part of a verb that has decided it; `source` is the reminder that reckoned it. The note (``IT…``) is
    `document_no` of the answer. It carries no VAT: what is charged for late payment of goods is a part of
    their price for tax, and is told to the tax platform there. Raises ValueError for nothing, or for no
    source, NotFound out of scope.
    """
    if amount <= 0 or not source:
        raise ValueError(f"interest of {amount} for {source!r}")
    lock_account(session, dealer_id)
    draft = Draft(
        dealer_id=dealer_id,
        kind=DocumentKind.INTEREST,
        amount=amount,
        occurred_on=occurred_on,
        due_on=due_on,
        source=source,
        lines=postings.interest_entry(amount),
    )
    return post_account_document(session, draft, actor=actor, today=occurred_on, at=at)
