"""What has to be true of deliveries: a proof is of what was shipped, and its differences are its cases."""

from __future__ import annotations

from portal.kernel.checking import Check
from portal.kernel.errors import N_

CHECKS = (
    Check(
        "deliveries/proofs",
        N_("Every proof of delivery is of the lots that were shipped, and of a shipment that is received."),
        """
        SELECT s.number AS subject, concat_ws(' ', c.lot_no, coalesce(c.shipped, 0), s.status) AS kept,
               concat_ws(' ', c.lot_no, coalesce(c.quantity, 0), 'received') AS counted
          FROM (SELECT coalesce(p.dealer_id, l.dealer_id) AS dealer_id,
                       coalesce(p.shipment_id, l.shipment_id) AS shipment_id,
                       coalesce(p.lot_no, l.lot_no) AS lot_no, p.shipped, l.quantity
                  FROM delivery_proof_line p
                  FULL JOIN (SELECT l.dealer_id, l.shipment_id, l.product_id, l.lot_no,
                                    sum(l.quantity) AS quantity
                               FROM shipment_line l
                               JOIN delivery_proof f
                                 ON (f.dealer_id, f.shipment_id) = (l.dealer_id, l.shipment_id)
                              GROUP BY l.dealer_id, l.shipment_id, l.product_id, l.lot_no) l
                    ON l.dealer_id = p.dealer_id AND l.shipment_id = p.shipment_id
                   AND l.product_id = p.product_id AND l.lot_no = p.lot_no) c
          JOIN shipment s ON (s.dealer_id, s.id) = (c.dealer_id, c.shipment_id)
         WHERE coalesce(c.shipped, 0) <> coalesce(c.quantity, 0) OR s.status <> 'received'
        """,
    ),
    Check(
        "deliveries/cases",
        N_("The cases of every delivery are the differences that were signed for."),
        """
        SELECT s.number AS subject, c.kept, c.counted
          FROM (SELECT dealer_id, shipment_id, sum(greatest(shipped - received, 0)) AS missing,
                       sum(greatest(received - shipped, 0)) AS surplus, sum(damaged) AS damaged
                  FROM delivery_proof_line GROUP BY dealer_id, shipment_id) p
          JOIN shipment s ON (s.dealer_id, s.id) = (p.dealer_id, p.shipment_id)
          LEFT JOIN (SELECT e.dealer_id, e.shipment_id,
                            sum(l.quantity) FILTER (WHERE e.kind IN ('short', 'wrong_lot')) AS missing,
                            sum(l.quantity) FILTER (WHERE e.kind IN ('excess', 'wrong_lot')) AS surplus,
                            sum(l.quantity) FILTER (WHERE e.kind = 'damaged') AS damaged
                       FROM delivery_case e
                       JOIN delivery_case_line l ON (l.dealer_id, l.case_id) = (e.dealer_id, e.id)
                      GROUP BY e.dealer_id, e.shipment_id) k
            ON (k.dealer_id, k.shipment_id) = (p.dealer_id, p.shipment_id)
         CROSS JOIN LATERAL (VALUES (coalesce(k.missing, 0), p.missing), (coalesce(k.surplus, 0), p.surplus),
                                    (coalesce(k.damaged, 0), p.damaged)) AS c(kept, counted)
         WHERE c.kept <> c.counted
        """,
    ),
)
