"""What has to be true of issued statements.

Their figures are the ledger's, and their papers are those that were issued.
"""

from __future__ import annotations

from portal.kernel.checking import Check
from portal.kernel.errors import N_

# Months without an entry have a statement too: they stand in the sum as zeros.
_SUMS = """
SELECT dealer_id, period, debits, credits, line_count,
       sum(debits - credits) OVER w - (debits - credits) AS opening, sum(debits - credits) OVER w AS closing
  FROM (SELECT dealer_id, period, sum(debits) AS debits, sum(credits) AS credits,
               sum(line_count) AS line_count
          FROM (SELECT dealer_id, period,
                       coalesce(sum(receivable) FILTER (WHERE receivable > 0), 0) AS debits,
                       coalesce(-sum(receivable) FILTER (WHERE receivable < 0), 0) AS credits,
                       count(*) AS line_count
                  FROM journal_entry GROUP BY dealer_id, period
                 UNION ALL SELECT dealer_id, period, 0, 0, 0 FROM statement) part
         GROUP BY dealer_id, period) month
WINDOW w AS (PARTITION BY dealer_id ORDER BY period)
"""

CHECKS = (
    Check(
        "statements/ledger",
        N_(
            "Opening, debits, credits, closing and number of lines of every statement "
            "are those of the ledger."
        ),
        f"""
        SELECT s.number || ' ' || c.figure AS subject, c.kept, c.counted
          FROM statement s JOIN ({_SUMS}) m ON (m.dealer_id, m.period) = (s.dealer_id, s.period)
         CROSS JOIN LATERAL (VALUES ('opening', s.opening, m.opening), ('debits', s.debits, m.debits),
                                    ('credits', s.credits, m.credits), ('closing', s.closing, m.closing),
                                    ('lines', s.line_count, m.line_count)) AS c(figure, kept, counted)
         WHERE c.kept <> c.counted
        """,
    ),
    # An entry is open on the statements between its month and the one in which the last of it was settled.
    Check(
        "statements/ageing",
        N_("The ageing of every statement is what its allocations left open at the end of the month."),
        """
        WITH entry AS (
          SELECT e.dealer_id, e.id, e.period, coalesce(e.due_on, e.occurred_on) AS due, e.receivable,
                 sum(a.amount) AS allocated, max(a.period) AS settled_in
            FROM journal_entry e
            LEFT JOIN (SELECT dealer_id, credit_id AS entry_id, amount, period FROM allocation
                        UNION ALL SELECT dealer_id, debit_id, amount, period FROM allocation) a
              ON (a.dealer_id, a.entry_id) = (e.dealer_id, e.id)
           GROUP BY e.dealer_id, e.id
        ), open AS (
          SELECT s.dealer_id, s.id,
                 (date_trunc('month', (s.period || '-01')::date) + interval '1 month - 1 day')::date - e.due
                   AS days,
                 e.receivable, abs(e.receivable)
                   - coalesce((SELECT sum(a.amount) FROM allocation a
                                WHERE (a.dealer_id, a.debit_id) = (e.dealer_id, e.id)
                                  AND a.period <= s.period), 0)
                   - coalesce((SELECT sum(a.amount) FROM allocation a
                                WHERE (a.dealer_id, a.credit_id) = (e.dealer_id, e.id)
                                  AND a.period <= s.period), 0) AS amount
            FROM statement s
            JOIN entry e ON e.dealer_id = s.dealer_id AND e.period <= s.period
             AND (e.allocated IS NULL OR e.allocated < abs(e.receivable) OR e.settled_in > s.period)
        ), aged AS (
          SELECT dealer_id, id,
                 coalesce(sum(amount) FILTER (WHERE receivable > 0 AND days <= 0), 0) AS current_due,
                 coalesce(sum(amount) FILTER (WHERE receivable > 0 AND days BETWEEN 1 AND 30), 0) AS d1,
                 coalesce(sum(amount) FILTER (WHERE receivable > 0 AND days BETWEEN 31 AND 60), 0) AS d31,
                 coalesce(sum(amount) FILTER (WHERE receivable > 0 AND days BETWEEN 61 AND 90), 0) AS d61,
                 coalesce(sum(amount) FILTER (WHERE receivable > 0 AND days > 90), 0) AS over_90,
                 coalesce(-sum(amount) FILTER (WHERE receivable < 0), 0) AS unallocated
            FROM open GROUP BY dealer_id, id
        )
        SELECT s.number || ' ' || c.figure AS subject, c.kept, c.counted
          FROM statement s LEFT JOIN aged a ON (a.dealer_id, a.id) = (s.dealer_id, s.id)
         CROSS JOIN LATERAL (VALUES ('current', s.current_due, coalesce(a.current_due, 0)),
                                    ('1-30', s.days_1_30, coalesce(a.d1, 0)),
                                    ('31-60', s.days_31_60, coalesce(a.d31, 0)),
                                    ('61-90', s.days_61_90, coalesce(a.d61, 0)),
                                    ('over 90', s.days_over_90, coalesce(a.over_90, 0)),
                                    ('unallocated', s.unallocated, coalesce(a.unallocated, 0)))
               AS c(figure, kept, counted)
         WHERE c.kept <> c.counted
        """,
    ),
    Check(
        "statements/papers",
        N_("Every paper that was issued is byte for byte what it was."),
        """
        SELECT s.number || '/' || p.locale AS subject, encode(sha256(p.content), 'hex') AS kept,
               p.sha256 AS counted
          FROM statement_pdf p JOIN statement s ON (s.dealer_id, s.id) = (p.dealer_id, p.statement_id)
         WHERE encode(sha256(p.content), 'hex') <> p.sha256
        """,
    ),
)
