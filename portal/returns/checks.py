"""What has to be true of returns."""

from __future__ import annotations

from portal.kernel.checking import Check
from portal.kernel.errors import N_

CHECKS = (
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
