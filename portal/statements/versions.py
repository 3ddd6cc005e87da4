"""Versions of a statement, the corrections that made them, and later documents that may belong to it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import text
from sqlalchemy.orm import Session

from portal.ledger.rules import EntryKind as Posted
from portal.statements.document import EntryKind, LateCorrection

CANDIDATES_MAX = 200
LISTED_MAX = 100


@dataclass(frozen=True, slots=True)
class CorrectionShown:
    """A correction as it was asked for and decided. version: what it made, None where it made none."""

    number: str
    period: str
    dealer_code: str
    dealer_zh: str
    dealer_en: str
    state: str
    version: int | None
    reason: str
    documents: list[str]
    proposed_by: str
    proposed_by_label: str
    proposed_at: datetime
    decided_by_label: str | None
    decided_at: datetime | None
    decision_note: str


def corrections_of(session: Session, number: str) -> list[CorrectionShown]:
    """Every correction of a statement, the latest first; none out of scope."""
    rows = session.execute(_OF_STATEMENT, {"number": number})
    return [CorrectionShown(**row._mapping) for row in rows]


def waiting_corrections(session: Session) -> list[CorrectionShown]:
    """Corrections that wait for a decision, the earliest first."""
    rows = session.execute(_WAITING, {"limit": LISTED_MAX})
    return [CorrectionShown(**row._mapping) for row in rows]


def later_documents(session: Session, *, number: str) -> list[LateCorrection]:
    """Documents of the dealer's books after the statement's month, as they were posted.

    None out of scope; the first `CANDIDATES_MAX`.
    """
    rows = session.execute(_LATER, {"number": number, "limit": CANDIDATES_MAX})
    return [late_correction(**row._mapping) for row in rows]


def late_correction(
    document_no: str, kind: str, occurred_on: date, receivable: Decimal, period: str
) -> LateCorrection:
    """An entry of a later month as a statement names it: a payment that raises what is owed is a refund."""
    is_refund = kind == Posted.PAYMENT and receivable > 0
    named = EntryKind.REFUND if is_refund else EntryKind(kind)
    return LateCorrection(document_no, occurred_on, named, receivable, period)


_CORRECTION = """
SELECT s.number, s.period, d.code AS dealer_code, d.name_zh AS dealer_zh, d.name_en AS dealer_en, c.state,
       c.version, c.reason, c.documents, c.proposed_by, c.proposed_by_label, c.proposed_at,
       c.decided_by_label, c.decided_at, c.decision_note
  FROM statement_correction c
  JOIN statement s ON (s.dealer_id, s.id) = (c.dealer_id, c.statement_id)
  JOIN dealer d ON d.id = c.dealer_id
"""
_OF_STATEMENT = text(f"{_CORRECTION} WHERE s.number = :number ORDER BY c.id DESC LIMIT 50")
_WAITING = text(f"{_CORRECTION} WHERE c.state = 'proposed' ORDER BY c.id LIMIT :limit")
# A document that was reversed since corrects nothing, and neither does its reversal.
LATER = """
    e.dealer_id = s.dealer_id AND e.period > s.period AND e.receivable <> 0
       AND NOT EXISTS (SELECT FROM journal_entry r
                        WHERE (r.dealer_id, r.reverses_id) = (e.dealer_id, e.id))
       AND (e.reverses_id IS NULL OR EXISTS (
             SELECT FROM journal_entry o
              WHERE (o.dealer_id, o.id) = (e.dealer_id, e.reverses_id) AND o.period <= s.period))
"""
"""SQL: whether an entry `e` of a later month may be counted to a statement `s`."""
_LATER = text(
    f"""
    SELECT e.document_no, e.kind, e.occurred_on, e.receivable, e.period
      FROM statement s JOIN journal_entry e ON {LATER}
     WHERE s.number = :number
     ORDER BY e.period, e.occurred_on, e.id LIMIT :limit
    """
)
