"""One document in the journal: its entry and its reversal, line by line."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import text
from sqlalchemy.orm import Session

from portal.kernel.db import value_of
from portal.kernel.errors import NotFound


@dataclass(frozen=True, slots=True)
class EntryLine:
    """An amount on an account: a debit is positive."""

    account: str
    amount: Decimal

    @property
    def debit(self) -> Decimal | None:
        """The amount where it stands on the left."""
        return self.amount if self.amount > 0 else None

    @property
    def credit(self) -> Decimal | None:
        """The amount where it stands on the right."""
        return -self.amount if self.amount < 0 else None


@dataclass(frozen=True, slots=True, kw_only=True)
class JournalEntryPage:
    """An entry of a document. reference: what it came from, or what the bank calls it."""

    dealer_id: int
    dealer_code: str
    dealer_zh: str
    dealer_en: str
    entry_id: int
    kind: str
    document_no: str
    reference: str
    occurred_on: date
    due_on: date | None
    period: str
    late: bool
    receivable: Decimal
    posted_at: datetime
    is_reversal: bool
    lines: tuple[EntryLine, ...] = ()


_ENTRIES = text(
    """
    SELECT e.dealer_id, d.code AS dealer_code, d.name_zh AS dealer_zh, d.name_en AS dealer_en,
           e.id AS entry_id, e.kind, e.document_no, e.reference, e.occurred_on, e.due_on, e.period, e.late,
           e.receivable, e.posted_at, e.reverses_id IS NOT NULL AS is_reversal
      FROM journal_entry e JOIN dealer d ON d.id = e.dealer_id
     WHERE e.document_no = :number ORDER BY e.id
    """
)
_LINES = text(
    """
    SELECT entry_id, account, amount FROM journal_line
     WHERE dealer_id = :dealer_id AND entry_id = ANY (:entries) ORDER BY amount < 0, account
    """
)


def entries_of(session: Session, number: str) -> list[JournalEntryPage]:
    """The entry of a document, and the one that reversed it. Raises NotFound out of scope."""
    rows = session.execute(_ENTRIES, {"number": number}).all()
    if not rows:
        raise NotFound()
    keys = {"dealer_id": rows[0].dealer_id, "entries": [row.entry_id for row in rows]}
    lines = session.execute(_LINES, keys).all()
    return [
        value_of(
            JournalEntryPage,
            row,
            lines=tuple(
                EntryLine(line.account, line.amount) for line in lines if line.entry_id == row.entry_id
            ),
        )
        for row in rows
    ]
