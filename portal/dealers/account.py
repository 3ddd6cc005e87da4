"""A dealer's account: the only place that writes it, and the first lock of whatever orders, ships or posts.

The books move the balance, orders what is open. It lies below both, so that neither needs the other for it.
"""

from __future__ import annotations

from decimal import Decimal

from sqlalchemy import text
from sqlalchemy.orm import Session

from portal.kernel import locks
from portal.kernel.errors import NotFound
from portal.kernel.locks import Rank

_LOCK = text("SELECT balance FROM dealer_account WHERE dealer_id = :dealer_id FOR NO KEY UPDATE")
_MOVE = text(
    "UPDATE dealer_account SET balance = balance + :amount WHERE dealer_id = :dealer_id RETURNING balance"
)


def lock_account(session: Session, dealer_id: int) -> Decimal:
    """Lock a dealer's account, the first lock of a verb; returns its balance.

    Raises NotFound when out of scope.
    """
    locks.take(session, Rank.ACCOUNT, [(dealer_id,)])
    balance: Decimal | None = session.scalar(_LOCK, {"dealer_id": dealer_id})
    if balance is None:
        raise NotFound()
    return balance


def move_balance(session: Session, dealer_id: int, amount: Decimal) -> Decimal:
    """Add what the dealer owes more (negative: less) to a locked account; returns the balance after it."""
    balance: Decimal = session.execute(_MOVE, {"dealer_id": dealer_id, "amount": amount}).scalar_one()
    return balance


_LIMIT = text("UPDATE dealer_account SET credit_limit = :amount WHERE dealer_id = :dealer_id")
_TERMS = text("UPDATE dealer SET payment_terms_days = :days WHERE id = :dealer_id")


def set_credit_limit(session: Session, dealer_id: int, amount: Decimal) -> None:
    """Let another limit count from now on; the caller has the account locked."""
    session.execute(_LIMIT, {"dealer_id": dealer_id, "amount": amount})


def set_payment_terms(session: Session, dealer_id: int, days: int) -> None:
    """Let later invoices fall due after other days; the caller has the account locked, as billing has."""
    session.execute(_TERMS, {"dealer_id": dealer_id, "days": days})


def open_orders_moved(by: str, condition: str = "true") -> str:
    """SQL for the part of a statement that adds an amount, ``by`` with its sign, to the open orders of
    ``:dealer_id``.
    """
    where = f"dealer_id = :dealer_id AND {condition}"
    return f"UPDATE dealer_account SET open_orders = open_orders {by} WHERE {where}"
