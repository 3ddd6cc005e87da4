"""Stock added up again from its movements, and the movements from the documents that made them.

docs/orders.md, docs/receiving.md, docs/transfers.md, docs/counting.md, docs/non-conforming.md,
docs/repairs.md, docs/returns.md. available = on hand − reserved, never below zero.
"""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import Connection

from tests.recount.compared import Compared, asked

_LEVELS = """
    SELECT concat_ws(' ', 'warehouse', warehouse_id, 'product', product_id),
           concat_ws(' ', coalesce(m.on_hand, 0), coalesce(m.reserved, 0), true),
           concat_ws(' ', coalesce(l.on_hand, 0), coalesce(l.reserved, 0),
                     coalesce(l.on_hand - l.reserved >= 0 AND l.reserved >= 0, true))
      FROM stock_level l
      FULL JOIN (SELECT warehouse_id, product_id, sum(on_hand_delta) AS on_hand, sum(reserved_delta)
        AS reserved
                   FROM stock_movement GROUP BY 1, 2) m USING (warehouse_id, product_id)
"""
_LOTS = """
    SELECT concat_ws(' ', 'warehouse', warehouse_id, 'lot', lot_id),
           concat_ws(' ', coalesce(m.on_hand, 0), coalesce(m.inspecting, 0), coalesce(m.quarantined, 0)),
           concat_ws(' ', coalesce(k.on_hand, 0), coalesce(k.inspecting, 0), coalesce(k.quarantined, 0))
      FROM lot_stock k
      FULL JOIN (SELECT warehouse_id, lot_id, sum(on_hand_delta) AS on_hand,
                        sum(inspecting_delta) AS inspecting, sum(quarantined_delta) AS quarantined
                   FROM stock_movement WHERE lot_id IS NOT NULL GROUP BY 1, 2) m USING (warehouse_id, lot_id)
"""
# What is kept for somebody: lines at their order's warehouse but for what lies elsewhere, and parts of
# repairs.
_RESERVED = """
    WITH elsewhere AS (
      SELECT dealer_id, order_id, line_no, sum(reserved) AS units FROM order_line_source GROUP BY 1, 2, 3),
    kept AS (
      SELECT o.warehouse_id, l.product_id, l.reserved - coalesce(e.units, 0) AS units
        FROM order_line l
        JOIN sales_order o ON (o.dealer_id, o.id) = (l.dealer_id, l.order_id)
        LEFT JOIN elsewhere e
          ON (e.dealer_id, e.order_id, e.line_no) = (l.dealer_id, l.order_id, l.line_no)
      UNION ALL
      SELECT s.warehouse_id, l.product_id, s.reserved
        FROM order_line_source s JOIN order_line l USING (dealer_id, order_id, line_no)
      UNION ALL
      SELECT r.warehouse_id, p.product_id, p.reserved
        FROM repair_part p JOIN repair r ON (r.dealer_id, r.id) = (p.dealer_id, p.repair_id)
       WHERE p.reserved > 0)
    SELECT concat_ws(' ', 'warehouse', warehouse_id, 'product', product_id),
           coalesce(k.units, 0), coalesce(l.reserved, 0)
      FROM stock_level l
      FULL JOIN (SELECT warehouse_id, product_id, sum(units) AS units FROM kept GROUP BY 1, 2) k
     USING (warehouse_id, product_id)
"""
_WAITING = """
    SELECT concat_ws(' ', 'warehouse', warehouse_id, 'product', product_id),
           coalesce(w.units, 0), coalesce(l.backordered, 0)
      FROM stock_level l
      FULL JOIN (
        SELECT o.warehouse_id, l.product_id, sum(l.quantity - l.reserved - l.shipped - l.cancelled) AS units
          FROM sales_order o JOIN order_line l ON (l.dealer_id, l.order_id) = (o.dealer_id, o.id)
         WHERE o.backorder GROUP BY 1, 2) w USING (warehouse_id, product_id)
"""
# A level also knows of goods on their way that the ERP tells without a document here: at least these are.
_ON_THEIR_WAY = """
    WITH way AS (
      SELECT t.to_warehouse_id AS warehouse_id, n.product_id, n.quantity AS units
        FROM stock_transfer t JOIN stock_transfer_line n ON n.transfer_id = t.id WHERE t.state = 'in_transit'
      UNION ALL
      SELECT warehouse_id, product_id, quantity FROM supply_request WHERE state = 'in_transit')
    SELECT concat_ws(' ', 'warehouse', warehouse_id, 'product', product_id), true,
           l.in_transit >= sum(way.units)
      FROM way LEFT JOIN stock_level l USING (warehouse_id, product_id)
     GROUP BY warehouse_id, product_id, l.in_transit
"""
_ALLOCATED = """
    SELECT concat_ws(' ', 'warehouse', warehouse_id, 'lot', lot_id),
           coalesce(p.units, 0), coalesce(k.allocated, 0)
      FROM lot_stock k
      FULL JOIN (SELECT s.warehouse_id, n.lot_id, sum(n.quantity) AS units
                   FROM shipment s JOIN shipment_line n ON (n.dealer_id, n.shipment_id) = (s.dealer_id, s.id)
                  WHERE s.status = 'picking' GROUP BY 1, 2) p USING (warehouse_id, lot_id)
"""
_SALEABLE = """
    SELECT concat_ws(' ', 'warehouse', warehouse_id, 'product', product_id),
           coalesce(k.units, 0), coalesce(l.on_hand, 0)
      FROM stock_level l
      FULL JOIN (SELECT warehouse_id, product_id, sum(on_hand) AS units FROM lot_stock
        WHERE state = 'saleable'
                  GROUP BY 1, 2) k USING (warehouse_id, product_id)
"""
# What each document moved, by warehouse and lot, wherever it lies there. The demonstration's receipts of the
# past
# (GR-…) have no document.
_DOCUMENTS = """
    WITH said AS (
      SELECT s.number AS document, s.warehouse_id, n.lot_id, -n.quantity AS units
        FROM shipment s JOIN shipment_line n ON (n.dealer_id, n.shipment_id) = (s.dealer_id, s.id)
       WHERE s.status <> 'picking'
      UNION ALL
      SELECT g.number, g.warehouse_id, n.lot_id, n.quantity
        FROM goods_receipt g JOIN goods_receipt_line n ON n.receipt_id = g.id
      UNION ALL
      SELECT t.number, t.from_warehouse_id, n.lot_id, -n.quantity
        FROM stock_transfer t JOIN stock_transfer_line n ON n.transfer_id = t.id
       WHERE t.state IN ('in_transit', 'received', 'differing')
      UNION ALL
      SELECT t.number, t.to_warehouse_id, n.lot_id, n.received + n.damaged
        FROM stock_transfer t JOIN stock_transfer_line n ON n.transfer_id = t.id
      UNION ALL
      SELECT c.number, n.warehouse_id, n.lot_id, n.counted - n.expected
        FROM stock_count c JOIN stock_count_line n ON n.count_id = c.id WHERE c.state = 'approved'
      UNION ALL
      SELECT r.number, u.warehouse_id, u.lot_id, -u.quantity
        FROM repair r JOIN repair_part_used u ON (u.dealer_id, u.repair_id) = (r.dealer_id, r.id)
      UNION ALL
      SELECT number, warehouse_id, lot_id, -quantity
        FROM nonconforming_report WHERE state IN ('sent_back', 'destroyed')
      UNION ALL
      SELECT q.number, q.warehouse_id, n.lot_id, n.received
        FROM return_request q JOIN return_line n ON (n.dealer_id, n.return_id) = (q.dealer_id, q.id)
      UNION ALL
      SELECT q.number, q.warehouse_id, f.lot_id, -f.quantity
        FROM return_request q JOIN return_finding f ON (f.dealer_id, f.return_id) = (q.dealer_id, q.id)
       WHERE f.disposition = 'refused'),
    kind_of (prefix) AS (VALUES ('SH'), ('GR'), ('TR'), ('SC'), ('RP'), ('NC'), ('RT')),
    moved AS (
      SELECT document, warehouse_id, lot_id, sum(on_hand_delta + inspecting_delta + quarantined_delta)
        AS units
        FROM stock_movement
       WHERE lot_id IS NOT NULL AND document !~ '^GR-' AND left(document, 2) IN (SELECT prefix FROM kind_of)
       GROUP BY 1, 2, 3)
    SELECT concat_ws(' ', document, 'warehouse', warehouse_id, 'lot', lot_id),
           coalesce(s.units, 0), coalesce(m.units, 0)
      FROM (SELECT document, warehouse_id, lot_id, sum(units) AS units FROM said GROUP BY 1, 2, 3) s
      FULL JOIN moved m USING (document, warehouse_id, lot_id)
     WHERE s.units <> 0 OR m.units <> 0
"""
# Each unit with a serial number is in one place; so many of a lot have one as lie there, in each standing.
_SERIALS = """
    WITH lying AS (
      SELECT k.warehouse_id, k.lot_id, s.state, s.units
        FROM lot_stock k
        JOIN product p ON p.id = k.product_id AND p.serial_controlled
       CROSS JOIN LATERAL (VALUES ('saleable', k.on_hand), ('inspecting', k.inspecting),
                                  ('quarantined', k.quarantined)) AS s (state, units)
       WHERE s.units > 0)
    SELECT concat_ws(' ', 'warehouse', warehouse_id, 'lot', lot_id, state),
           coalesce(l.units, 0), coalesce(u.units, 0)
      FROM lying l
      FULL JOIN (SELECT warehouse_id, lot_id, state, count(*) AS units
                   FROM serial_unit WHERE warehouse_id IS NOT NULL GROUP BY 1, 2, 3) u
     USING (warehouse_id, lot_id, state)
"""
# A dealer has the serial numbers of its parcels, but for those that came back and went elsewhere.
_SERIALS_OUT = """
    WITH left_with AS (
      SELECT DISTINCT ON (n.product_id, serial) n.product_id, serial, n.dealer_id, n.lot_id
        FROM shipment s
        JOIN shipment_line n ON (n.dealer_id, n.shipment_id) = (s.dealer_id, s.id)
       CROSS JOIN LATERAL unnest(n.serials) AS serial
       WHERE s.status <> 'picking'
       ORDER BY n.product_id, serial, s.shipped_at DESC)
    SELECT concat_ws(' ', 'product', u.product_id, 'serial', u.serial), l.dealer_id || ' ' || l.lot_id,
           u.dealer_id || ' ' || u.lot_id
      FROM serial_unit u LEFT JOIN left_with l USING (product_id, serial) WHERE u.state = 'shipped'
"""


def recount(rows: Connection) -> Iterator[Compared]:
    """Levels, lots, what is kept for whom, movements by document, serial numbers."""
    yield from asked(rows, "on hand and reserved of a level", _LEVELS)
    yield from asked(rows, "units of a lot in a warehouse", _LOTS)
    yield from asked(rows, "units reserved of a level", _RESERVED)
    yield from asked(rows, "units that wait at a level", _WAITING)
    yield from asked(rows, "units on their way to a level", _ON_THEIR_WAY)
    yield from asked(rows, "units of a lot in open parcels", _ALLOCATED)
    yield from asked(rows, "saleable lots of a level", _SALEABLE)
    yield from asked(rows, "units that a document moved", _DOCUMENTS)
    yield from asked(rows, "serial numbers in a warehouse", _SERIALS)
    yield from asked(rows, "serial numbers at a dealer", _SERIALS_OUT)
