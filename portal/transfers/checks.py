"""What has to be true of transfers: what left, what is on its way and what arrived are one."""

from __future__ import annotations

from portal.kernel.checking import Check
from portal.kernel.errors import N_

CHECKS = (
    Check(
        "transfers/in_transit",
        N_("What transfers have under way is counted as in transit to its warehouse."),
        """
        SELECT w.code || ' ' || p.sku AS subject, coalesce(s.in_transit, 0) AS kept, t.units AS counted
          FROM (SELECT h.to_warehouse_id AS warehouse_id, l.product_id, sum(l.quantity) AS units
                  FROM stock_transfer h JOIN stock_transfer_line l ON l.transfer_id = h.id
                 WHERE h.state = 'in_transit' GROUP BY h.to_warehouse_id, l.product_id) t
          LEFT JOIN stock_level s ON (s.warehouse_id, s.product_id) = (t.warehouse_id, t.product_id)
          JOIN warehouse w ON w.id = t.warehouse_id JOIN product p ON p.id = t.product_id
         WHERE coalesce(s.in_transit, 0) < t.units
        """,
    ),
    Check(
        "transfers/movements",
        N_("The movements of every transfer are what left with it and what arrived of it."),
        """
        SELECT h.number || ' ' || p.sku || '/' || o.lot_no AS subject, c.kept, c.counted
          FROM stock_transfer h JOIN stock_transfer_line l ON l.transfer_id = h.id
          JOIN product p ON p.id = l.product_id JOIN lot o ON o.id = l.lot_id
          LEFT JOIN (SELECT document, warehouse_id, lot_id, sum(on_hand_delta + quarantined_delta) AS units
                       FROM stock_movement WHERE kind IN ('dispatch', 'transfer')
                      GROUP BY document, warehouse_id, lot_id) a
            ON (a.document, a.warehouse_id, a.lot_id) = (h.number, h.from_warehouse_id, l.lot_id)
          LEFT JOIN (SELECT document, warehouse_id, lot_id, sum(on_hand_delta + quarantined_delta) AS units
                       FROM stock_movement WHERE kind IN ('dispatch', 'transfer')
                      GROUP BY document, warehouse_id, lot_id) b
            ON (b.document, b.warehouse_id, b.lot_id) = (h.number, h.to_warehouse_id, l.lot_id)
         CROSS JOIN LATERAL (
               VALUES (CASE WHEN h.state IN ('draft', 'cancelled') THEN 0 ELSE -l.quantity END,
                       coalesce(a.units, 0)),
                      (l.received + l.damaged, coalesce(b.units, 0))) AS c(kept, counted)
         WHERE c.kept <> c.counted
        """,
    ),
    Check(
        "transfers/serials",
        N_("Every serial number in transit left with a transfer and is missing or still to come."),
        """
        SELECT p.sku || ' ' || u.serial AS subject, u.state AS kept,
               coalesce(h.state, 'none') AS counted
          FROM serial_unit u
          JOIN product p ON p.id = u.product_id
          LEFT JOIN stock_transfer h ON h.number = u.document
         WHERE u.state = 'in_transit' AND coalesce(h.state, 'none') NOT IN ('in_transit', 'differing')
        """,
    ),
)
