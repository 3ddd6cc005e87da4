"""Take a dealer's deposit, and let it pay debts: until then it is held for the dealer and pays nothing."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal

from sqlalchemy.orm import Session

from portal.dealers.account import lock_account
from portal.kernel import money
from portal.kernel.actor import Actor
from portal.kernel.errors import N_, Conflict, Invalid
from portal.kernel.money import ZERO
from portal.ledger import postings
from portal.ledger.account_documents import Draft, post_account_document
from portal.ledger.deposits import Deposit, deposit_of
from portal.ledger.journal import Posted
from portal.ledger.kinds import DocumentKind
from portal.ledger.open_entries import NamedDebt, settled_of
from portal.ledger.paper_faults import amount_faults, day_faults, means_faults, plain
from portal.ledger.vocabulary import LedgerRight


def receive_deposit(
    session: Session,
    *,
    actor: Actor,
    dealer_id: int,
    amount: Decimal,
    received_on: date,
    method: str,
    today: date,
    at: datetime,
    reference: str = "",
) -> Posted:
    """Hold `amount` for the dealer, received within a year up to `today`; what it owes stays as it is.

    Raises Invalid with every fault, NotFound, Forbidden.
    """
    actor.require(LedgerRight.POST)
    method, reference = plain(method), plain(reference)
    faults = [
        *amount_faults(amount),
        *day_faults(received_on, today, "/received_on"),
        *means_faults(method, reference),
    ]
    if faults:
        raise Invalid(faults=faults)
    lock_account(session, dealer_id)
    draft = Draft(
        dealer_id=dealer_id,
        kind=DocumentKind.DEPOSIT,
        amount=amount,
        occurred_on=received_on,
        lines=postings.deposit_entry(amount),
        method=method,
        reference=reference,
    )
    return post_account_document(session, draft, actor=actor, today=today, at=at)


def use_deposit(
    session: Session,
    *,
    actor: Actor,
    number: str,
    debts: Sequence[NamedDebt],
    today: date,
    at: datetime,
) -> Posted:
    """Let what is held of a deposit pay the debts that are named, on `today`.

    Raises Invalid with every fault, Conflict when more than is left would be used; NotFound, Forbidden.
    """
    actor.require(LedgerRight.POST)
    lock_account(session, deposit_of(session, number).dealer_id)
    deposit = deposit_of(session, number)
    settled = settled_of(session, deposit.dealer_id, debts)
    amount = sum((share for _, share in settled), ZERO)
    require_left(deposit, amount)
    draft = Draft(
        dealer_id=deposit.dealer_id,
        kind=DocumentKind.DEPOSIT_USE,
        amount=amount,
        occurred_on=today,
        lines=postings.deposit_use_entry(amount),
        source=number,
        exactly=settled,
    )
    return post_account_document(session, draft, actor=actor, today=today, at=at)


def require_left(deposit: Deposit, amount: Decimal) -> None:
    """Raise Conflict when less than `amount` is left of a deposit."""
    if amount > deposit.left:
        message = N_("%(left)s of this deposit is left.")
        raise Conflict(
            "deposit_exceeded", message, fix=N_("Take no more than that."), left=money.as_text(deposit.left)
        )
