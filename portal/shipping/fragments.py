"""SQL that several statements about a parcel share."""

from __future__ import annotations

REVIEWED = """
LEFT JOIN LATERAL (
  SELECT coalesce(sum(v.quantity), 0)::int AS passed,
         coalesce(string_to_array(string_agg(nullif(array_to_string(v.serials, ' '), ''), ' '), ' '), '{}')
           AS reviewed_serials
    FROM outbound_review v
   WHERE v.dealer_id = l.dealer_id AND v.shipment_no = s.number AND v.line_no = l.line_no
     AND v.lot_id = l.lot_id AND v.outcome = 'passed'
) v ON true
"""
"""Joins ``v (passed, reviewed_serials)``, units of a parcel's line that passed the review, and their serials.

To the shipment ``s`` and its line ``l``. Serials have no blanks.
"""

RECORD_REVIEW = """
INSERT INTO outbound_review (
  dealer_id, shipment_no, order_no, buyer, warehouse_id, line_no, product_id, lot_id, sku, name_zh, name_en,
  specification, unit, registration_no, lot_no, expires_on, quantity, serials, udi, outcome, note,
  reviewed_at, reviewed_by, reviewed_by_label, picked_by)
SELECT l.dealer_id, s.number, o.number, o.names #>> '{dealer,zh}', s.warehouse_id, l.line_no, l.product_id,
       l.lot_id, ol.sku, ol.name_zh, ol.name_en, ol.specification, ol.unit, l.registration_no, l.lot_no,
       l.expires_on, c.quantity, c.serials, coalesce(nullif(c.udi, ''), p.udi_di), c.outcome, c.note, :at,
       :actor, :actor_label, coalesce(l.taken_by, s.picked_by)
  FROM checked c
  JOIN shipment s ON s.dealer_id = :dealer_id AND s.id = :shipment_id
  JOIN shipment_line l ON l.dealer_id = s.dealer_id AND l.shipment_id = s.id AND l.line_no = c.line_no
   AND l.lot_id = c.lot_id
  JOIN sales_order o ON (o.dealer_id, o.id) = (s.dealer_id, s.order_id)
  JOIN order_line ol ON (ol.dealer_id, ol.order_id, ol.line_no) = (s.dealer_id, s.order_id, l.line_no)
  JOIN product p ON p.id = l.product_id
"""
"""Writes the records of the CTE ``checked (line_no, lot_id, quantity, serials, udi, outcome, note)``.

Parameters: ``dealer_id``, ``shipment_id``, ``at``, ``actor``, ``actor_label``.
"""
