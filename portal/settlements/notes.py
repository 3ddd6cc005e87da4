"""A rebate note as people ask for it: what it gave on which invoice, what it pays, and where it stands."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from sqlalchemy import text
from sqlalchemy.orm import Session

from portal.kernel.errors import NotFound
from portal.settlements.queries import NoteLineRow, note_lines_of


@dataclass(frozen=True, slots=True)
class PaidPeriod:
    """A period of a programme that a note paid."""

    programme: str
    title_zh: str
    title_en: str
    period: str
    kind: str
    paid: Decimal


@dataclass(frozen=True, slots=True)
class Note:
    """A note: positive where it gives.

    source: the claim or the settlement that it pays. month: of the books. statement: the account statement it
    stands on, once that is issued.
    """

    number: str
    treatment: str
    source: str
    issued_on: date
    net: Decimal
    tax: Decimal
    gross: Decimal
    dealer_code: str
    dealer_zh: str
    dealer_en: str
    month: str | None
    statement: str | None
    periods: tuple[PaidPeriod, ...]
    lines: tuple[NoteLineRow, ...]


def note_of(session: Session, number: str, *, most: int = 500) -> Note:
    """One note of the dealers that the session sees, with its first so many lines. Raises NotFound."""
    head = session.execute(_HEAD, {"number": number}).one_or_none()
    if head is None:
        raise NotFound()
    said = dict(head._mapping)
    dealer_id = said.pop("dealer_id")
    periods = session.execute(_PERIODS, {"dealer_id": dealer_id, "number": number})
    return Note(
        **said,
        periods=tuple(PaidPeriod(**row._mapping) for row in periods),
        lines=tuple(note_lines_of(session, dealer_id=dealer_id, number=number, most=most)),
    )


_HEAD = text(
    """
    SELECT n.dealer_id, n.number, n.treatment, n.source, n.issued_on, -n.net AS net, -n.tax AS tax,
           -n.gross AS gross, d.code AS dealer_code, d.name_zh AS dealer_zh, d.name_en AS dealer_en,
           e.period AS month, s.number AS statement
      FROM rebate_note n JOIN dealer d ON d.id = n.dealer_id
      LEFT JOIN journal_entry e
        ON e.dealer_id = n.dealer_id AND e.document_no = n.number AND e.reverses_id IS NULL
      LEFT JOIN statement s ON (s.dealer_id, s.period) = (n.dealer_id, e.period)
     WHERE n.number = :number
    """
)
_PERIODS = text(
    """
    SELECT p.number AS programme, p.title_zh, p.title_en, s.period, s.kind, s.paid
      FROM rebate_settlement s JOIN rebate_programme p ON p.id = s.programme_id
     WHERE s.dealer_id = :dealer_id AND s.note_no = :number ORDER BY s.id
    """
)
