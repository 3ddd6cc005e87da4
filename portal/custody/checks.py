"""What has to be true of custody: holdings are the sum of movements, and the same as what stock says."""

from __future__ import annotations

from portal.kernel.checking import Check
from portal.kernel.errors import N_

_NAMED = """
  JOIN lot o ON o.id = {rows}.lot_id JOIN product p ON p.id = o.product_id
"""

CHECKS = (
    Check(
        "custody/holdings",
        N_("What lies in each place is the sum of what came to it less what went."),
        f"""
        SELECT p.sku || '/' || o.lot_no || ' @' || c.place_id AS subject, c.kept, c.counted
          FROM (SELECT lot_id, place_id, coalesce(h.quantity, 0) AS kept, coalesce(m.units, 0) AS counted
                  FROM holding h
                  FULL JOIN (SELECT e.lot_id, e.place_id, sum(e.units) AS units
                               FROM custody_movement c
                              CROSS JOIN LATERAL (VALUES (c.lot_id, c.to_place_id, c.quantity),
                                                         (c.lot_id, c.from_place_id, -c.quantity))
                                AS e(lot_id, place_id, units)
                               JOIN place s ON s.id = e.place_id AND s.kind <> 'outside'
                              GROUP BY e.lot_id, e.place_id) m
                 USING (lot_id, place_id)) c {_NAMED.format(rows="c")}
         WHERE c.kept <> c.counted
        """,
    ),
    Check(
        "custody/warehouses",
        N_("What a warehouse holds by custody is what lies there by its stock."),
        f"""
        SELECT w.code || ' ' || p.sku || '/' || o.lot_no AS subject, c.kept, c.counted
          FROM (SELECT warehouse_id, lot_id, coalesce(h.quantity, 0) AS kept,
                       coalesce(k.on_hand + k.inspecting + k.quarantined, 0) AS counted
                  FROM (SELECT g.lot_id, g.quantity, s.warehouse_id
                          FROM holding g JOIN place s ON s.id = g.place_id AND s.kind = 'warehouse') h
                  FULL JOIN lot_stock k USING (warehouse_id, lot_id)) c
          JOIN warehouse w ON w.id = c.warehouse_id {_NAMED.format(rows="c")}
         WHERE c.kept <> c.counted
        """,
    ),
    Check(
        "custody/shipments",
        N_("What dealers received by custody is what was shipped to them."),
        """
        SELECT coalesce(s.number, m.document) AS subject, coalesce(m.units, 0) AS kept,
               coalesce(s.units, 0) AS counted
          FROM (SELECT h.number, sum(l.quantity) AS units
                  FROM shipment h JOIN shipment_line l ON (l.dealer_id, l.shipment_id) = (h.dealer_id, h.id)
                 WHERE h.status <> 'picking' GROUP BY h.number) s
          FULL JOIN (SELECT document, sum(quantity) AS units FROM custody_movement WHERE kind = 'shipment'
                      GROUP BY document) m ON m.document = s.number
         WHERE coalesce(m.units, 0) <> coalesce(s.units, 0)
        """,
    ),
    Check(
        "custody/serials",
        N_("A unit with a serial number is where its stock says."),
        """
        SELECT p.sku || ' ' || u.serial AS subject, coalesce(f.place_id, 0) AS kept, 0 AS counted
          FROM serial_unit u JOIN product p ON p.id = u.product_id
          LEFT JOIN serial_place f ON (f.product_id, f.serial) = (u.product_id, u.serial)
          LEFT JOIN place s ON s.id = f.place_id
         WHERE s.id IS NULL OR s.warehouse_id IS DISTINCT FROM u.warehouse_id
            OR (u.state = 'shipped') <> (s.dealer_id IS NOT NULL)
        """,
    ),
)
