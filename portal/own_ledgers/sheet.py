"""The reconciliation sheet (对账单): one value that page, PDF and Excel show and a signature stands for."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from portal.kernel.db import value_of
from portal.kernel.errors import N_, Conflict, NotFound
from portal.own_ledgers.difference_rules import Kind
from portal.own_ledgers.rules import COMPARED, Answer, Side, content_hash


@dataclass(frozen=True, slots=True)
class SheetLine:
    """A difference with both documents and what both sides say."""

    no: int
    kind: Kind
    ours: list[dict[str, Any]]
    theirs: list[dict[str, Any]]
    amount: Decimal
    confidence: int
    dealer_answer: str
    staff_answer: str


@dataclass(frozen=True, slots=True)
class Signature:
    """Who signed for a side, and what."""

    side: str
    name: str
    sha256: str
    signed_at: datetime
    signed_by_label: str


@dataclass(frozen=True, slots=True)
class ReconciliationSheet:
    """What both sides sign. hashes: what a signature of each side would stand for, or stands for."""

    number: str
    dealer_id: int
    dealer_code: str
    dealer_zh: str
    dealer_en: str
    credit_code: str
    filename: str
    sha256: str
    first_day: date
    last_day: date
    line_count: int
    matched: int
    ours_sum: Decimal
    theirs_sum: Decimal
    finished_at: datetime
    unread: int
    lines: tuple[SheetLine, ...]
    signatures: tuple[Signature, ...]
    hashes: dict[Side, str]

    @property
    def difference(self) -> Decimal:
        """Theirs less ours: the sum of all differences."""
        return self.theirs_sum - self.ours_sum

    def open_of(self, side: Side) -> int:
        """How many differences a side has not answered."""
        return sum(_answer(line, side) == Answer.OPEN for line in self.lines)

    def signature_of(self, side: Side) -> Signature | None:
        """How a side signed, if it did."""
        return next((one for one in self.signatures if one.side == side), None)


def sheet_of(session: Session, number: str) -> ReconciliationSheet:
    """The sheet of a ledger that was compared. Raises NotFound, Conflict for one that was not."""
    row = session.execute(_LEDGER, {"number": number}).one_or_none()
    if row is None:
        raise NotFound()
    if row.state not in COMPARED:
        raise Conflict("not_compared", N_("This ledger is not compared yet."), fix=N_("Wait for the result."))
    key = {"dealer_id": row.dealer_id, "ledger_id": row.id}
    lines = tuple(
        SheetLine(**{**line._mapping, "kind": Kind(line.kind)}) for line in session.execute(_LINES, key)
    )
    signatures = tuple(Signature(**one._mapping) for one in session.execute(_SIGNATURES, key))
    content = {
        "number": row.number,
        "dealer": row.dealer_code,
        "file": row.sha256,
        "days": [row.first_day.isoformat(), row.last_day.isoformat()],
        "sums": [str(row.ours_sum), str(row.theirs_sum)],
        "matched": row.matched,
        "unread": row.unread,
        "books": row.found_books,
        "differences": [
            [line.no, str(line.kind), line.ours, line.theirs, str(line.amount)] for line in lines
        ],
    }
    hashes = {side: content_hash(content, [_answer(line, side) for line in lines]) for side in Side}
    return value_of(ReconciliationSheet, row, lines=lines, signatures=signatures, hashes=hashes)


def _answer(line: SheetLine, side: Side) -> str:
    return line.dealer_answer if side is Side.DEALER else line.staff_answer


_LEDGER = text(
    """
    SELECT o.number, o.id, o.state, o.dealer_id, d.code AS dealer_code, d.name_zh AS dealer_zh,
           d.name_en AS dealer_en, d.credit_code, o.filename, o.sha256, o.first_day, o.last_day, o.line_count,
           o.matched, o.ours_sum, o.theirs_sum, o.finished_at, o.found_books,
           coalesce((o.result #>> '{proof,unread}')::int, 0) AS unread
      FROM own_ledger o JOIN dealer d ON d.id = o.dealer_id
     WHERE o.number = :number
    """
)
_LINES = text(
    """
    SELECT no, class AS kind, ours, theirs, amount, confidence, dealer_answer, staff_answer
      FROM own_ledger_difference WHERE dealer_id = :dealer_id AND ledger_id = :ledger_id ORDER BY no
    """
)
_SIGNATURES = text(
    """
    SELECT side, name, sha256, signed_at, signed_by_label FROM own_ledger_signature
     WHERE dealer_id = :dealer_id AND ledger_id = :ledger_id ORDER BY signed_at, side
    """
)
