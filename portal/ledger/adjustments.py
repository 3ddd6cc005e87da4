"""Adjustment notes as they are read."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import text
from sqlalchemy.orm import Session

from portal.kernel.errors import NotFound


@dataclass(frozen=True, slots=True)
class AdjustedLine:
    """What of a line of the invoice is adjusted."""

    line_no: int
    sku: str
    name_zh: str
    name_en: str
    tax_rate: Decimal
    gross: Decimal
    tax: Decimal


@dataclass(frozen=True, slots=True)
class AdjustmentShown:
    """A note with its lines. gross: negative gives back.

    source: the dispute that it resolves, the credit note or the return that it follows from.
    """

    dealer_id: int
    number: str
    dealer_code: str
    dealer_zh: str
    dealer_en: str
    invoice: str
    source: str
    issued_on: date
    due_on: date
    period: str
    posted_at: datetime
    net: Decimal
    tax: Decimal
    gross: Decimal
    reason: str
    lines: tuple[AdjustedLine, ...]


@dataclass(frozen=True, slots=True)
class NoteOf:
    """A note in the list of what came of a document. gross: negative gives back."""

    number: str
    invoice: str
    gross: Decimal


def notes_of(session: Session, *, dealer_id: int, source: str) -> tuple[NoteOf, ...]:
    """The notes that a document brought about, the oldest first."""
    rows = session.execute(_OF_SOURCE, {"dealer_id": dealer_id, "source": source})
    return tuple(NoteOf(**row._mapping) for row in rows)


def adjustment(session: Session, number: str) -> AdjustmentShown:
    """A note. Raises NotFound when it is not in the session's scope."""
    row = session.execute(_NOTE, {"number": number}).one_or_none()
    if row is None:
        raise NotFound()
    found = session.execute(_LINES, {"dealer_id": row.dealer_id, "id": row.id})
    lines = tuple(AdjustedLine(**one._mapping) for one in found)
    head = {name: value for name, value in row._mapping.items() if name != "id"}
    return AdjustmentShown(**head, lines=lines)


_NOTE = text(
    """
    SELECT n.dealer_id, n.id, n.number, d.code AS dealer_code, d.name_zh AS dealer_zh, d.name_en AS dealer_en,
           n.invoice, n.source, n.issued_on, coalesce(e.due_on, e.occurred_on) AS due_on, e.period,
           e.posted_at, n.net, n.tax, n.gross, n.reason
      FROM adjustment_note n
      JOIN dealer d ON d.id = n.dealer_id
      JOIN journal_entry e ON (e.dealer_id, e.document_no) = (n.dealer_id, n.number) AND e.reverses_id IS NULL
     WHERE n.number = :number
    """
)
_OF_SOURCE = text(
    "SELECT number, invoice, gross FROM adjustment_note WHERE dealer_id = :dealer_id AND source = :source"
    " ORDER BY id"
)
_LINES = text(
    """
    SELECT l.line_no, p.sku, p.name_zh, p.name_en, l.tax_rate, l.gross, l.tax
      FROM adjustment_note_line l JOIN product p ON p.id = l.product_id
     WHERE (l.dealer_id, l.note_id) = (:dealer_id, :id) ORDER BY l.line_no
    """
)
