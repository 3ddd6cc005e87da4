"""What has to be true of the books: accounts, entries, documents and allocations say the same."""

from __future__ import annotations

from portal.kernel.checking import Check
from portal.kernel.errors import N_
from portal.kernel.money import share_sql
from portal.ledger.deposits import left_sql
from portal.ledger.snapshot_checks import CHECK as OF_SNAPSHOTS

_SHARE_SHIPPED = share_sql("l.amount", "l.shipped", "l.quantity")
_SHARE_RETURNED = share_sql("l.amount", "l.returned", "l.quantity")

_ALLOCATED = """
SELECT a.dealer_id, v.entry_id, sum(a.amount) AS amount, sum(a.amount) FILTER (WHERE v.as_debt) AS as_debt
  FROM allocation a CROSS JOIN LATERAL (VALUES (a.credit_id, false), (a.debit_id, true)) v(entry_id, as_debt)
 GROUP BY a.dealer_id, v.entry_id
"""

CHECKS = (
    OF_SNAPSHOTS,
    Check(
        "ledger/accounts",
        N_("The balance of every account is the sum of its receivable lines."),
        """
        SELECT d.code AS subject, coalesce(a.balance, 0) AS kept, coalesce(j.balance, 0) AS counted
          FROM dealer_account a
          FULL JOIN (SELECT dealer_id, sum(amount) AS balance FROM journal_line
                      WHERE account = 'receivable' GROUP BY dealer_id) j
            ON j.dealer_id = a.dealer_id
          JOIN dealer d ON d.id = coalesce(a.dealer_id, j.dealer_id)
         WHERE coalesce(a.balance, 0) <> coalesce(j.balance, 0)
        """,
    ),
    Check(
        "ledger/entries",
        N_("The lines of every journal entry sum to zero, and its receivable is that of its lines."),
        """
        SELECT e.document_no || CASE WHEN e.reverses_id IS NULL THEN '' ELSE '/reversal' END AS subject,
               c.kept, c.counted
          FROM journal_entry e
          LEFT JOIN (SELECT dealer_id, entry_id, sum(amount) AS total,
                            sum(amount) FILTER (WHERE account = 'receivable') AS receivable
                       FROM journal_line GROUP BY dealer_id, entry_id) l
            ON (l.dealer_id, l.entry_id) = (e.dealer_id, e.id)
         CROSS JOIN LATERAL (VALUES (coalesce(l.total, 0), 0), (e.receivable, coalesce(l.receivable, 0)))
               AS c(kept, counted)
         WHERE c.kept <> c.counted
        """,
    ),
    Check(
        "ledger/documents",
        N_("Every invoice, credit note, payment and note is posted with its amount, once."),
        """
        SELECT coalesce(d.number, e.document_no) AS subject, d.amount AS kept, e.receivable AS counted
          FROM (SELECT dealer_id, number, kind, gross AS amount FROM invoice
                 UNION ALL SELECT dealer_id, number, 'payment', -amount FROM payment
                 UNION ALL SELECT dealer_id, number, 'rebate', gross FROM rebate_note
                 UNION ALL SELECT dealer_id, number, 'service', gross FROM service_invoice
                 UNION ALL SELECT dealer_id, number,
                                  CASE WHEN gross < 0 THEN 'credit_note' ELSE 'invoice' END, gross
                             FROM adjustment_note
                 UNION ALL SELECT dealer_id, number, kind,
                                  CASE WHEN kind IN ('deposit', 'deposit_return') THEN 0
                                       WHEN kind IN ('deposit_use', 'write_off') THEN -amount
                                       ELSE amount END
                             FROM account_document) d
          FULL JOIN (SELECT dealer_id, document_no, kind, receivable FROM journal_entry
                      WHERE kind NOT IN ('opening', 'reversal') AND reverses_id IS NULL
                     UNION ALL
                     SELECT e.dealer_id, e.document_no, e.kind, e.receivable
                       FROM journal_entry e JOIN account_document o
                         ON (o.dealer_id, o.number) = (e.dealer_id, e.document_no)
                      WHERE e.kind = 'opening' AND e.reverses_id IS NULL) e
            ON (e.dealer_id, e.document_no, e.kind) = (d.dealer_id, d.number, d.kind)
         WHERE d.amount IS DISTINCT FROM e.receivable
        """,
    ),
    Check(
        "ledger/invoice-lines",
        N_("Amount and tax of every invoice and credit note are the sums of its lines."),
        """
        SELECT v.number AS subject, c.kept, c.counted
          FROM invoice v
          LEFT JOIN (SELECT dealer_id, invoice_id, sum(amount) AS gross, sum(tax) AS tax
                       FROM invoice_line GROUP BY dealer_id, invoice_id) l
            ON (l.dealer_id, l.invoice_id) = (v.dealer_id, v.id)
         CROSS JOIN LATERAL (VALUES (v.gross, coalesce(l.gross, 0)), (v.tax, coalesce(l.tax, 0)),
                                    (v.net + v.tax, v.gross)) AS c(kept, counted)
         WHERE c.kept <> c.counted
        """,
    ),
    Check(
        "ledger/rebate-lines",
        N_("Amount and tax of every rebate note are the sums of its lines."),
        """
        SELECT v.number AS subject, c.kept, c.counted
          FROM rebate_note v
          LEFT JOIN (SELECT dealer_id, note_id, sum(gross) AS gross, sum(tax) AS tax
                       FROM rebate_note_line GROUP BY dealer_id, note_id) l
            ON (l.dealer_id, l.note_id) = (v.dealer_id, v.id)
         CROSS JOIN LATERAL (VALUES (v.gross, coalesce(l.gross, 0)), (v.tax, coalesce(l.tax, 0)))
               AS c(kept, counted)
         WHERE c.kept <> c.counted
        """,
    ),
    Check(
        "ledger/service-lines",
        N_("Amount and tax of every service invoice are the sums of its lines."),
        """
        SELECT v.number AS subject, c.kept, c.counted
          FROM service_invoice v
          LEFT JOIN (SELECT dealer_id, invoice_id, sum(amount) AS gross, sum(tax) AS tax
                       FROM service_invoice_line GROUP BY dealer_id, invoice_id) l
            ON (l.dealer_id, l.invoice_id) = (v.dealer_id, v.id)
         CROSS JOIN LATERAL (VALUES (v.gross, coalesce(l.gross, 0)), (v.tax, coalesce(l.tax, 0)))
               AS c(kept, counted)
         WHERE c.kept <> c.counted
        """,
    ),
    Check(
        "ledger/deposits",
        N_("What is left of every dealer's deposits is what the books hold for it."),
        f"""
        SELECT d.code AS subject, coalesce(k.held, 0) AS kept, coalesce(j.held, 0) AS counted
          FROM (SELECT dealer_id, sum({left_sql("h")}) AS held, min({left_sql("h")}) AS least
                  FROM account_document h WHERE h.kind = 'deposit' GROUP BY dealer_id) k
          FULL JOIN (SELECT dealer_id, -sum(amount) AS held FROM journal_line
                      WHERE account = 'deposits_held' GROUP BY dealer_id) j ON j.dealer_id = k.dealer_id
          JOIN dealer d ON d.id = coalesce(k.dealer_id, j.dealer_id)
         WHERE coalesce(k.held, 0) <> coalesce(j.held, 0) OR k.least < 0
        """,
    ),
    Check(
        "ledger/billed",
        N_("What was shipped of every order line was billed, and what came back was credited."),
        f"""
        SELECT o.number || '/' || l.line_no AS subject, c.kept, c.counted
          FROM order_line l
          JOIN sales_order o ON (o.dealer_id, o.id) = (l.dealer_id, l.order_id)
          LEFT JOIN (SELECT v.dealer_id, v.order_id, i.order_line_no AS line_no,
                            sum(i.quantity) FILTER (WHERE v.kind = 'invoice') AS billed,
                            sum(i.amount) FILTER (WHERE v.kind = 'invoice') AS billed_amount,
                            -sum(i.quantity) FILTER (WHERE v.kind = 'credit_note') AS credited,
                            -sum(i.amount) FILTER (WHERE v.kind = 'credit_note') AS credited_amount
                       FROM invoice_line i JOIN invoice v ON (v.dealer_id, v.id) = (i.dealer_id, i.invoice_id)
                      GROUP BY v.dealer_id, v.order_id, i.order_line_no) b
            ON (b.dealer_id, b.order_id, b.line_no) = (l.dealer_id, l.order_id, l.line_no)
         CROSS JOIN LATERAL (VALUES (l.shipped, coalesce(b.billed, 0)), (l.returned, coalesce(b.credited, 0)),
                                    ({_SHARE_SHIPPED}, coalesce(b.billed_amount, 0)),
                                    ({_SHARE_RETURNED}, coalesce(b.credited_amount, 0))) AS c(kept, counted)
         WHERE c.kept <> c.counted
        """,
    ),
    Check(
        "ledger/allocations",
        N_(
            "No invoice is settled and no payment spent beyond its amount; "
            "a reversed entry settles with its reversal alone."
        ),
        f"""
        WITH allocated AS ({_ALLOCATED})
        SELECT e.document_no AS subject,
               CASE WHEN e.receivable > 0 THEN coalesce(a.as_debt, 0)
                    ELSE a.amount - coalesce(a.as_debt, 0) END AS kept,
               abs(e.receivable) AS counted
          FROM allocated a JOIN journal_entry e ON (e.dealer_id, e.id) = (a.dealer_id, a.entry_id)
         WHERE a.amount NOT BETWEEN 0 AND abs(e.receivable)
            OR coalesce(a.as_debt, 0) <> CASE WHEN e.receivable > 0 THEN a.amount ELSE 0 END
        UNION ALL
        SELECT r.document_no || '/reversal', coalesce(sum(a.amount), 0), abs(r.receivable)
          FROM journal_entry r
          LEFT JOIN allocation a
            ON a.dealer_id = r.dealer_id
           AND (a.credit_id, a.debit_id) IN ((r.id, r.reverses_id), (r.reverses_id, r.id))
         WHERE r.reverses_id IS NOT NULL
         GROUP BY r.dealer_id, r.id, r.document_no, r.receivable
        HAVING coalesce(sum(a.amount), 0) <> abs(r.receivable)
        """,
    ),
    Check(
        "ledger/unallocated",
        N_("No dealer has credit that settles nothing while it has open debts."),
        f"""
        WITH allocated AS ({_ALLOCATED})
        SELECT d.code AS subject, least(o.credits, o.debts) AS kept, 0 AS counted
          FROM (SELECT e.dealer_id,
                       sum(abs(e.receivable) - coalesce(a.amount, 0)) FILTER (WHERE e.receivable < 0)
                         AS credits,
                       sum(abs(e.receivable) - coalesce(a.amount, 0)) FILTER (WHERE e.receivable > 0) AS debts
                  FROM journal_entry e
                  LEFT JOIN allocated a ON (a.dealer_id, a.entry_id) = (e.dealer_id, e.id)
                 GROUP BY e.dealer_id) o
          JOIN dealer d ON d.id = o.dealer_id
         WHERE o.credits > 0 AND o.debts > 0
        """,
    ),
)
