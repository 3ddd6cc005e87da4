"""The rules that are never broken, asked of the rows themselves: after every race, crash and long story."""

from __future__ import annotations

from sqlalchemy import Connection, text

# Each query returns the rows that break the promise in its name.
PROMISES = {
    "available is never below zero": "SELECT * FROM stock_level WHERE reserved < 0 OR on_hand < reserved",
    "a level equals the sum of its movements": """
        SELECT l.*, m.on_hand AS moved_on_hand, m.reserved AS moved_reserved
          FROM stock_level l FULL JOIN (
            SELECT warehouse_id, product_id, sum(on_hand_delta) AS on_hand, sum(reserved_delta) AS reserved
              FROM stock_movement GROUP BY 1, 2) m USING (warehouse_id, product_id)
         WHERE coalesce(l.on_hand, 0) <> coalesce(m.on_hand, 0)
            OR coalesce(l.reserved, 0) <> coalesce(m.reserved, 0)""",
    "a level equals its saleable lots": """
        SELECT l.*, k.on_hand AS in_lots
          FROM stock_level l FULL JOIN (
            SELECT warehouse_id, product_id, sum(on_hand) AS on_hand FROM lot_stock WHERE state = 'saleable'
             GROUP BY 1, 2) k
         USING (warehouse_id, product_id)
         WHERE coalesce(l.on_hand, 0) <> coalesce(k.on_hand, 0)""",
    "every reserved unit belongs to an order line or a repair": """
        SELECT l.*, o.reserved AS ordered
          FROM stock_level l FULL JOIN (
            SELECT warehouse_id, product_id, sum(units) AS reserved FROM (
              SELECT s.warehouse_id, n.product_id,
                     n.reserved - coalesce((SELECT sum(x.reserved) FROM order_line_source x
                                             WHERE (x.dealer_id, x.order_id, x.line_no)
                                                 = (n.dealer_id, n.order_id, n.line_no)), 0) AS units
                FROM order_line n JOIN sales_order s ON (s.dealer_id, s.id) = (n.dealer_id, n.order_id)
              UNION ALL
              SELECT x.warehouse_id, n.product_id, x.reserved
                FROM order_line_source x
                JOIN order_line n
                  ON (n.dealer_id, n.order_id, n.line_no) = (x.dealer_id, x.order_id, x.line_no)
              UNION ALL
              SELECT r.warehouse_id, n.product_id, n.reserved
                FROM repair_part n JOIN repair r ON (r.dealer_id, r.id) = (n.dealer_id, n.repair_id)
               WHERE n.reserved > 0
            ) place
             GROUP BY 1, 2) o
         USING (warehouse_id, product_id)
         WHERE coalesce(l.reserved, 0) <> coalesce(o.reserved, 0)""",
    "every allocated unit lies in a shipment that is being picked": """
        SELECT k.*, p.allocated AS picked
          FROM lot_stock k FULL JOIN (
            SELECT s.warehouse_id, n.lot_id, sum(n.quantity) AS allocated
              FROM shipment_line n JOIN shipment s ON (s.dealer_id, s.id) = (n.dealer_id, n.shipment_id)
             WHERE s.status = 'picking' GROUP BY 1, 2) p USING (warehouse_id, lot_id)
         WHERE coalesce(k.allocated, 0) <> coalesce(p.allocated, 0)""",
    "every ordered unit is reserved, shipped or cancelled, or waits, or its order is held for want of it": """
        SELECT o.number, o.status, o.holds, sum(n.quantity - n.reserved - n.shipped - n.cancelled) AS missing
          FROM sales_order o JOIN order_line n ON (n.dealer_id, n.order_id) = (o.dealer_id, o.id)
         WHERE NOT o.backorder
         GROUP BY o.dealer_id, o.id
        HAVING bool_or(n.quantity <> n.reserved + n.shipped + n.cancelled) <> ('stock' = ANY (o.holds))""",
    "a level knows what waits at it": """
        SELECT l.*, o.waiting
          FROM stock_level l FULL JOIN (
            SELECT s.warehouse_id, n.product_id,
                   sum(n.quantity - n.reserved - n.shipped - n.cancelled) AS waiting
              FROM order_line n JOIN sales_order s ON (s.dealer_id, s.id) = (n.dealer_id, n.order_id)
             WHERE s.backorder GROUP BY 1, 2) o USING (warehouse_id, product_id)
         WHERE coalesce(l.backordered, 0) <> coalesce(o.waiting, 0)""",
    "an order stands where its units and holds put it": """
        SELECT * FROM (
          SELECT o.number, o.status, o.holds <> '{}' AS held, o.backorder, sum(n.reserved) AS reserved,
                 sum(n.shipped) AS shipped, sum(n.quantity - n.shipped - n.cancelled) AS outstanding
            FROM sales_order o JOIN order_line n ON (n.dealer_id, n.order_id) = (o.dealer_id, o.id)
           GROUP BY o.dealer_id, o.id) o
         WHERE status <> CASE
                 WHEN status = 'picking' AND reserved > 0 THEN 'picking'
                 WHEN held THEN 'on_hold'
                 WHEN outstanding > 0 AND reserved = 0 AND backorder THEN 'backordered'
                 WHEN outstanding > 0 AND shipped > 0 THEN 'partially_shipped'
                 WHEN outstanding > 0 THEN 'confirmed'
                 WHEN shipped = 0 THEN 'cancelled'
                 WHEN status = 'received' THEN 'received'
                 ELSE 'shipped' END""",
    "an order is worth its lines": """
        SELECT o.number, o.total, o.tax, sum(n.amount) AS amount, sum(n.tax) AS line_tax
          FROM sales_order o LEFT JOIN order_line n ON (n.dealer_id, n.order_id) = (o.dealer_id, o.id)
         GROUP BY o.dealer_id, o.id
        HAVING coalesce(sum(n.amount), 0) <> o.total OR coalesce(sum(n.tax), 0) <> o.tax""",
    "shipped units are those of the shipments": """
        SELECT n.*, s.quantity AS in_shipments
          FROM order_line n LEFT JOIN (
            SELECT h.dealer_id, h.order_id, d.line_no, sum(d.quantity) AS quantity
              FROM shipment_line d JOIN shipment h ON (h.dealer_id, h.id) = (d.dealer_id, d.shipment_id)
             WHERE h.status <> 'picking' GROUP BY 1, 2, 3) s USING (dealer_id, order_id, line_no)
         WHERE n.shipped <> coalesce(s.quantity, 0)""",
    "no expired lot was shipped": """
        SELECT * FROM shipment_line d JOIN shipment h ON (h.dealer_id, h.id) = (d.dealer_id, d.shipment_id)
         WHERE h.shipped_on IS NOT NULL AND d.expires_on <= h.shipped_on""",
    "every entry balances": """
        SELECT dealer_id, entry_id FROM journal_line GROUP BY 1, 2 HAVING sum(amount) <> 0""",
    "a balance equals the ledger": """
        SELECT a.*, j.receivable FROM dealer_account a
          LEFT JOIN (SELECT dealer_id, sum(receivable) AS receivable FROM journal_entry GROUP BY 1) j
         USING (dealer_id)
         WHERE a.balance <> coalesce(j.receivable, 0)""",
    "what is open of the entries is the balance, on one side only": """
        SELECT a.dealer_id, a.balance, o.debts, o.credits FROM dealer_account a
          LEFT JOIN (SELECT e.dealer_id,
                            sum(abs(e.receivable) - coalesce(l.amount, 0))
                              FILTER (WHERE e.receivable > 0) AS debts,
                            sum(abs(e.receivable) - coalesce(l.amount, 0))
                              FILTER (WHERE e.receivable < 0) AS credits
                       FROM journal_entry e
                       LEFT JOIN (SELECT dealer_id, v.entry_id, sum(amount) AS amount
                                    FROM allocation
                                   CROSS JOIN LATERAL (VALUES (credit_id), (debit_id)) v(entry_id)
                                   GROUP BY 1, 2) l
                         ON (l.dealer_id, l.entry_id) = (e.dealer_id, e.id)
                      GROUP BY 1) o USING (dealer_id)
         WHERE a.balance <> coalesce(o.debts, 0) - coalesce(o.credits, 0)
            OR (o.debts > 0 AND o.credits > 0)""",
    "no entry is allocated beyond its amount": """
        SELECT e.dealer_id, e.document_no, e.receivable, sum(a.amount) AS allocated
          FROM journal_entry e
          JOIN allocation a ON a.dealer_id = e.dealer_id AND e.id IN (a.debit_id, a.credit_id)
         GROUP BY e.dealer_id, e.id, e.document_no, e.receivable
        HAVING sum(a.amount) NOT BETWEEN 0 AND abs(e.receivable)""",
    "no day shows less than nothing of an entry, or more than all of it": """
        SELECT * FROM (
          SELECT e.dealer_id, e.document_no, e.receivable, t.period, t.occurred_on,
                 sum(t.amount) OVER (PARTITION BY e.dealer_id, e.id
                                     ORDER BY t.period, t.occurred_on) AS until_then
            FROM journal_entry e JOIN (
              SELECT dealer_id, v.entry_id, period, occurred_on, sum(amount) AS amount
                FROM allocation CROSS JOIN LATERAL (VALUES (credit_id), (debit_id)) v(entry_id)
               GROUP BY 1, 2, 3, 4) t
              ON (t.dealer_id, t.entry_id) = (e.dealer_id, e.id)) m
         WHERE until_then NOT BETWEEN 0 AND abs(receivable)""",
    "nothing is allocated before both of its entries count": """
        SELECT a.* FROM allocation a
          JOIN journal_entry e ON e.dealer_id = a.dealer_id
           AND e.id IN (a.credit_id, a.debit_id, a.posted_with_id)
         WHERE (a.period, a.occurred_on) < (e.period, e.occurred_on)""",
    "open orders are what is neither billed nor cancelled": """
        SELECT a.*, o.open FROM dealer_account a
          LEFT JOIN (SELECT dealer_id, sum(round(amount * (quantity - cancelled) / quantity, 2)
                                           - round(amount * shipped / quantity, 2)) AS open
                       FROM order_line
                      GROUP BY 1) o
         USING (dealer_id)
         WHERE a.open_orders <> coalesce(o.open, 0)""",
    "what was shipped was billed": """
        SELECT h.number FROM shipment h
          LEFT JOIN invoice i ON (i.dealer_id, i.shipment_id) = (h.dealer_id, h.id)
         WHERE (h.status <> 'picking') <> (i.id IS NOT NULL)""",
    "an invoice is worth its lines": """
        SELECT i.number FROM invoice i
          JOIN invoice_line n ON (n.dealer_id, n.invoice_id) = (i.dealer_id, i.id)
         GROUP BY i.dealer_id, i.id, i.number, i.gross, i.tax
        HAVING sum(n.amount) <> i.gross OR sum(n.tax) <> i.tax""",
    "the taxes of a line's invoices add up to the line's": """
        SELECT n.* FROM order_line n JOIN (
            SELECT i.dealer_id, i.order_id, d.order_line_no AS line_no, sum(d.tax) AS tax
              FROM invoice_line d JOIN invoice i ON (i.dealer_id, i.id) = (d.dealer_id, d.invoice_id)
             WHERE i.kind = 'invoice' GROUP BY 1, 2, 3) b USING (dealer_id, order_id, line_no)
         WHERE n.shipped = n.quantity AND b.tax <> n.tax""",
    "what was billed and credited of a line is its share": """
        SELECT n.*, b.* FROM order_line n LEFT JOIN (
            SELECT i.dealer_id, i.order_id, d.order_line_no AS line_no,
                   sum(d.quantity) FILTER (WHERE i.kind = 'invoice') AS billed,
                   sum(d.amount) FILTER (WHERE i.kind = 'invoice') AS billed_amount,
                   sum(d.tax) FILTER (WHERE i.kind = 'invoice') AS billed_tax,
                   -sum(d.quantity) FILTER (WHERE i.kind = 'credit_note') AS credited,
                   -sum(d.amount) FILTER (WHERE i.kind = 'credit_note') AS credited_amount,
                   -sum(d.tax) FILTER (WHERE i.kind = 'credit_note') AS credited_tax
              FROM invoice_line d JOIN invoice i ON (i.dealer_id, i.id) = (d.dealer_id, d.invoice_id)
             GROUP BY 1, 2, 3) b USING (dealer_id, order_id, line_no)
         WHERE (n.shipped, n.returned) <> (coalesce(b.billed, 0), coalesce(b.credited, 0))
            OR coalesce(b.billed_amount, 0) <> round(n.amount * n.shipped / n.quantity, 2)
            OR coalesce(b.credited_amount, 0) <> round(n.amount * n.returned / n.quantity, 2)
            OR coalesce(b.billed_tax, 0) <> round(n.tax * n.shipped / n.quantity, 2)
            OR coalesce(b.credited_tax, 0) <> round(n.tax * n.returned / n.quantity, 2)""",
    "no line of a document has the other sign": """
        SELECT d.* FROM invoice_line d JOIN invoice i ON (i.dealer_id, i.id) = (d.dealer_id, d.invoice_id)
         WHERE least(d.quantity, d.amount, d.discount, d.tax) < 0 AND i.kind = 'invoice'
            OR greatest(d.quantity, d.amount, d.discount, d.tax) > 0 AND i.kind = 'credit_note'""",
    "a statement equals the ledger of its period": """
        SELECT s.number FROM statement s
          LEFT JOIN journal_entry j ON j.dealer_id = s.dealer_id AND j.period = s.period
         GROUP BY s.dealer_id, s.id, s.number, s.opening, s.closing
        HAVING s.closing - s.opening <> coalesce(sum(j.receivable), 0)""",
    "a statement begins where the one before ended": """
        SELECT number
          FROM (SELECT number, opening, lag(closing) OVER (PARTITION BY dealer_id ORDER BY period) AS before
                  FROM statement) s
         WHERE before IS NOT NULL AND opening <> before""",
    "what lies in a place is what came to it less what went": """
        SELECT * FROM (
          SELECT lot_id, place_id, sum(units) AS units FROM (
            SELECT lot_id, to_place_id AS place_id, quantity AS units FROM custody_movement
            UNION ALL SELECT lot_id, from_place_id, -quantity FROM custody_movement) moved
           GROUP BY lot_id, place_id) m
          FULL JOIN holding h USING (lot_id, place_id)
         WHERE place_id <> (SELECT id FROM place WHERE kind = 'outside')
           AND coalesce(m.units, 0) <> coalesce(h.quantity, 0)""",
    "a warehouse has in custody what it has in stock": """
        SELECT * FROM (
          SELECT p.warehouse_id, h.lot_id, h.quantity FROM holding h JOIN place p ON p.id = h.place_id
           WHERE p.kind = 'warehouse') held
          FULL JOIN lot_stock k USING (warehouse_id, lot_id)
         WHERE coalesce(held.quantity, 0) <> coalesce(k.on_hand + k.inspecting + k.quarantined, 0)""",
    "every unit with a serial number is in the place that its stock says": """
        SELECT u.* FROM serial_unit u
          LEFT JOIN serial_place s USING (product_id, serial) LEFT JOIN place p ON p.id = s.place_id
         WHERE p.id IS NULL OR p.warehouse_id IS DISTINCT FROM u.warehouse_id""",
    "every placed order is in the audit": """
        SELECT number FROM sales_order o
         WHERE NOT EXISTS (SELECT FROM audit_event e
                            WHERE e.action = 'order:placed' AND e.subject = o.number)""",
}


def broken_promises(connection: Connection) -> dict[str, list]:
    """Each promise that is broken, with at most five of the rows that break it.

    The connection must see every row.
    """
    broken = {}
    for promise, query in PROMISES.items():
        if rows := connection.execute(text(query)).mappings().fetchmany(5):
            broken[promise] = [dict(row) for row in rows]
    return broken
