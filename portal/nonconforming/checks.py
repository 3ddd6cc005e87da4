"""What has to be true of non-conforming goods."""

from __future__ import annotations

from portal.kernel.checking import Check
from portal.kernel.errors import N_

CHECKS = (
    Check(
        "nonconforming/quarantined",
        N_("What is reported and not decided on, or not destroyed yet, lies in quarantine."),
        """
        SELECT w.code || ' ' || p.sku || '/' || l.lot_no AS subject, coalesce(k.quarantined, 0) AS kept,
               n.units AS counted
          FROM (SELECT warehouse_id, lot_id, sum(quantity) AS units FROM nonconforming_report
                 WHERE state IN ('reported', 'to_destroy') GROUP BY warehouse_id, lot_id) n
          LEFT JOIN lot_stock k ON (k.warehouse_id, k.lot_id) = (n.warehouse_id, n.lot_id)
          JOIN lot l ON l.id = n.lot_id JOIN product p ON p.id = l.product_id
          JOIN warehouse w ON w.id = n.warehouse_id
         WHERE coalesce(k.quarantined, 0) < n.units
        """,
    ),
)
