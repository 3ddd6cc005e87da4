"""What the finance pages show beside what other capabilities tell: last payments, the largest exposures."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from sqlalchemy import text
from sqlalchemy.orm import Session


@dataclass(frozen=True, slots=True)
class LatestPayment:
    """Money that came in, or went back (negative)."""

    number: str
    received_on: date
    method: str
    reference: str
    amount: Decimal
    is_reversed: bool


@dataclass(frozen=True, slots=True)
class Exposure:
    """How far a dealer's credit is used: billed and unpaid, and ordered."""

    code: str
    name_zh: str
    name_en: str
    balance: Decimal
    open_orders: Decimal
    credit_limit: Decimal

    @property
    def exposure(self) -> Decimal:
        """All that would be owed."""
        return self.balance + self.open_orders


_PAYMENTS = text(
    """
    SELECT p.number, p.received_on, p.method, p.reference, p.amount, r.id IS NOT NULL AS is_reversed
      FROM (SELECT * FROM payment WHERE dealer_id = :dealer_id
             ORDER BY received_on DESC, id DESC LIMIT :limit) p
      LEFT JOIN journal_entry e ON (e.dealer_id, e.document_no) = (p.dealer_id, p.number)
       AND e.reverses_id IS NULL
      LEFT JOIN journal_entry r ON (r.dealer_id, r.reverses_id) = (e.dealer_id, e.id)
     ORDER BY p.received_on DESC, p.id DESC
    """
)
# One row a dealer, of which the largest are kept.
_EXPOSURES = text(
    """
    WITH top AS MATERIALIZED (
      SELECT a.dealer_id, a.balance, a.open_orders, a.credit_limit FROM dealer_account a
       WHERE a.balance + a.open_orders > 0
       ORDER BY a.balance + a.open_orders DESC, a.dealer_id LIMIT :limit
    )
    SELECT d.code, d.name_zh, d.name_en, t.balance, t.open_orders, t.credit_limit
      FROM top t JOIN dealer d ON d.id = t.dealer_id
     ORDER BY t.balance + t.open_orders DESC, t.dealer_id
    """
)


def latest_payments(session: Session, *, dealer_id: int, limit: int = 5) -> list[LatestPayment]:
    """What a dealer paid last."""
    rows = session.execute(_PAYMENTS, {"dealer_id": dealer_id, "limit": limit})
    return [LatestPayment(**row._mapping) for row in rows]


def largest_exposures(session: Session, *, limit: int = 10) -> list[Exposure]:
    """The dealers in scope that owe and have ordered most."""
    return [Exposure(**row._mapping) for row in session.execute(_EXPOSURES, {"limit": limit})]
