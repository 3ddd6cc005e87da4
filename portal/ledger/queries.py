"""Reads of the ledger: a dealer's position, what it has to pay by when, and the entries of a month."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from sqlalchemy import text
from sqlalchemy.orm import Session

from portal.kernel.db import Record
from portal.kernel.errors import NotFound
from portal.ledger.allocations import ALLOCATED
from portal.ledger.rules import EntryKind, OpenItem, Settlement


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
    """An entry of a month.

    `receivable` is positive when the dealer owes more by it; `late` when dated in an earlier month.
    """

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

# One read of the dealer's ledger: what of each entry was allocated until then is settled, the rest is open.
_LEDGER = """
WITH allocated AS ({allocated}), entry AS (
  SELECT e.*, coalesce(e.due_on, e.occurred_on) AS due, abs(e.receivable) - coalesce(a.amount, 0) AS open
    FROM journal_entry e LEFT JOIN allocated a ON a.entry_id = e.id
   WHERE e.dealer_id = :dealer_id {until}
), total AS (
  SELECT coalesce(sum(receivable) FILTER (WHERE {before}), 0) AS opening,
         coalesce(sum(receivable), 0) AS closing,
         coalesce(-sum(open) FILTER (WHERE receivable < 0), 0) AS unallocated
    FROM entry
)
SELECT t.opening, t.closing, t.unallocated, e.id, e.kind, e.document_no, e.reference, e.occurred_on, e.due,
       e.receivable, e.late, e.open, e.receivable > 0 AND e.open > 0 AS is_open, {within} AS within
  FROM total t LEFT JOIN entry e ON {within} OR (e.receivable > 0 AND e.open > 0)
 ORDER BY e.occurred_on, e.id
"""
_MONTH = text(
    _LEDGER.format(
        allocated=ALLOCATED.format(until="AND a.period <= :period"),
        until="AND e.period <= :period",
        before="period < :period",
        within="e.period = :period",
    )
)
_NOW = text(_LEDGER.format(allocated=ALLOCATED.format(until=""), until="", before="false", within="false"))


def position(session: Session, dealer_id: int) -> Position:
    """Balance, open orders and credit limit of a dealer.

    Raises NotFound when it is not in the session's scope.
    """
    row = session.execute(_POSITION, {"dealer_id": dealer_id}).one_or_none()
    if row is None:
        raise NotFound()
    return Position(**row._mapping)


def settlement(session: Session, dealer_id: int) -> Settlement:
    """What a dealer has to pay by which day, the earliest due first, as the books stand now."""
    return _settlement(session.execute(_NOW, {"dealer_id": dealer_id}).all())


def month(session: Session, *, dealer_id: int, period: str) -> LedgerMonth:
    """A dealer's entries of a period in their order, between the balances before and after."""
    rows = session.execute(_MONTH, {"dealer_id": dealer_id, "period": period}).all()
    entries = tuple(
        LedgerEntry(
            EntryKind(row.kind), row.document_no, row.reference, row.occurred_on, row.receivable, row.late
        )
        for row in rows
        if row.within
    )
    return LedgerMonth(rows[0].opening, rows[0].closing, entries, _settlement(rows))


def _settlement(rows: Sequence[Record]) -> Settlement:
    open_rows = sorted(
        (row for row in rows if row.is_open), key=lambda row: (row.due, row.occurred_on, row.id)
    )
    items = tuple(OpenItem(row.document_no, row.occurred_on, row.due, row.open) for row in open_rows)
    return Settlement(items, rows[0].unallocated)
