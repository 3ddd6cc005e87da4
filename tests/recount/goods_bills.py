"""Orders, what was billed of them, and what came back: docs/ledger.md, "What a part of a line costs".

R(n) = half-up(amount × n ÷ quantity). SQL's ``round`` of a numeric is half-up; its quotients have digits
enough.
"""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import Connection

from tests.recount.compared import Compared, asked

_TOTALS = """
    SELECT o.number, sum(l.amount) || ' ' || sum(l.tax), o.total || ' ' || o.tax
      FROM sales_order o JOIN order_line l ON (l.dealer_id, l.order_id) = (o.dealer_id, o.id)
     GROUP BY o.dealer_id, o.id
"""
# What left, and what of it came back, by the parcels; what came back, once more, by the credit notes.
_UNITS = """
    WITH parcel AS (
      SELECT h.dealer_id, h.order_id, n.line_no, sum(n.quantity) AS shipped, sum(n.returned) AS returned
        FROM shipment h JOIN shipment_line n ON (n.dealer_id, n.shipment_id) = (h.dealer_id, h.id)
       WHERE h.status <> 'picking' GROUP BY 1, 2, 3),
    credited AS (
      SELECT v.dealer_id, v.order_id, n.order_line_no AS line_no, -sum(n.quantity) AS returned
        FROM invoice v JOIN invoice_line n ON (n.dealer_id, n.invoice_id) = (v.dealer_id, v.id)
       WHERE v.kind = 'credit_note' GROUP BY 1, 2, 3)
    SELECT o.number || ' line ' || l.line_no,
           concat_ws(' ', coalesce(p.shipped, 0), coalesce(p.returned, 0), coalesce(c.returned, 0)),
           concat_ws(' ', l.shipped, l.returned, l.returned)
      FROM sales_order o
      JOIN order_line l ON (l.dealer_id, l.order_id) = (o.dealer_id, o.id)
      LEFT JOIN parcel p ON (p.dealer_id, p.order_id, p.line_no) = (l.dealer_id, l.order_id, l.line_no)
      LEFT JOIN credited c ON (c.dealer_id, c.order_id, c.line_no) = (l.dealer_id, l.order_id, l.line_no)
"""
# Each invoice bills its parcel, line by line, in the order in which parcels left; each credit note what came
# back.
_SHARES = """
    WITH part AS (
      SELECT v.dealer_id, v.order_id, v.number, v.kind, n.order_line_no, n.product_id, n.quantity,
        n.unit_price,
             n.discount, n.amount, n.tax, n.tax_rate,
             sum(n.quantity) OVER (PARTITION BY v.dealer_id, v.order_id, n.order_line_no, v.kind
                                   ORDER BY v.id) AS upto
        FROM invoice v JOIN invoice_line n ON (n.dealer_id, n.invoice_id) = (v.dealer_id, v.id))
    SELECT p.number || ' line ' || p.order_line_no,
           concat_ws(' ', l.product_id, l.unit_price,
             round(l.amount * p.upto / l.quantity, 2)
               - round(l.amount * (p.upto - p.quantity) / l.quantity, 2),
             round(l.tax * p.upto / l.quantity, 2) - round(l.tax * (p.upto - p.quantity) / l.quantity, 2),
             l.tax_rate, l.unit_price * p.quantity),
           concat_ws(' ', p.product_id, p.unit_price, p.amount, p.tax, p.tax_rate, p.amount + p.discount)
      FROM part p
      JOIN order_line l
        ON (l.dealer_id, l.order_id, l.line_no) = (p.dealer_id, p.order_id, p.order_line_no)
"""
_PARCELS = """
    WITH left_by AS (
      SELECT dealer_id, shipment_id, line_no, sum(quantity) AS units FROM shipment_line GROUP BY 1, 2, 3),
    billed AS (
      SELECT v.dealer_id, v.shipment_id, n.order_line_no AS line_no, sum(n.quantity) AS units
        FROM invoice v JOIN invoice_line n ON (n.dealer_id, n.invoice_id) = (v.dealer_id, v.id)
       WHERE v.kind = 'invoice' GROUP BY 1, 2, 3)
    SELECT h.number || ' line ' || line_no, s.units, b.units
      FROM (SELECT * FROM left_by FULL JOIN billed USING (dealer_id, shipment_id, line_no)) AS x
           (dealer_id, shipment_id, line_no, s_units, b_units)
      JOIN shipment h ON (h.dealer_id, h.id) = (x.dealer_id, x.shipment_id)
     CROSS JOIN LATERAL (SELECT s_units AS units) s CROSS JOIN LATERAL (SELECT b_units AS units) b
     WHERE h.status <> 'picking'
"""
_HEADS = """
    SELECT v.number, concat_ws(' ', sum(n.amount - n.tax), sum(n.tax), sum(n.amount)),
           concat_ws(' ', v.net, v.tax, v.gross)
      FROM invoice v JOIN invoice_line n ON (n.dealer_id, n.invoice_id) = (v.dealer_id, v.id)
     GROUP BY v.dealer_id, v.id
"""
# By rate: the net of an invoice and its rate make its tax but for one rounding a line, half a fen each.
_BY_RATE = """
    SELECT v.number || ' at ' || n.tax_rate, true,
           abs(sum(n.tax) - sum(n.amount) * n.tax_rate / (1 + n.tax_rate)) <= 0.01 * count(*)
      FROM invoice v JOIN invoice_line n ON (n.dealer_id, n.invoice_id) = (v.dealer_id, v.id)
     GROUP BY v.dealer_id, v.id, n.tax_rate
"""
# An invoice is of the day its parcel left, and due by the terms of that day.
_DUE = """
    SELECT v.number,
           h.shipped_on || ' ' || h.shipped_on + coalesce(
             (SELECT c.days FROM credit_change c
               WHERE c.dealer_id = v.dealer_id AND c.kind = 'terms' AND c.published_at IS NOT NULL
                 AND c.valid_from <= h.shipped_on AND (c.valid_until IS NULL OR c.valid_until >= h.shipped_on)
                 AND (c.ended_at IS NULL OR c.ended_at > h.shipped_at)
               ORDER BY (c.valid_until IS NULL), c.valid_from DESC, c.id DESC LIMIT 1),
             d.payment_terms_days),
           v.issued_on || ' ' || v.due_on
      FROM invoice v
      JOIN shipment h ON (h.dealer_id, h.id) = (v.dealer_id, v.shipment_id)
      JOIN dealer d ON d.id = v.dealer_id
     WHERE v.kind = 'invoice'
"""
_OPEN = """
    SELECT 'dealer ' || a.dealer_id,
           coalesce((SELECT sum(round(l.amount * (l.quantity - l.cancelled) / l.quantity, 2)
                                - round(l.amount * l.shipped / l.quantity, 2))
                       FROM order_line l WHERE l.dealer_id = a.dealer_id), 0),
           a.open_orders
      FROM dealer_account a
"""
# Of a return: no more is asked, received, found and credited than was shipped, line by line and lot by lot.
_RETURNED = """
    SELECT h.number || ' line ' || n.line_no || ' lot ' || n.lot_id,
           concat_ws(' ', true,
             coalesce((SELECT sum(r.quantity) FROM return_line r
                         JOIN return_request q ON (q.dealer_id, q.id) = (r.dealer_id, r.return_id)
                        WHERE (q.dealer_id, q.shipment_id, r.line_no, r.lot_id)
                            = (n.dealer_id, n.shipment_id, n.line_no, n.lot_id)
                          AND q.state IN ('requested', 'approved')), 0)
             + coalesce((SELECT sum(r.received) FROM return_line r
                         JOIN return_request q ON (q.dealer_id, q.id) = (r.dealer_id, r.return_id)
                        WHERE (q.dealer_id, q.shipment_id, r.line_no, r.lot_id)
                            = (n.dealer_id, n.shipment_id, n.line_no, n.lot_id)
                          AND q.state = 'received'), 0)),
           concat_ws(' ', n.returned + n.asked_back <= n.quantity, n.asked_back)
      FROM shipment_line n
      JOIN shipment h ON (h.dealer_id, h.id) = (n.dealer_id, n.shipment_id)
"""
_SETTLED = """
    WITH taken AS (
      SELECT f.dealer_id, f.return_id, f.line_no, sum(f.quantity) FILTER (WHERE f.disposition <> 'refused')
        AS units,
             sum(f.quantity) AS found
        FROM return_finding f GROUP BY 1, 2, 3),
    credited AS (
      SELECT v.dealer_id, v.number, n.order_line_no AS line_no, -sum(n.quantity) AS units
        FROM invoice v JOIN invoice_line n ON (n.dealer_id, n.invoice_id) = (v.dealer_id, v.id)
       WHERE v.kind = 'credit_note' GROUP BY 1, 2, 3)
    SELECT q.number || ' line ' || r.line_no, concat_ws(' ', sum(r.received), t.units),
           concat_ws(' ', t.found, CASE WHEN q.credit_note_no IS NOT NULL THEN c.units END)
      FROM return_request q
      JOIN return_line r ON (r.dealer_id, r.return_id) = (q.dealer_id, q.id)
      LEFT JOIN taken t ON (t.dealer_id, t.return_id, t.line_no) = (q.dealer_id, q.id, r.line_no)
      LEFT JOIN credited c ON (c.dealer_id, c.number, c.line_no) = (q.dealer_id, q.credit_note_no, r.line_no)
     WHERE q.state = 'settled'
     GROUP BY q.dealer_id, q.id, r.line_no, t.units, t.found, c.units
"""
# What an exchange brings costs what was paid for the units that came back: their part of the credit note,
# with its tax. By product, where all that came back of it is exchanged.
_EXCHANGED = """
    WITH back AS (
      SELECT q.dealer_id, q.replacement_no, n.product_id, -sum(n.amount) AS amount, -sum(n.tax) AS tax
        FROM return_request q
        JOIN invoice v ON (v.dealer_id, v.number) = (q.dealer_id, q.credit_note_no)
        JOIN invoice_line n ON (n.dealer_id, n.invoice_id) = (v.dealer_id, v.id)
       WHERE NOT EXISTS (
         SELECT FROM return_line r JOIN lot k ON k.id = r.lot_id
          WHERE (r.dealer_id, r.return_id, k.product_id) = (q.dealer_id, q.id, n.product_id)
            AND r.remedy = 'credit')
       GROUP BY 1, 2, 3),
    again AS (
      SELECT o.dealer_id, o.number, l.product_id, sum(l.amount) AS amount, sum(l.tax) AS tax
        FROM sales_order o JOIN order_line l ON (l.dealer_id, l.order_id) = (o.dealer_id, o.id) GROUP BY 1,
          2, 3)
    SELECT b.replacement_no || ' product ' || b.product_id, ARRAY[b.amount, b.tax], ARRAY[a.amount, a.tax]
      FROM back b
      JOIN again a ON (a.dealer_id, a.number, a.product_id) = (b.dealer_id, b.replacement_no, b.product_id)
"""


def recount(rows: Connection) -> Iterator[Compared]:
    """Totals, units, shares of invoices and credit notes, due days, open orders, returns."""
    yield from asked(rows, "total and tax of an order", _TOTALS)
    yield from asked(rows, "units shipped and returned of a line", _UNITS)
    yield from asked(rows, "share of a line on an invoice", _SHARES)
    yield from asked(rows, "units of a parcel on its invoice", _PARCELS)
    yield from asked(rows, "net, tax and gross of an invoice", _HEADS)
    yield from asked(rows, "tax of an invoice by rate", _BY_RATE)
    yield from asked(rows, "day and due day of an invoice", _DUE)
    yield from asked(rows, "open orders of a dealer", _OPEN)
    yield from asked(rows, "units asked back of a parcel", _RETURNED)
    yield from asked(rows, "units credited by a return", _SETTLED)
    yield from asked(rows, "price of an exchange", _EXCHANGED)
