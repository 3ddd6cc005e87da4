"""What has to be true of returns: nothing is asked back twice, and what came waits or is decided, and nothing
is replaced twice.
"""

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
    Check(
        "returns/replaced",
        N_("No return is replaced by more units, or dearer ones, than were accepted and credited."),
        """
        SELECT r.number || ' ' || o.sku AS subject, o.units AS kept, coalesce(f.units, 0) AS counted
          FROM return_request r
          JOIN (SELECT n.dealer_id, n.number, l.product_id, l.sku, sum(l.quantity)::int AS units
                  FROM sales_order n JOIN order_line l ON (l.dealer_id, l.order_id) = (n.dealer_id, n.id)
                 GROUP BY n.dealer_id, n.number, l.product_id, l.sku) o
            ON (o.dealer_id, o.number) = (r.dealer_id, r.replacement_no)
          LEFT JOIN (SELECT n.dealer_id, n.return_id, t.product_id, sum(n.quantity)::int AS units
                       FROM return_finding n
                       JOIN return_line l ON (l.dealer_id, l.return_id, l.line_no, l.lot_id)
                                           = (n.dealer_id, n.return_id, n.line_no, n.lot_id)
                       JOIN lot t ON t.id = n.lot_id
                      WHERE n.disposition <> 'refused' AND l.remedy = 'exchange'
                      GROUP BY n.dealer_id, n.return_id, t.product_id) f
            ON (f.dealer_id, f.return_id, f.product_id) = (r.dealer_id, r.id, o.product_id)
         WHERE o.units > coalesce(f.units, 0)
        UNION ALL
        SELECT r.number, o.total, -coalesce(v.gross, 0)
          FROM return_request r
          JOIN sales_order o ON (o.dealer_id, o.number) = (r.dealer_id, r.replacement_no)
          LEFT JOIN invoice v ON (v.dealer_id, v.number) = (r.dealer_id, r.credit_note_no)
         WHERE o.total > -coalesce(v.gross, 0)
        """,
    ),
)
