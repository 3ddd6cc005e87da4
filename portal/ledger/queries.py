"""Reads of the ledger: a dealer's position, what it has to pay by when, and the entries of a month."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from sqlalchemy import Row, text
from sqlalchemy.orm import Session

from portal.errors import NotFound
from portal.ledger import rules
from portal.ledger.rules import Debit, EntryKind, Settlement


@dataclass(frozen=True, slots=True)
class Position:
    """Where a dealer stands. exposure = balance (billed, unpaid) + open_orders (placed, unbilled)."""

    balance: Decimal
    open_orders: Decimal
    credit_limit: Decimal

    @property
    def exposure(self) -> Decimal:
        """What the dealer would owe if everything ordered were billed."""
        return self.balance + self.open_orders

    @property
    def available(self) -> Decimal:
        """Credit left; negative when the limit is exceeded."""
        return self.credit_limit - self.exposure


@dataclass(frozen=True, slots=True)
class LedgerEntry:
    """An entry of a month. `receivable` is positive when the dealer owes more by it; `late` when dated in an earlier month."""

    kind: EntryKind
    document_no: str
    reference: str
    occurred_on: date
    receivable: Decimal
    late: bool


@dataclass(frozen=True, slots=True)
class LedgerMonth:
    """A dealer's account over one period, and what of it is open at its end."""

    opening: Decimal
    closing: Decimal
    entries: tuple[LedgerEntry, ...]
    settlement: Settlement


_POSITION = text("SELECT balance, open_orders, credit_limit FROM dealer_account WHERE dealer_id = :dealer_id")

# One read of the dealer's ledger. A reversed entry and its reversal settle each other, so neither is a debt. Debts are
# needed back to where those due later cover the balance: further back everything is paid (see rules.settle).
_LEDGER = """
WITH entry AS (
  SELECT e.*, coalesce(e.due_on, e.occurred_on) AS due,
         e.receivable > 0 AND e.reverses_id IS NULL AND r.id IS NULL AS debt
    FROM journal_entry e
    LEFT JOIN journal_entry r ON r.dealer_id = e.dealer_id AND r.reverses_id = e.id {until_reversal}
   WHERE e.dealer_id = :dealer_id {until}
), ranked AS (
  SELECT entry.*, coalesce(sum(receivable) FILTER (WHERE debt) OVER (
           ORDER BY due DESC, occurred_on DESC, id DESC ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING), 0) AS due_later
    FROM entry
), total AS (
  SELECT coalesce(sum(receivable) FILTER (WHERE {before}), 0) AS opening, coalesce(sum(receivable), 0) AS closing FROM entry
)
SELECT t.opening, t.closing, r.id, r.kind, r.document_no, r.reference, r.occurred_on, r.due, r.receivable, r.late,
       r.debt AND r.due_later < t.closing AS open, {within} AS within
  FROM total t LEFT JOIN ranked r ON {within} OR (r.debt AND r.due_later < t.closing)
 ORDER BY r.occurred_on, r.id
"""
_MONTH = text(
    _LEDGER.format(
        until="AND e.period <= :period", until_reversal="AND r.period <= :period", before="period < :period",
        within="r.period = :period",
    )
)  # fmt: skip
_NOW = text(_LEDGER.format(until="", until_reversal="", before="false", within="false"))


def position(session: Session, dealer_id: int) -> Position:
    """Balance, open orders and credit limit of a dealer. Raises NotFound when it is not in the session's scope."""
    row = session.execute(_POSITION, {"dealer_id": dealer_id}).one_or_none()
    if row is None:
        raise NotFound()
    return Position(*row)


def settlement(session: Session, dealer_id: int) -> Settlement:
    """What a dealer has to pay by which day, the earliest due first, as the books stand now."""
    return _settlement(session.execute(_NOW, {"dealer_id": dealer_id}).all())


def month(session: Session, *, dealer_id: int, period: str) -> LedgerMonth:
    """A dealer's entries of a period in their order, between the balances before and after."""
    rows = session.execute(_MONTH, {"dealer_id": dealer_id, "period": period}).all()
    entries = tuple(
        LedgerEntry(EntryKind(row.kind), row.document_no, row.reference, row.occurred_on, row.receivable, row.late)
        for row in rows
        if row.within
    )
    return LedgerMonth(rows[0].opening, rows[0].closing, entries, _settlement(rows))


def _settlement(rows: Sequence[Row]) -> Settlement:
    debits = [Debit(row.id, row.document_no, row.occurred_on, row.due, row.receivable) for row in rows if row.open]
    return rules.settle(rows[0].closing, debits)
