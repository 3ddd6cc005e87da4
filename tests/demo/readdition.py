"""The ledger added up a second time, from the lines of documents and by a bookkeeper's means.

No function of the ledger is asked, no journal line, no allocation and no balance: what documents say is
summed in SQL, and debts are settled here, those that fell due first by whatever was given first. Of the
journal only this is read: which documents were taken back, and on which day; and on which day open items of
earlier books were taken over, since their own is older.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from sqlalchemy import Connection, text
from sqlalchemy.orm import Session

from portal.statements import queries
from portal.statements.document import StatementDocument

_DOCUMENTS = text(
    """
    WITH document AS (
      SELECT v.dealer_id, v.number, v.issued_on AS day, v.due_on,
             (SELECT sum(l.amount) FROM invoice_line l
               WHERE (l.dealer_id, l.invoice_id) = (v.dealer_id, v.id)) AS amount
        FROM invoice v
      UNION ALL
      SELECT v.dealer_id, v.number, v.issued_on, v.due_on,
             (SELECT sum(l.amount) FROM service_invoice_line l
               WHERE (l.dealer_id, l.invoice_id) = (v.dealer_id, v.id))
        FROM service_invoice v
      UNION ALL
      SELECT n.dealer_id, n.number, n.issued_on, n.issued_on,
             (SELECT sum(l.gross) FROM rebate_note_line l
               WHERE (l.dealer_id, l.note_id) = (n.dealer_id, n.id))
        FROM rebate_note n
      UNION ALL
      SELECT p.dealer_id, p.number, p.received_on, p.received_on, -p.amount FROM payment p
      UNION ALL
      SELECT n.dealer_id, n.number, n.issued_on, n.issued_on,
             (SELECT sum(l.gross) FROM adjustment_note_line l
               WHERE (l.dealer_id, l.note_id) = (n.dealer_id, n.id))
        FROM adjustment_note n
      UNION ALL
      SELECT a.dealer_id, a.number,
             CASE WHEN a.kind <> 'opening' THEN a.issued_on
                  ELSE (SELECT e.occurred_on FROM journal_entry e
                         WHERE (e.dealer_id, e.document_no) = (a.dealer_id, a.number)
                           AND e.reverses_id IS NULL) END,
             coalesce(a.due_on, a.issued_on),
             CASE WHEN a.kind IN ('deposit', 'deposit_return') THEN 0
                  WHEN a.kind IN ('deposit_use', 'write_off') THEN -a.amount
                  ELSE a.amount END
        FROM account_document a
    )
    SELECT * FROM document
    UNION ALL
    SELECT d.dealer_id, d.number, r.occurred_on, r.occurred_on, -d.amount
      FROM document d
      JOIN journal_entry r ON r.dealer_id = d.dealer_id AND r.document_no = d.number
       AND r.reverses_id IS NOT NULL
    """
)
_STATEMENTS = text("SELECT * FROM statement ORDER BY dealer_id, period")
_AGES = (
    ("current_due", None, 0),
    ("days_1_30", 1, 30),
    ("days_31_60", 31, 60),
    ("days_61_90", 61, 90),
    ("days_over_90", 91, None),
)


@dataclass(frozen=True, slots=True)
class Doc:
    """A document as it changed what a dealer owes."""

    number: str
    day: date
    due_on: date
    amount: Decimal


def differences(rows: Connection, session: Session) -> Iterator[str]:
    """What any statement says otherwise, to the fen: figures, lines with their running balances, ages."""
    of_dealer: dict[int, list[Doc]] = defaultdict(list)
    for row in rows.execute(_DOCUMENTS):
        of_dealer[row.dealer_id].append(Doc(row.number, row.day, row.due_on, row.amount))
    for kept in rows.execute(_STATEMENTS):
        documents = of_dealer[kept.dealer_id]
        first, after = _bounds(kept.period)
        opening = sum((one.amount for one in documents if one.day < first), Decimal(0))
        within = [one for one in documents if first <= one.day < after]
        closing = opening + sum((one.amount for one in within), Decimal(0))
        if (kept.opening, kept.closing) != (opening, closing):
            yield f"{kept.number}: {kept.opening} {kept.closing}, documents say {opening} {closing}"
        ages = _ages([one for one in documents if one.day < after], after - timedelta(days=1))
        for name, amount in ages.items():
            if getattr(kept, name) != amount:
                yield f"{kept.number} {name}: {getattr(kept, name)}, documents say {amount}"
        shown = queries.document(session, number=kept.number, locale="zh")
        yield from _lines(shown, opening, within)


def _lines(shown: StatementDocument, opening: Decimal, within: Iterable[Doc]) -> Iterator[str]:
    said = sorted((line.date, line.document_no, line.debit - line.credit) for line in shown.lines)
    meant = sorted((one.day, one.number, one.amount) for one in within)
    if said != meant:
        yield f"{shown.number}: other lines than documents"
    balance, before = opening, date.min
    for line in shown.lines:
        balance += line.debit - line.credit
        if line.balance != balance or line.date < before:
            yield f"{shown.number} {line.document_no}: {line.balance}, should be {balance}"
        before = line.date


def _ages(documents: list[Doc], day: date) -> dict[str, Decimal]:
    """Every credit settles the debts due first; what it cannot settle stays as credit."""
    credit = -sum((one.amount for one in documents if one.amount < 0), Decimal(0))
    ages = {name: Decimal(0) for name, *_ in _AGES}
    for debt in sorted((one for one in documents if one.amount > 0), key=lambda one: (one.due_on, one.day)):
        settled = min(credit, debt.amount)
        credit -= settled
        late = (day - debt.due_on).days
        [name] = [
            name
            for name, least, most in _AGES
            if (least is None or late >= least) and (most is None or late <= most)
        ]
        ages[name] += debt.amount - settled
    return ages | {"unallocated": -credit}


def _bounds(period: str) -> tuple[date, date]:
    first = date(int(period[:4]), int(period[5:]), 1)
    return first, (first + timedelta(days=31)).replace(day=1)
