"""Which credit settles which debt.

Written with the entry that makes it possible, undone with the one that takes it away. Called by the journal
alone, under the lock of the dealer's account.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from decimal import Decimal

from sqlalchemy import text
from sqlalchemy.orm import Session

from portal.kernel.db import Record
from portal.ledger import rules
from portal.ledger.rules import Unsettled

# What is allocated of each entry, for the queries that begin with it. {until}: a condition on the allocation
# `a`.
ALLOCATED = """
  SELECT v.entry_id, sum(a.amount) AS amount
    FROM allocation a CROSS JOIN LATERAL (VALUES (a.credit_id), (a.debit_id)) v(entry_id)
   WHERE a.dealer_id = :dealer_id {until} GROUP BY v.entry_id
"""

_UNSETTLED = text(
    f"""
    WITH allocated AS ({ALLOCATED.format(until="")})
    SELECT e.id, e.occurred_on, coalesce(e.due_on, e.occurred_on) AS due_on, e.period,
           e.document_no, e.receivable > 0 AS is_debt, abs(e.receivable) - coalesce(a.amount, 0) AS amount
      FROM journal_entry e LEFT JOIN allocated a ON a.entry_id = e.id
     WHERE e.dealer_id = :dealer_id AND abs(e.receivable) > coalesce(a.amount, 0)
    """
)

_ALLOCATE = text(
    """
    INSERT INTO allocation (dealer_id, credit_id, debit_id, amount, period, posted_with_id)
    SELECT :dealer_id, s.credit_id, s.debit_id, s.amount, s.period, :posted_with
      FROM unnest(CAST(:credits AS bigint[]), CAST(:debits AS bigint[]), CAST(:amounts AS numeric[]),
                  CAST(:periods AS text[]))
        AS s(credit_id, debit_id, amount, period)
    """
)

_EXACTLY = text(
    """
    INSERT INTO allocation (dealer_id, credit_id, debit_id, amount, period, posted_with_id)
    SELECT e.dealer_id, CASE WHEN e.receivable < 0 THEN e.id ELSE :entry_id END,
           CASE WHEN e.receivable < 0 THEN :entry_id ELSE e.id END, s.amount, greatest(e.period, :period),
           :entry_id
      FROM unnest(CAST(:numbers AS text[]), CAST(:amounts AS numeric[])) AS s(number, amount)
      JOIN journal_entry e
        ON e.dealer_id = :dealer_id AND e.document_no = s.number AND e.reverses_id IS NULL
    """
)

# The opposite of everything the entry had a part in; then the entry and its reversal settle each other.
_UNDO = text(
    """
    INSERT INTO allocation (dealer_id, credit_id, debit_id, amount, period, posted_with_id)
    SELECT a.dealer_id, a.credit_id, a.debit_id, -sum(a.amount), greatest(max(a.period), :period),
           :reversal_id
      FROM allocation a
     WHERE a.dealer_id = :dealer_id AND (a.credit_id = :entry_id OR a.debit_id = :entry_id)
     GROUP BY a.dealer_id, a.credit_id, a.debit_id HAVING sum(a.amount) <> 0
    UNION ALL
    SELECT e.dealer_id, CASE WHEN e.receivable < 0 THEN e.id ELSE :reversal_id END,
           CASE WHEN e.receivable < 0 THEN :reversal_id ELSE e.id END, abs(e.receivable),
           greatest(e.period, :period), :reversal_id
      FROM journal_entry e WHERE e.dealer_id = :dealer_id AND e.id = :entry_id AND e.receivable <> 0
    """
)


def settle(
    session: Session, *, dealer_id: int, posted_with: int, period: str, first: Collection[str] = ()
) -> None:
    """Allocate the dealer's open credits to its open debts, as far as they go.

    `period` is the month of the entry posted. first: numbers of the debts that whoever paid named.
    """
    rows = session.execute(_UNSETTLED, {"dealer_id": dealer_id}).all()
    debts, credits = ([_left(row) for row in rows if row.is_debt is side] for side in (True, False))
    named = frozenset(row.id for row in rows if row.document_no in first)
    shares = rules.allocate(debts, credits, posted_in=period, named=named)
    if not shares:
        return
    columns = {
        "credits": [share.credit_id for share in shares],
        "debits": [share.debit_id for share in shares],
        "amounts": [share.amount for share in shares],
        "periods": [share.period for share in shares],
    }
    session.execute(_ALLOCATE, {"dealer_id": dealer_id, "posted_with": posted_with} | columns)


def settle_exactly(
    session: Session, *, dealer_id: int, entry_id: int, period: str, amounts: Sequence[tuple[str, Decimal]]
) -> None:
    """Let an entry settle the documents that are named with their amounts, or be settled by them.

    The caller has seen that so much of them is open; the database refuses more.
    """
    numbers, shares = zip(*amounts, strict=True)
    session.execute(
        _EXACTLY,
        {
            "dealer_id": dealer_id,
            "entry_id": entry_id,
            "period": period,
            "numbers": list(numbers),
            "amounts": list(shares),
        },
    )


def undo(session: Session, *, dealer_id: int, entry_id: int, reversal_id: int, period: str) -> None:
    """Take back every allocation of an entry that is reversed; `period` is the month of the reversal."""
    session.execute(
        _UNDO, {"dealer_id": dealer_id, "entry_id": entry_id, "reversal_id": reversal_id, "period": period}
    )


def _left(row: Record) -> Unsettled:
    return Unsettled(row.id, row.occurred_on, row.due_on, row.period, row.amount)
