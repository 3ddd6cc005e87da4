"""Statements, ageing and open items from the documents: docs/statements.md and docs/ageing.md.

A document counts in the month it was posted in; its amount is the documents', not the journal's. What settles
what is taken from the allocations, which the recount of the ledger reckons by itself.
"""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import Connection, text

from tests.recount.compared import Compared, asked
from tests.recount.ledger import POSTED

# What each entry is about: what of a dealer's debt, from which day and month on, due when.
ITEMS = (
    POSTED
    + """
    , item AS (
      SELECT e.dealer_id, e.id, e.document_no, e.period,
             CASE WHEN e.late THEN to_date(e.period, 'YYYY-MM') ELSE e.occurred_on END AS day,
             coalesce(e.due_on, e.occurred_on) AS due_on, coalesce(p.amount, 0) AS amount
        FROM journal_entry e
        LEFT JOIN posted p ON (p.dealer_id, p.entry_id) = (e.dealer_id, e.id) AND p.account = 'receivable'),
    settled AS (
      SELECT dealer_id, credit_id AS id, amount, period, occurred_on, posted_with_id FROM allocation
      UNION ALL SELECT dealer_id, debit_id, -amount, period, occurred_on, posted_with_id FROM allocation)
"""
)
_FIGURES = (
    ITEMS
    + """
    SELECT s.number,
           ARRAY[coalesce(sum(i.amount) FILTER (WHERE i.period < s.period), 0),
             coalesce(sum(greatest(i.amount, 0)) FILTER (WHERE i.period = s.period), 0),
             coalesce(sum(greatest(-i.amount, 0)) FILTER (WHERE i.period = s.period), 0),
             coalesce(sum(i.amount), 0), count(*) FILTER (WHERE i.period = s.period)],
           ARRAY[s.opening, s.debits, s.credits, s.closing, s.line_count]
      FROM statement s LEFT JOIN item i ON i.dealer_id = s.dealer_id AND i.period <= s.period
     GROUP BY s.dealer_id, s.id
"""
)
_CHAINED = """
    SELECT number, coalesce(lag(closing) OVER (PARTITION BY dealer_id ORDER BY period), opening) || ' ' ||
                   opening + debits - credits, opening || ' ' || closing
      FROM statement
"""
_OPEN_AT_CLOSE = """
    , open_at AS (
      SELECT x.dealer_id, x.period, i.id, i.document_no, i.day, i.due_on, i.amount + coalesce(a.amount, 0)
        AS amount,
             (to_date(x.period, 'YYYY-MM') + interval '1 month')::date - 1 - i.due_on AS late
        FROM {table} x
        JOIN item i ON i.dealer_id = x.dealer_id AND i.period <= x.period
        LEFT JOIN LATERAL (SELECT sum(s.amount) AS amount FROM settled s
                            WHERE (s.dealer_id, s.id) = (i.dealer_id, i.id) AND s.period <= x.period) a
                              ON true
       WHERE i.amount + coalesce(a.amount, 0) <> 0)
"""
_AGES = (
    ITEMS
    + _OPEN_AT_CLOSE.format(table="statement")
    + """
    SELECT s.number,
           ARRAY[coalesce(sum(o.amount) FILTER (WHERE o.amount > 0 AND o.late <= 0), 0),
             coalesce(sum(o.amount) FILTER (WHERE o.amount > 0 AND o.late BETWEEN 1 AND 30), 0),
             coalesce(sum(o.amount) FILTER (WHERE o.amount > 0 AND o.late BETWEEN 31 AND 60), 0),
             coalesce(sum(o.amount) FILTER (WHERE o.amount > 0 AND o.late BETWEEN 61 AND 90), 0),
             coalesce(sum(o.amount) FILTER (WHERE o.amount > 0 AND o.late > 90), 0),
             coalesce(sum(o.amount) FILTER (WHERE o.amount < 0), 0)],
           ARRAY[s.current_due, s.days_1_30, s.days_31_60, s.days_61_90, s.days_over_90, s.unallocated]
      FROM statement s LEFT JOIN open_at o ON (o.dealer_id, o.period) = (s.dealer_id, s.period)
     GROUP BY s.dealer_id, s.id
"""
)
# Invoice by invoice: what a statement says is still to be paid, and by when.
_DUE = (
    ITEMS
    + _OPEN_AT_CLOSE.format(table="statement")
    + """
    , said AS (
      SELECT s.dealer_id, s.period, d ->> 'document_no' AS document_no,
             concat_ws(' ', d ->> 'date', d ->> 'due_date', d ->> 'open_amount') AS due
        FROM statement s CROSS JOIN LATERAL jsonb_array_elements(s.snapshot -> 'due') d)
    SELECT concat_ws(' ', 'dealer', dealer_id, period, document_no),
           concat_ws(' ', o.day, o.due_on, o.amount), x.due
      FROM (SELECT * FROM open_at WHERE amount > 0) o
      FULL JOIN said x USING (dealer_id, period, document_no)
"""
)
_SNAPSHOTS = (
    ITEMS
    + _OPEN_AT_CLOSE.format(table="account_snapshot")
    + """
    , kept AS (
      SELECT s.dealer_id, s.period, x.id, x.due_on, x.amount
        FROM account_snapshot s
       CROSS JOIN LATERAL unnest(s.open_entries, s.open_due, s.open_amounts) x (id, due_on, amount))
    SELECT concat_ws(' ', 'dealer', dealer_id, period, 'entry', id),
           concat_ws(' ', o.amount, o.due_on), concat_ws(' ', k.amount, k.due_on)
      FROM open_at o FULL JOIN kept k USING (dealer_id, period, id)
"""
)
# Of any day: what counts up to its end, and what of it was settled by then.
_AS_OF = (
    ITEMS
    + """
    SELECT i.dealer_id, coalesce(sum(i.amount) FILTER (WHERE i.late <= 0 AND i.amount > 0), 0) AS current_due,
           coalesce(sum(i.amount) FILTER (WHERE i.late BETWEEN 1 AND 30 AND i.amount > 0), 0) AS days_1_30,
           coalesce(sum(i.amount) FILTER (WHERE i.late BETWEEN 31 AND 60 AND i.amount > 0), 0) AS days_31_60,
           coalesce(sum(i.amount) FILTER (WHERE i.late BETWEEN 61 AND 90 AND i.amount > 0), 0) AS days_61_90,
           coalesce(sum(i.amount) FILTER (WHERE i.late > 90 AND i.amount > 0), 0) AS days_over_90,
           coalesce(sum(i.amount) FILTER (WHERE i.amount < 0), 0) AS unallocated,
           sum(i.amount) AS balance
      FROM (SELECT i.dealer_id, i.amount + coalesce(
                     (SELECT sum(s.amount) FROM settled s
                       WHERE (s.dealer_id, s.id) = (i.dealer_id, i.id)
                         AND CASE WHEN s.period > to_char(s.occurred_on, 'YYYY-MM')
                                  THEN to_date(s.period, 'YYYY-MM') ELSE s.occurred_on END <= :day), 0)
                                    AS amount,
                   CAST(:day AS date) - i.due_on AS late
              FROM item i WHERE i.day <= :day) i
     GROUP BY i.dealer_id
"""
)


def ages_as_of(rows: Connection, day: str) -> dict[int, tuple]:
    """Each dealer's ages and balance of any day, to compare with what a page or a call says of it."""
    return {row.dealer_id: tuple(row)[1:] for row in rows.execute(text(_AS_OF), {"day": day})}


def recount(rows: Connection) -> Iterator[Compared]:
    """Figures, ages and open documents of all statements, and what the closes have kept."""
    yield from asked(rows, "opening, movements and closing of a statement", _FIGURES)
    yield from asked(rows, "a statement after the one before", _CHAINED)
    yield from asked(rows, "ages of a statement", _AGES)
    yield from asked(rows, "open document of a statement", _DUE)
    yield from asked(rows, "open entry at the end of a month", _SNAPSHOTS)
