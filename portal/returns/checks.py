"""What has to be true of returns: nothing is asked back twice, and what came waits or is decided."""

from __future__ import annotations

from portal.kernel.checking import Check
from portal.kernel.errors import N_

CHECKS = (
    Check(
        "returns/asked-back",
        N_("What is asked back of every shipment is what its open returns ask for, or have brought."),
        """
        SELECT s.number || '/' || l.line_no || ' ' || l.lot_no AS subject, l.asked_back AS kept,
               coalesce(r.units, 0) AS counted
          FROM shipment_line l
          JOIN shipment s ON (s.dealer_id, s.id) = (l.dealer_id, l.shipment_id)
          LEFT JOIN (SELECT h.dealer_id, h.shipment_id, n.line_no, n.lot_id,
                            sum(CASE h.state WHEN 'received' THEN n.received ELSE n.quantity END) AS units
                       FROM return_request h
                       JOIN return_line n ON (n.dealer_id, n.return_id) = (h.dealer_id, h.id)
                      WHERE h.state IN ('requested', 'approved', 'received')
                      GROUP BY h.dealer_id, h.shipment_id, n.line_no, n.lot_id) r
            ON (r.dealer_id, r.shipment_id, r.line_no, r.lot_id)
             = (l.dealer_id, l.shipment_id, l.line_no, l.lot_id)
         WHERE l.asked_back <> coalesce(r.units, 0)
        """,
    ),
    Check(
        "returns/movements",
        N_("The movements of every return are what came of it, and what its inspection decided."),
        """
        SELECT h.number || ' ' || t.lot_no AS subject, concat_ws(' ', n.waiting, n.stayed) AS kept,
               concat_ws(' ', coalesce(m.waiting, 0), coalesce(m.stayed, 0)) AS counted
          FROM (SELECT l.dealer_id, l.return_id, l.lot_id,
                       sum(CASE WHEN r.state = 'received' THEN l.received ELSE 0 END) AS waiting,
                       sum(l.received - coalesce(f.refused, 0)) AS stayed
                  FROM return_line l
                  JOIN return_request r ON (r.dealer_id, r.id) = (l.dealer_id, l.return_id)
                  LEFT JOIN (SELECT dealer_id, return_id, line_no, lot_id, sum(quantity) AS refused
                               FROM return_finding WHERE disposition = 'refused'
                              GROUP BY dealer_id, return_id, line_no, lot_id) f
                    ON (f.dealer_id, f.return_id, f.line_no, f.lot_id)
                     = (l.dealer_id, l.return_id, l.line_no, l.lot_id)
                 GROUP BY l.dealer_id, l.return_id, l.lot_id) n
          JOIN return_request h ON (h.dealer_id, h.id) = (n.dealer_id, n.return_id)
          JOIN lot t ON t.id = n.lot_id
          LEFT JOIN (SELECT document, warehouse_id, lot_id, sum(inspecting_delta) AS waiting,
                            sum(on_hand_delta + inspecting_delta + quarantined_delta) AS stayed
                       FROM stock_movement WHERE kind IN ('return', 'inspection')
                      GROUP BY document, warehouse_id, lot_id) m
            ON (m.document, m.warehouse_id, m.lot_id) = (h.number, h.warehouse_id, n.lot_id)
         WHERE (n.waiting, n.stayed) IS DISTINCT FROM (coalesce(m.waiting, 0), coalesce(m.stayed, 0))
        """,
    ),
)
