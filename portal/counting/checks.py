"""What has to be true of stock counts: an approved one moved its differences, any other nothing."""

from __future__ import annotations

from portal.kernel.checking import Check
from portal.kernel.errors import N_

CHECKS = (
    Check(
        "counting/movements",
        N_("The movements of every stock count are its differences once it is approved, and none before."),
        """
        SELECT coalesce(c.number, m.document) || ' ' || t.lot_no AS subject, coalesce(c.units, 0) AS kept,
               coalesce(m.units, 0) AS counted
          FROM (SELECT h.number, h.warehouse_id, l.lot_id, sum(l.counted - l.expected) AS units
                  FROM stock_count h JOIN stock_count_line l ON l.count_id = h.id
                 WHERE h.state = 'approved' GROUP BY h.number, h.warehouse_id, l.lot_id) c
          FULL JOIN (SELECT document, warehouse_id, lot_id,
                            sum(on_hand_delta + inspecting_delta + quarantined_delta) AS units
                       FROM stock_movement WHERE kind = 'count' GROUP BY document, warehouse_id, lot_id) m
            ON (m.document, m.warehouse_id, m.lot_id) = (c.number, c.warehouse_id, c.lot_id)
          JOIN lot t ON t.id = coalesce(c.lot_id, m.lot_id)
         WHERE coalesce(c.units, 0) <> coalesce(m.units, 0)
        """,
    ),
)
