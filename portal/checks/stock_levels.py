"""Does the stock add up?

Levels against lots, movements and reservations; lots against parcels; lines against shipments.
"""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import text
from sqlalchemy.orm import Session

from portal.audit.vocabulary import AuditRight
from portal.kernel.actor import Actor
from portal.kernel.checking import Check
from portal.kernel.errors import N_
from portal.shipping.vocabulary import ShippingRight


@dataclass(frozen=True, slots=True)
class Difference:
    """Two figures that should be one. `subject` is a SKU, a lot or an order line; `warehouse` its code.

    check: ``on_hand/lots``, ``on_hand/movements``, ``reserved/movements``, ``reserved/orders``,
    ``backordered/orders``, ``lot/movements``, ``inspecting/movements``, ``quarantined/movements``,
    ``allocated/parcels``, ``shipped/parcels``, ``reserved/parcels``.
    `kept` is what is written, `counted` what it should be.
    """

    check: str
    warehouse: str
    subject: str
    kept: int
    counted: int


def check_levels(session: Session, *, actor: Actor) -> list[Difference]:
    """Every difference, none when all is well.

    Needs a session that sees every order. Reads one snapshot, locks nothing.
    """
    actor.require(ShippingRight.SHIP, AuditRight.READ)
    return [Difference(**row._mapping) for row in session.execute(_DIFFERENCES)]


# Each part groups one big table once and compares it whole, missing rows on either side included. One
# statement is one snapshot: what is in flight meanwhile is seen wholly or not at all.
_CHECK = """
    WITH lots AS (
      SELECT warehouse_id, product_id, sum(on_hand) AS units
        FROM lot_stock WHERE state = 'saleable' GROUP BY warehouse_id, product_id
    ), movements AS (
      SELECT warehouse_id, product_id, sum(on_hand_delta) AS on_hand, sum(reserved_delta) AS reserved
        FROM stock_movement GROUP BY warehouse_id, product_id
    ), lot_movements AS (
      SELECT warehouse_id, lot_id, sum(on_hand_delta) AS units, sum(inspecting_delta) AS inspecting,
             sum(quarantined_delta) AS quarantined
        FROM stock_movement WHERE lot_id IS NOT NULL GROUP BY warehouse_id, lot_id
    ), elsewhere AS (
      SELECT x.dealer_id, x.order_id, x.line_no, x.warehouse_id, x.reserved
        FROM order_line_source x WHERE x.reserved > 0
    ), reservations AS (
      SELECT warehouse_id, product_id, sum(units) AS units FROM (
        SELECT o.warehouse_id, l.product_id, l.reserved AS units
          FROM order_line l JOIN sales_order o ON (o.dealer_id, o.id) = (l.dealer_id, l.order_id)
         WHERE l.reserved > 0
        UNION ALL
        SELECT place.warehouse_id, l.product_id, place.units
          FROM elsewhere x
          JOIN order_line l ON (l.dealer_id, l.order_id, l.line_no) = (x.dealer_id, x.order_id, x.line_no)
          JOIN sales_order o ON (o.dealer_id, o.id) = (l.dealer_id, l.order_id)
         CROSS JOIN LATERAL (VALUES (o.warehouse_id, -x.reserved), (x.warehouse_id, x.reserved))
           AS place(warehouse_id, units)
        UNION ALL
        SELECT h.warehouse_id, n.product_id, n.reserved
          FROM repair_part n JOIN repair h ON (h.dealer_id, h.id) = (n.dealer_id, n.repair_id)
         WHERE n.reserved > 0
      ) reserved
       GROUP BY warehouse_id, product_id
    ), waiting AS (
      SELECT o.warehouse_id, l.product_id,
             sum(l.quantity - l.reserved - l.shipped - l.cancelled) AS units
        FROM order_line l JOIN sales_order o ON (o.dealer_id, o.id) = (l.dealer_id, l.order_id)
       WHERE l.reserved + l.shipped + l.cancelled < l.quantity AND o.backorder
       GROUP BY o.warehouse_id, l.product_id
    ), parcels AS (
      SELECT s.dealer_id, s.order_id, s.warehouse_id, s.status = 'picking' AS picking, l.line_no, l.lot_id,
             sum(l.quantity) AS units
        FROM shipment s JOIN shipment_line l ON l.dealer_id = s.dealer_id AND l.shipment_id = s.id
       GROUP BY s.dealer_id, s.order_id, s.warehouse_id, s.status = 'picking', l.line_no, l.lot_id
    ), by_lot AS (
      SELECT warehouse_id, lot_id, sum(units) AS units
        FROM parcels WHERE picking GROUP BY warehouse_id, lot_id
    ), by_line AS (
      SELECT dealer_id, order_id, line_no, coalesce(sum(units) FILTER (WHERE picking), 0) AS picked,
             coalesce(sum(units) FILTER (WHERE NOT picking), 0) AS shipped
        FROM parcels GROUP BY dealer_id, order_id, line_no
    ), level_parts AS (
      SELECT coalesce(s.warehouse_id, t.warehouse_id, m.warehouse_id, r.warehouse_id) AS warehouse_id,
             coalesce(s.product_id, t.product_id, m.product_id, r.product_id) AS product_id,
             coalesce(s.on_hand, 0) AS on_hand, coalesce(s.reserved, 0) AS reserved,
             coalesce(t.units, 0) AS in_lots, coalesce(m.on_hand, 0) AS moved,
             coalesce(m.reserved, 0) AS moved_reserved, coalesce(r.units, 0) AS in_orders
        FROM stock_level s
        FULL JOIN lots t ON (t.warehouse_id, t.product_id) = (s.warehouse_id, s.product_id)
        FULL JOIN movements m ON (m.warehouse_id, m.product_id)
          = (coalesce(s.warehouse_id, t.warehouse_id), coalesce(s.product_id, t.product_id))
        FULL JOIN reservations r ON (r.warehouse_id, r.product_id)
          = (coalesce(s.warehouse_id, t.warehouse_id, m.warehouse_id),
             coalesce(s.product_id, t.product_id, m.product_id))
    ), difference AS (
      SELECT 'backordered/orders' AS check_name, w.code AS warehouse, p.sku AS subject,
             coalesce(s.backordered, 0) AS kept, coalesce(g.units, 0) AS counted
        FROM stock_level s
        FULL JOIN waiting g ON (g.warehouse_id, g.product_id) = (s.warehouse_id, s.product_id)
        JOIN warehouse w ON w.id = coalesce(s.warehouse_id, g.warehouse_id)
        JOIN product p ON p.id = coalesce(s.product_id, g.product_id)
      UNION ALL
      SELECT c.check_name, w.code, p.sku, c.kept, c.counted
        FROM level_parts v
       CROSS JOIN LATERAL (VALUES ('on_hand/lots', v.on_hand, v.in_lots),
                                  ('on_hand/movements', v.on_hand, v.moved),
                                  ('reserved/movements', v.reserved, v.moved_reserved),
                                  ('reserved/orders', v.reserved, v.in_orders))
          AS c(check_name, kept, counted)
        JOIN warehouse w ON w.id = v.warehouse_id JOIN product p ON p.id = v.product_id
      UNION ALL
      SELECT c.check_name, w.code, p.sku || '/' || t.lot_no, c.kept, c.counted
        FROM lot_stock k JOIN lot t ON t.id = k.lot_id JOIN product p ON p.id = k.product_id
        JOIN warehouse w ON w.id = k.warehouse_id
        LEFT JOIN lot_movements m ON (m.warehouse_id, m.lot_id) = (k.warehouse_id, k.lot_id)
        LEFT JOIN by_lot b ON (b.warehouse_id, b.lot_id) = (k.warehouse_id, k.lot_id)
       CROSS JOIN LATERAL (VALUES ('lot/movements',
                                   CASE WHEN k.state = 'saleable' THEN k.on_hand ELSE 0 END,
                                   coalesce(m.units, 0)),
                                  ('inspecting/movements', k.inspecting, coalesce(m.inspecting, 0)),
                                  ('quarantined/movements', k.quarantined, coalesce(m.quarantined, 0)),
                                  ('allocated/parcels', k.allocated, coalesce(b.units, 0)))
          AS c(check_name, kept, counted)
      UNION ALL
      SELECT c.check_name, w.code, o.number || '/' || l.line_no, c.kept, c.counted
        FROM order_line l JOIN sales_order o ON (o.dealer_id, o.id) = (l.dealer_id, l.order_id)
        JOIN warehouse w ON w.id = o.warehouse_id
        LEFT JOIN by_line b ON (b.dealer_id, b.order_id, b.line_no) = (l.dealer_id, l.order_id, l.line_no)
       CROSS JOIN LATERAL (VALUES ('shipped/parcels', l.shipped, coalesce(b.shipped, 0)),
                                  ('reserved/parcels', l.reserved, greatest(l.reserved, b.picked)))
          AS c(check_name, kept, counted)
    )
    SELECT check_name AS "check", warehouse, subject, kept::bigint AS kept, counted::bigint AS counted
      FROM difference
     WHERE kept <> counted ORDER BY check_name, warehouse, subject
"""
_DIFFERENCES = text(_CHECK)

# Units that were received before serials were kept have none.
_SERIALS = """
    SELECT w.code || ' ' || p.sku || '/' || t.lot_no || ' ' || u.state AS subject, c.units AS kept,
           u.units AS counted
      FROM (SELECT warehouse_id, lot_id, state, count(*) AS units FROM serial_unit
             WHERE warehouse_id IS NOT NULL GROUP BY warehouse_id, lot_id, state) u
      LEFT JOIN lot_stock k ON (k.warehouse_id, k.lot_id) = (u.warehouse_id, u.lot_id)
     CROSS JOIN LATERAL (
           VALUES (coalesce(CASE u.state WHEN 'saleable' THEN k.on_hand WHEN 'inspecting' THEN k.inspecting
                                         ELSE k.quarantined END, 0))) AS c(units)
      JOIN lot t ON t.id = u.lot_id JOIN product p ON p.id = t.product_id
      JOIN warehouse w ON w.id = u.warehouse_id
     WHERE u.units > c.units
"""

CHECKS = (
    Check(
        "stock/levels",
        N_("Stock levels, lots, movements, reservations and shipments agree."),
        "SELECT level.check || ' ' || warehouse || ' ' || subject AS subject, kept, counted"
        f" FROM ({_CHECK}) AS level",
    ),
    Check(
        "stock/serials",
        N_("No lot has more serial numbers than units, be they for sale, in inspection or in quarantine."),
        _SERIALS,
    ),
)
