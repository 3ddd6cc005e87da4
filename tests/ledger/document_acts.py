"""Acts on documents of an account, each in a transaction of its own."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from typing import Any, TypeVar

from portal.kernel.db import Database, transaction
from portal.ledger.corrections import Correction
from portal.ledger.decide_correction import approve_correction
from portal.ledger.journal import Posted
from portal.ledger.open_entries import NamedDebt
from portal.ledger.pay_back import propose_deposit_return, propose_refund
from portal.ledger.post_interest import post_interest
from portal.ledger.post_openings import OpenItem, post_openings
from portal.ledger.receive_deposit import receive_deposit, use_deposit
from portal.ledger.write_off import propose_write_off
from tests import cast
from tests.roles import Dealer, Person, System

ALONE = Decimal("10000.00")
DUE = cast.TODAY + timedelta(days=14)
HOW: dict[str, Any] = {"method": "bank transfer", "reference": "ICBC-1"}
NOW: dict[str, Any] = {"today": cast.TODAY, "at": cast.NOW}
By = Person | System
T = TypeVar("T")


def as_(database: Database, by: By, act: Callable[..., T], **how: Any) -> T:
    """Whatever it is, by somebody."""
    with transaction(database.session_for(by.actor())) as session:
        return act(session, actor=by.actor(), **how)


def held(
    database: Database, amount: str, *, dealer: Dealer = cast.huadong, by: By = cast.hq_finance, **how: Any
) -> str:
    """A deposit; its number."""
    said = HOW | NOW | {"received_on": cast.TODAY} | how
    return as_(database, by, receive_deposit, dealer_id=dealer.id, amount=Decimal(amount), **said).document_no


def used(database: Database, number: str, *debts: tuple[str, str] | str, by: By = cast.hq_finance) -> Posted:
    """A deposit that pays debts."""
    return as_(database, by, use_deposit, number=number, debts=named(*debts), **NOW)


def returned_deposit(
    database: Database, number: str, amount: str, *, by: By = cast.hq_finance, **how: Any
) -> Correction:
    """A deposit that is paid back."""
    said = HOW | NOW | {"paid_on": cast.TODAY, "reason": "contract ended", "alone_max": ALONE} | how
    return as_(database, by, propose_deposit_return, number=number, amount=Decimal(amount), **said)


def refunded(
    database: Database, credit: str, amount: str, *, by: By = cast.hq_finance, **how: Any
) -> Correction:
    """A credit that is paid back."""
    said = HOW | NOW | {"paid_on": cast.TODAY, "reason": "paid twice", "alone_max": ALONE} | how
    return as_(database, by, propose_refund, credit=credit, amount=Decimal(amount), **said)


def written_off(
    database: Database,
    *debts: tuple[str, str] | str,
    dealer: Dealer = cast.huadong,
    by: By = cast.hq_finance,
    reason: str = "bankrupt",
    alone_max: Decimal = ALONE,
) -> Correction:
    """Debts that are given up."""
    said = NOW | {"reason": reason, "alone_max": alone_max, "dealer_id": dealer.id}
    return as_(database, by, propose_write_off, debts=named(*debts), **said)


def opened(
    database: Database,
    *items: tuple[str, str],
    dealer: Dealer = cast.huadong,
    by: By = cast.hq_finance,
    issued_on: date = cast.TODAY - timedelta(days=90),
    due_on: date | None = cast.TODAY - timedelta(days=60),
) -> list[Posted]:
    """Open items of earlier books: document and amount."""
    taken = [OpenItem(document, issued_on, due_on, Decimal(amount)) for document, amount in items]
    return as_(database, by, post_openings, dealer_id=dealer.id, items=taken, **NOW)


def charged(
    database: Database,
    amount: str = "12.34",
    *,
    by: By = cast.hq_finance,
    dealer: Dealer = cast.huadong,
    source: str = "DL2611-1",
) -> Posted:
    """Interest."""
    with transaction(database.session_for(by.actor())) as session:
        return post_interest(
            session,
            actor=by.actor(),
            dealer_id=dealer.id,
            amount=Decimal(amount),
            occurred_on=cast.TODAY,
            due_on=DUE,
            source=source,
            at=cast.NOW,
        )


def agreed(database: Database, request: str, *, by: By = cast.hq_finance) -> Correction:
    """What another person approves."""
    return as_(database, by, approve_correction, number=request, **NOW)


def named(*debts: tuple[str, str] | str) -> list[NamedDebt]:
    """Debts, whole or in part."""
    return [
        NamedDebt(debt) if isinstance(debt, str) else NamedDebt(debt[0], Decimal(debt[1])) for debt in debts
    ]
