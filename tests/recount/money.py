"""Credit, dunning, payments, the bank and repairs: docs/credit.md, docs/payments.md, docs/bank.md,
docs/repairs.md.
"""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import Connection

from tests.recount.compared import Compared, asked

# What counts on a day is the temporary change that runs, else the latest one for good.
_IN_FORCE = """
    SELECT concat_ws(' ', 'dealer', d.id, k.kind), x.value, k.value
      FROM dealer d
      JOIN dealer_account a ON a.dealer_id = d.id
     CROSS JOIN LATERAL (VALUES ('limit', a.credit_limit), ('terms', d.payment_terms_days::numeric)) k (kind,
       value)
     CROSS JOIN LATERAL (
       SELECT coalesce(c.amount, c.days) AS value FROM credit_change c
        WHERE c.dealer_id = d.id AND c.kind = k.kind AND c.state = 'published' AND c.ended_at IS NULL
          AND c.valid_from <= now()::date AND (c.valid_until IS NULL OR c.valid_until >= now()::date)
        ORDER BY c.valid_until IS NULL, c.valid_from DESC, c.published_at DESC, c.id DESC LIMIT 1) x
"""
# An order that no credit hold, no release and no change of the limit concerns lies within the limit.
_EXPOSURE = """
    SELECT 'dealer ' || a.dealer_id, true,
           a.balance + a.open_orders - coalesce((
             SELECT sum(round(l.amount * (l.quantity - l.cancelled) / l.quantity, 2)
                        - round(l.amount * l.shipped / l.quantity, 2))
               FROM sales_order o JOIN order_line l ON (l.dealer_id, l.order_id) = (o.dealer_id, o.id)
              WHERE o.dealer_id = a.dealer_id AND ('credit' = ANY (o.holds) OR o.released_at IS NOT NULL)), 0)
             <= greatest(a.credit_limit, coalesce((SELECT max(c.amount) FROM credit_change c
                                                    WHERE c.dealer_id = a.dealer_id AND c.kind = 'limit'
                                                      AND c.published_at IS NOT NULL), 0))
      FROM dealer_account a
     WHERE a.open_orders > 0
       AND NOT EXISTS (SELECT FROM account_document d WHERE d.dealer_id = a.dealer_id)
       AND NOT EXISTS (SELECT FROM repair r WHERE r.dealer_id = a.dealer_id AND r.invoice_no IS NOT NULL)
       AND NOT EXISTS (SELECT FROM journal_entry e WHERE e.dealer_id = a.dealer_id
         AND e.reverses_id IS NOT NULL)
       AND NOT EXISTS (SELECT FROM adjustment_note n WHERE n.dealer_id = a.dealer_id AND n.gross > 0)
"""
_LETTERS = """
    SELECT l.number, concat_ws(' ', sum(i.amount), sum(i.interest)), concat_ws(' ', l.amount, l.interest)
      FROM dunning_letter l JOIN dunning_item i ON (i.dealer_id, i.letter_id) = (l.dealer_id, l.id)
     GROUP BY l.dealer_id, l.id
"""
# A debt in a letter is what was open of it at a moment of the books, so many days late. (The demonstration
# writes letters of last month by the books of today, so that the moment cannot be told from the letter.)
_DEBTS = """
    SELECT l.number || ' ' || i.document_no, concat_ws(' ', e.due_on, l.written_on - e.due_on, true),
           concat_ws(' ', i.due_on, i.days_late, i.amount = e.receivable OR i.amount IN (
             SELECT e.receivable - sum(a.amount) OVER (ORDER BY a.id) FROM allocation a
              WHERE (a.dealer_id, a.debit_id) = (e.dealer_id, e.id)))
      FROM dunning_item i
      JOIN dunning_letter l ON (l.dealer_id, l.id) = (i.dealer_id, i.letter_id)
      JOIN journal_entry e ON (e.dealer_id, e.id) = (i.dealer_id, i.entry_id)
"""
# Simple interest on it: amount × rate × days late ÷ 360 or 365, from the due day or the letter posted last.
_INTEREST = """
    SELECT l.number || ' ' || i.document_no,
           CASE WHEN e.kind = 'interest' THEN 0
                ELSE round(i.amount * coalesce(p.interest_rate, 0) / 100 * (l.written_on - greatest(i.due_on,
                  coalesce((
                  SELECT max(x.written_on) FROM dunning_item y
                    JOIN dunning_letter x ON (x.dealer_id, x.id) = (y.dealer_id, y.letter_id)
                   WHERE (y.dealer_id, y.entry_id) = (i.dealer_id, i.entry_id) AND x.interest_no IS NOT NULL
                     AND x.id < l.id), i.due_on))) / p.day_count, 2) END,
           i.interest
      FROM dunning_item i
      JOIN dunning_letter l ON (l.dealer_id, l.id) = (i.dealer_id, i.letter_id)
      JOIN dunning_run r ON r.id = l.run_id
      JOIN dunning_policy p ON p.version = r.policy_version
      JOIN journal_entry e ON (e.dealer_id, e.id) = (i.dealer_id, i.entry_id)
"""
# Opening balance and bookings make the closing balance.
_EXTRACTS = """
    SELECT concat_ws(' ', 'file', s.file_id, 'statement', s.statement_no), s.opening + sum(b.amount),
      s.closing
      FROM bank_statement s
      JOIN bank_line n ON (n.file_id, n.statement_no) = (s.file_id, s.statement_no)
      JOIN bank_booking b ON b.id = n.booking_id
     WHERE s.opening IS NOT NULL AND s.closing IS NOT NULL
     GROUP BY s.file_id, s.statement_no
"""
# What is matched with a booking is a payment of its amount, or several that make it.
_MATCHED = """
    SELECT 'booking ' || b.id, b.amount, sum(p.amount)
      FROM bank_booking b
      JOIN bank_match m ON m.booking_id = b.id AND m.undone_at IS NULL AND m.kind <> 'reversed'
      JOIN payment p ON (p.dealer_id, p.number) = (m.dealer_id, m.payment_no)
     GROUP BY b.id
"""
# Online: what was captured and given back stands in the books as payments, but for what was reversed.
_ONLINE = """
    SELECT o.number, concat_ws(' ', o.captured, o.refunded),
           concat_ws(' ', coalesce(sum(x.amount) FILTER (WHERE x.kind = 'paid'), 0.00),
                     coalesce(sum(x.amount) FILTER (WHERE x.kind = 'refund'), 0.00))
      FROM online_payment o
      LEFT JOIN online_posting x ON (x.dealer_id, x.payment_id) = (o.dealer_id, o.id)
     GROUP BY o.dealer_id, o.id
"""
_POSTINGS = """
    SELECT o.number || ' ' || x.kind, CASE x.kind WHEN 'refund' THEN -x.amount ELSE x.amount END, p.amount
      FROM online_posting x
      JOIN online_payment o ON (o.dealer_id, o.id) = (x.dealer_id, x.payment_id)
      JOIN payment p ON (p.dealer_id, p.number) = (x.dealer_id, x.payment_no)
"""
# A line of a quote is rounded by itself, its tax within by itself; under warranty it costs nothing.
_QUOTED = """
    SELECT concat_ws(' ', 'repair', n.repair_id, 'version', n.version, 'line', n.line_no),
           CASE WHEN q.is_warranty THEN ARRAY[0, 0]
                ELSE ARRAY[round(n.quantity * n.unit_price, 2),
                           round(round(n.quantity * n.unit_price, 2) * n.tax_rate / (1 + n.tax_rate), 2)] END,
           ARRAY[n.amount, n.tax]
      FROM repair_quote_line n
      JOIN repair_quote q ON (q.dealer_id, q.repair_id, q.version) = (n.dealer_id, n.repair_id, n.version)
"""
_QUOTES = """
    SELECT concat_ws(' ', 'repair', q.repair_id, 'version', q.version), ARRAY[sum(n.amount), sum(n.tax)],
           ARRAY[q.gross, q.tax]
      FROM repair_quote q
      JOIN repair_quote_line n ON (n.dealer_id, n.repair_id, n.version) = (q.dealer_id, q.repair_id,
        q.version)
     GROUP BY q.dealer_id, q.repair_id, q.version
"""
# Billed is what was accepted, of parts the units that were used and never more.
_REPAIRED = """
    WITH accepted AS (
      SELECT r.dealer_id, r.invoice_no, n.product_id,
             CASE WHEN n.kind = 'part' THEN least(n.quantity, coalesce(
               (SELECT sum(u.quantity) FROM repair_part_used u
                 WHERE (u.dealer_id, u.repair_id, u.product_id) = (r.dealer_id, r.id, n.product_id)), 0))
                  ELSE n.quantity END AS quantity, n.unit_price, n.tax_rate
        FROM repair r
        JOIN repair_quote_line n ON (n.dealer_id, n.repair_id, n.version) = (r.dealer_id, r.id,
          r.quote_version)
       WHERE r.invoice_no IS NOT NULL)
    SELECT a.invoice_no, sum(round(a.quantity * a.unit_price, 2)), v.gross
      FROM accepted a JOIN service_invoice v ON (v.dealer_id, v.number) = (a.dealer_id, a.invoice_no)
     GROUP BY a.dealer_id, a.invoice_no, v.gross
"""


def recount(rows: Connection) -> Iterator[Compared]:
    """Limits and terms in force, exposure, letters, matches, online payments, quotes and repairs billed."""
    yield from asked(rows, "limit or terms in force", _IN_FORCE)
    yield from asked(rows, "exposure within the limit", _EXPOSURE)
    yield from asked(rows, "amount of a dunning letter", _LETTERS)
    yield from asked(rows, "debt in a dunning letter", _DEBTS)
    yield from asked(rows, "interest in a dunning letter", _INTEREST)
    yield from asked(rows, "closing balance of a bank statement", _EXTRACTS)
    yield from asked(rows, "payment matched with a booking", _MATCHED)
    yield from asked(rows, "online payment in the books", _ONLINE)
    yield from asked(rows, "amount of an online posting", _POSTINGS)
    yield from asked(rows, "line of a quote", _QUOTED)
    yield from asked(rows, "sum of a quote", _QUOTES)
    yield from asked(rows, "invoice of a repair", _REPAIRED)
