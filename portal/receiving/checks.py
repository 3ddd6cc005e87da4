"""What has to be true of goods receipts: what came was taken in; it is accepted, refused or waits."""

from __future__ import annotations

from portal.kernel.checking import Check
from portal.kernel.errors import N_

CHECKS = (
    Check(
        "receiving/movements",
        N_(
            "The movements of every goods receipt are its units, accepted, refused or waiting for inspection."
        ),
        """
        SELECT r.number || ' ' || p.sku || '/' || t.lot_no AS subject,
               concat_ws(' ', l.quantity, l.inspecting, l.accepted + l.refused) AS kept,
               concat_ws(' ', coalesce(m.units, 0), coalesce(m.inspecting, 0),
                         coalesce(m.units - m.inspecting, 0)) AS counted
          FROM (SELECT receipt_id, product_id, lot_id, sum(quantity) AS quantity,
                       sum(inspecting) AS inspecting,
                       sum(accepted) AS accepted, sum(refused) AS refused
                  FROM goods_receipt_line GROUP BY receipt_id, product_id, lot_id) l
          JOIN goods_receipt r ON r.id = l.receipt_id
          JOIN product p ON p.id = l.product_id JOIN lot t ON t.id = l.lot_id
          LEFT JOIN (SELECT document, warehouse_id, lot_id, sum(inspecting_delta) AS inspecting,
                            sum(on_hand_delta + inspecting_delta + quarantined_delta) AS units
                       FROM stock_movement WHERE kind IN ('receipt', 'inspection')
                      GROUP BY document, warehouse_id, lot_id) m
            ON (m.document, m.warehouse_id, m.lot_id) = (r.number, r.warehouse_id, l.lot_id)
         WHERE (l.quantity, l.inspecting, l.accepted + l.refused)
               IS DISTINCT FROM (coalesce(m.units, 0), coalesce(m.inspecting, 0),
                                 coalesce(m.units - m.inspecting, 0))
        """,
    ),
)
