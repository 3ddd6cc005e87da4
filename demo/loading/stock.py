"""Stock that explains itself: every unit on hand was received, and every movement of the past is there, in
order of time.

A lot's goods receipt is what was shipped of it and what is still there. It is dated before the first order
that took from the lot, so that looking back, the available units were never below zero at any moment.
"""

from __future__ import annotations

from datetime import datetime

import psycopg

from demo.world.business_days import MONTHS, local_date, month_start

# On top of what the scenario has in stock lie the units that came back, and those that cancelled orders had
# reserved.
_LOTS = """
CREATE TEMPORARY TABLE held_lot AS
WITH used AS (
  SELECT o.warehouse_id, l.lot_id, o.placed_at,
         CASE WHEN o.status = 'picking' THEN 0 ELSE l.quantity END AS shipped,
         CASE WHEN o.status = 'picking' THEN l.quantity ELSE 0 END AS picking, l.returned AS back
    FROM shipment_line l JOIN past_order o ON o.id = l.shipment_id
  UNION ALL
  SELECT o.warehouse_id, l.lot_id, o.placed_at, l.quantity, 0, l.quantity
    FROM past_line l JOIN past_order o ON o.id = l.order_id WHERE o.status = 'cancelled'
), lots AS (
  SELECT warehouse_id, lot_id, min(placed_at) AS first_placed_at, sum(shipped) AS shipped,
         sum(picking) AS picking, sum(back) AS back
    FROM used GROUP BY warehouse_id, lot_id
)
SELECT coalesce(s.warehouse_id, u.warehouse_id) AS warehouse_id, t.product_id, t.id AS lot_id, t.produced_on,
       t.expires_on,
       coalesce(s.on_hand, 0) + coalesce(u.back, 0) AS on_hand, coalesce(u.picking, 0) AS allocated,
       coalesce(s.state, 'saleable') AS state, coalesce(s.on_hand, 0) + coalesce(u.shipped, 0) AS received,
       u.first_placed_at
  FROM stored_lot s
  FULL JOIN lots u ON (u.warehouse_id, u.lot_id) = (s.warehouse_id, s.lot_id)
  JOIN lot t ON t.id = coalesce(s.lot_id, u.lot_id);
ANALYZE held_lot;
INSERT INTO lot_stock (warehouse_id, lot_id, product_id, on_hand, quarantined, allocated, state)
SELECT warehouse_id, lot_id, product_id, CASE state WHEN 'saleable' THEN on_hand ELSE 0 END,
       CASE state WHEN 'saleable' THEN 0 ELSE on_hand END, allocated, state
  FROM held_lot
"""

# A lot is received when it reaches the warehouses, but before the orders that it served or has to serve were
# placed.
_RECEIPTS = """
CREATE TEMPORARY TABLE moved AS
SELECT least(coalesce(l.produced_on + 30, %(begin)s::date) + time '07:30',
             l.first_placed_at - interval '1 hour', w.first_placed_at - interval '1 hour',
             %(now)s - interval '1 day') AS at,
       1 AS place, l.warehouse_id, l.product_id, l.lot_id, 'receipt' AS kind, l.received AS on_hand_delta,
       0 AS reserved_delta, NULL::bigint AS dealer_id, 'GR-' || l.warehouse_id || '-' || l.lot_id AS document,
       s.key AS actor
  FROM held_lot l
  JOIN staff s ON s.desk = 'warehouse'
  LEFT JOIN (SELECT o.warehouse_id, n.product_id, min(o.placed_at) AS first_placed_at
               FROM past_order o JOIN past_line n ON n.order_id = o.id
              WHERE o.status IN ('confirmed', 'on_hold', 'picking') GROUP BY o.warehouse_id, n.product_id) w
    ON (w.warehouse_id, w.product_id) = (l.warehouse_id, l.product_id)
"""

_MOVED = """
INSERT INTO moved
SELECT o.placed_at, 2, o.warehouse_id, l.product_id, NULL::bigint, 'reservation', 0, l.quantity, o.dealer_id,
       o.number, o.placed_by
  FROM sales_order o JOIN order_line l ON (l.dealer_id, l.order_id) = (o.dealer_id, o.id)
UNION ALL
SELECT o.cancelled_at, 3, o.warehouse_id, l.product_id, NULL::bigint, 'release', 0, -l.quantity, o.dealer_id,
       o.number, o.placed_by
  FROM sales_order o JOIN order_line l ON (l.dealer_id, l.order_id) = (o.dealer_id, o.id)
 WHERE o.status = 'cancelled'
UNION ALL
SELECT h.shipped_at, 3, h.warehouse_id, l.product_id, l.lot_id, 'shipment', -l.quantity, -l.quantity,
       h.dealer_id, h.number, h.shipped_by
  FROM shipment h JOIN shipment_line l ON (l.dealer_id, l.shipment_id) = (h.dealer_id, h.id)
 WHERE h.status <> 'picking'
UNION ALL
SELECT c.at, 4, o.warehouse_id, l.product_id, l.lot_id, 'return', b.quantity, 0, o.dealer_id, i.number, s.key
  FROM past_return b
  JOIN past_credit c ON (c.order_id, c.at) = (b.order_id, b.at)
  JOIN past_order o ON o.id = b.order_id
  JOIN past_line l ON (l.order_id, l.line_no) = (b.order_id, b.line_no)
  JOIN invoice i ON (i.dealer_id, i.id) = (o.dealer_id, c.id)
  JOIN staff s ON s.desk = 'finance'
UNION ALL
SELECT l.expires_on - 1 + time '00:10', 4, l.warehouse_id, l.product_id, l.lot_id, 'expiry', -l.on_hand, 0,
       NULL, 'EXPIRY-' || (l.expires_on - 1), 'system'
  FROM held_lot l WHERE l.state = 'expired'
"""

_MOVEMENTS = """
INSERT INTO stock_movement (at, warehouse_id, product_id, lot_id, kind, on_hand_delta, reserved_delta,
                            quarantined_delta, dealer_id, document, actor)
SELECT at, warehouse_id, product_id, lot_id, kind, on_hand_delta, reserved_delta,
       CASE kind WHEN 'expiry' THEN -on_hand_delta ELSE 0 END, dealer_id, document, actor
  FROM moved ORDER BY at, place, document
"""

_LEVELS = """
INSERT INTO stock_level (warehouse_id, product_id, on_hand, reserved, in_transit, next_arrival)
SELECT warehouse_id, product_id, coalesce(m.on_hand, 0), coalesce(m.reserved, 0), coalesce(a.quantity, 0),
       a.due_on
  FROM (SELECT warehouse_id, product_id, sum(on_hand_delta) AS on_hand, sum(reserved_delta) AS reserved
          FROM moved GROUP BY warehouse_id, product_id) m
  FULL JOIN (SELECT warehouse_id, product_id, sum(quantity) AS quantity, min(due_on) AS due_on
               FROM arriving GROUP BY warehouse_id, product_id) a USING (warehouse_id, product_id)
"""


# A serial has one place: with the dealer who got it, or where its units lie. Those that came back were the
# first of their line.
_SERIALS = """
INSERT INTO serial_unit (product_id, serial, lot_id, state, warehouse_id, dealer_id, document)
SELECT l.product_id, n.serial, l.lot_id,
       CASE WHEN n.place > l.returned THEN 'shipped'
            WHEN k.state = 'saleable' THEN 'saleable' ELSE 'quarantined' END,
       CASE WHEN n.place <= l.returned THEN h.warehouse_id END,
       CASE WHEN n.place > l.returned THEN l.dealer_id END, h.number
  FROM shipment_line l
  JOIN shipment h ON (h.dealer_id, h.id) = (l.dealer_id, l.shipment_id)
  JOIN lot_stock k ON (k.warehouse_id, k.lot_id) = (h.warehouse_id, l.lot_id)
 CROSS JOIN LATERAL unnest(l.serials) WITH ORDINALITY AS n(serial, place);
INSERT INTO serial_unit (product_id, serial, lot_id, state, warehouse_id, document)
SELECT k.product_id, upper(to_hex(k.lot_id)) || '-' || k.warehouse_id || '-' || n, k.lot_id,
       CASE WHEN k.state = 'saleable' THEN 'saleable' ELSE 'quarantined' END, k.warehouse_id,
       'GR-' || k.warehouse_id || '-' || k.lot_id
  FROM lot_stock k
  JOIN product p ON p.id = k.product_id AND p.serial_controlled
  LEFT JOIN (SELECT warehouse_id, lot_id, count(*) AS units FROM serial_unit
              WHERE warehouse_id IS NOT NULL GROUP BY warehouse_id, lot_id) back
    ON (back.warehouse_id, back.lot_id) = (k.warehouse_id, k.lot_id)
 CROSS JOIN LATERAL generate_series(1, k.on_hand + k.quarantined - coalesce(back.units, 0)) AS n
"""


def write_stock(connection: psycopg.Connection, now: datetime) -> None:
    """Lots where they lie, every movement, and the levels as their sums."""
    begin = month_start(local_date(now), -MONTHS)
    connection.execute(_LOTS)
    connection.execute(_RECEIPTS, {"begin": begin, "now": now})
    for statement in (_MOVED, _MOVEMENTS, _LEVELS, _SERIALS):
        connection.execute(statement)
    connection.execute("DROP TABLE moved, held_lot")
