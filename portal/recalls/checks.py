"""What has to be true of recalls."""

from __future__ import annotations

from portal.kernel.checking import Check
from portal.kernel.errors import N_

CHECKS = (
    Check(
        "recalls/blocked",
        N_("Lots of a decided recall are blocked in every warehouse; none of their units is for sale."),
        """
        SELECT r.number || ' ' || w.code || ' ' || l.lot_no AS subject, k.on_hand AS kept, 0 AS counted
          FROM recall r JOIN recall_lot x ON x.recall_id = r.id JOIN lot_stock k ON k.lot_id = x.lot_id
          JOIN lot l ON l.id = x.lot_id JOIN warehouse w ON w.id = k.warehouse_id
         WHERE NOT r.is_drill AND r.decided_at IS NOT NULL AND (k.state <> 'blocked' OR k.on_hand <> 0)
        """,
    ),
)
