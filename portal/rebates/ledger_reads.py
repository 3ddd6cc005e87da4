"""The statements that read what rebates rest on, for many dealers at once."""

from __future__ import annotations

from sqlalchemy import text

from portal.regions.fragments import regions_on

# A credit note takes from the invoice of its shipment: each parcel has one.
_LINE = """
    SELECT i.dealer_id, i.number, i.kind, i.issued_on, i.due_on, i.gross AS invoice_gross, i.order_id,
           i.shipment_id, l.line_no, l.order_line_no, l.quantity, l.amount, l.tax, p.sku, p.category_code,
           s.number AS shipment_number, s.shipped_on,
           v.number AS origin_number, v.issued_on AS origin_on
      FROM invoice i
      JOIN invoice_line l ON (l.dealer_id, l.invoice_id) = (i.dealer_id, i.id)
      JOIN order_line o
        ON (o.dealer_id, o.order_id, o.line_no) = (i.dealer_id, i.order_id, l.order_line_no)
      JOIN product p ON p.id = l.product_id
      LEFT JOIN shipment s ON (s.dealer_id, s.id) = (i.dealer_id, i.shipment_id)
      LEFT JOIN invoice v ON i.kind = 'credit_note' AND v.kind = 'invoice' AND v.dealer_id = i.dealer_id
            AND v.order_id = i.order_id AND v.shipment_id = i.shipment_id
"""
# What a note adjusts is a line of an invoice of goods; no units move with it.
_CORRECTION = """
    SELECT i.dealer_id, i.number, 'adjustment' AS kind, i.issued_on, i.issued_on AS due_on,
           i.gross AS invoice_gross, v.order_id, v.shipment_id, l.line_no, b.order_line_no, 0 AS quantity,
           l.gross AS amount, l.tax, p.sku, p.category_code, NULL AS shipment_number, NULL AS shipped_on,
           v.number AS origin_number, v.issued_on AS origin_on
      FROM adjustment_note i
      JOIN adjustment_note_line l ON (l.dealer_id, l.note_id) = (i.dealer_id, i.id)
      JOIN invoice v ON (v.dealer_id, v.number) = (i.dealer_id, i.invoice)
      JOIN invoice_line b ON (b.dealer_id, b.invoice_id, b.line_no) = (v.dealer_id, v.id, l.line_no)
      JOIN order_line o
        ON (o.dealer_id, o.order_id, o.line_no) = (v.dealer_id, v.order_id, b.order_line_no)
      JOIN product p ON p.id = l.product_id
"""
_OF_DAYS = "i.dealer_id = ANY (CAST(:dealers AS bigint[])) AND i.issued_on BETWEEN :since AND :until"
_CORRECTIONS = f"{_CORRECTION} WHERE {_OF_DAYS} AND NOT o.gift"
LINES = text(f"{_LINE} WHERE {_OF_DAYS} AND NOT o.gift UNION ALL {_CORRECTIONS}")
"""Every line of the days."""
# A document is posted in the month of its day or, late, in a later one: none of these days lies in an earlier
# month of the books, which is how the index finds them.
LINES_AND_WHAT_THEY_REST_ON = text(
    f"""
    WITH touched AS (
      SELECT a.dealer_id, a.debit_id
        FROM journal_entry c JOIN allocation a ON (a.dealer_id, a.credit_id) = (c.dealer_id, c.id)
       WHERE c.dealer_id = ANY (CAST(:dealers AS bigint[])) AND c.kind IN ('payment', 'deposit_use')
         AND c.period >= :since_month AND c.occurred_on >= :since AND a.amount > 0
       UNION
      SELECT a.dealer_id, a.debit_id
        FROM allocation a JOIN journal_entry c ON (c.dealer_id, c.id) = (a.dealer_id, a.credit_id)
             JOIN journal_entry p ON (p.dealer_id, p.id) = (a.dealer_id, a.posted_with_id)
       WHERE a.dealer_id = ANY (CAST(:dealers AS bigint[])) AND a.amount < 0
         AND c.kind IN ('payment', 'deposit_use')
         AND p.occurred_on >= :since
    ), wanted AS (
      SELECT i.dealer_id, i.id FROM invoice i WHERE {_OF_DAYS}
       UNION
      SELECT v.dealer_id, v.id
        FROM invoice i JOIN invoice v ON v.kind = 'invoice' AND v.dealer_id = i.dealer_id
             AND v.order_id = i.order_id AND v.shipment_id = i.shipment_id
       WHERE {_OF_DAYS} AND i.kind = 'credit_note'
       UNION
      SELECT v.dealer_id, v.id
        FROM adjustment_note i JOIN invoice v ON (v.dealer_id, v.number) = (i.dealer_id, i.invoice)
       WHERE {_OF_DAYS}
       UNION
      SELECT v.dealer_id, v.id
        FROM touched t JOIN journal_entry d ON (d.dealer_id, d.id) = (t.dealer_id, t.debit_id)
             JOIN invoice v ON (v.dealer_id, v.number) = (d.dealer_id, d.document_no)
       WHERE d.kind = 'invoice' AND v.issued_on <= :until
    )
    {_LINE} JOIN wanted w ON (w.dealer_id, w.id) = (i.dealer_id, i.id) WHERE NOT o.gift
    UNION ALL {_CORRECTIONS}
    """
)
"""Every line of the days, and of the earlier invoices that are paid, or of which something comes back or is
adjusted, in them.
"""
# What was allocated counts when both were there; what was undone, when it was.
SETTLED = text(
    """
    SELECT * FROM (
      SELECT a.dealer_id, d.document_no AS invoice, c.document_no AS credit, c.kind AS credit_kind, a.amount,
             CASE WHEN a.amount > 0 THEN greatest(c.occurred_on, d.occurred_on) ELSE p.occurred_on END
               AS on_day
        FROM unnest(CAST(:dealers AS bigint[]), CAST(:numbers AS text[])) AS w(dealer_id, number)
        JOIN journal_entry d ON (d.dealer_id, d.document_no) = (w.dealer_id, w.number)
             AND d.kind = 'invoice' AND d.reverses_id IS NULL
        JOIN allocation a ON (a.dealer_id, a.debit_id) = (d.dealer_id, d.id)
        JOIN journal_entry c ON (c.dealer_id, c.id) = (a.dealer_id, a.credit_id)
        JOIN journal_entry p ON (p.dealer_id, p.id) = (a.dealer_id, a.posted_with_id)
    ) settled WHERE on_day <= :until
    """
)
STANDINGS = text(
    f"""
    SELECT d.id, d.code, days.start, t.tier, array_remove(ARRAY[r.code, a.code], NULL) AS regions
      FROM dealer d
      CROSS JOIN LATERAL (
        SELECT valid_from AS start FROM dealer_tier WHERE dealer_id = d.id
         UNION SELECT valid_from FROM dealer_region WHERE dealer_id = d.id
         UNION SELECT m.valid_from FROM dealer_region p JOIN region_move m ON m.region_id = p.region_id
                WHERE p.dealer_id = d.id AND m.state = 'approved'
      ) days
      JOIN dealer_tier t ON t.dealer_id = d.id AND t.valid_from <= days.start
           AND (t.valid_to IS NULL OR t.valid_to > days.start)
      JOIN dealer_region g ON g.dealer_id = d.id AND g.valid_from <= days.start
           AND (g.valid_to IS NULL OR g.valid_to > days.start)
      JOIN LATERAL {regions_on("days.start")} r ON r.id = g.region_id
      LEFT JOIN region_node a ON a.id = r.parent_id
     WHERE d.id = ANY (CAST(:dealers AS bigint[])) ORDER BY d.id, days.start
    """
)
CATEGORIES = text("SELECT code, parent_code FROM category")
REPORTS = text(
    """
    SELECT DISTINCT r.dealer_id, l.day AS counted_on, app_day(r.reported_at) AS on_day
      FROM inventory_report r
      JOIN inventory_report_line l
        ON (l.dealer_id, l.report_id) = (r.dealer_id, r.id) AND l.kind = 'stock' AND l.lot_id IS NOT NULL
     WHERE r.dealer_id = ANY (CAST(:dealers AS bigint[])) AND l.day >= :since
       AND app_day(r.reported_at) <= :until
    """
)
FACTS = text(
    """
    SELECT dealer_id, kind, holds, from_day, to_day, reason FROM rebate_fact
     WHERE dealer_id = ANY (CAST(:dealers AS bigint[])) AND state = 'confirmed' AND from_day <= :until
     ORDER BY decided_at, id
    """
)
