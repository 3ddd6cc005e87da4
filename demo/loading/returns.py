"""Goods that dealers send back: returns in every state, of the latest shipments that were received.

Those that wait hold back their units as the portal's own acts do, and what has arrived lies in inspection.
"""

from __future__ import annotations

from datetime import timedelta

import psycopg

from demo.scenario import Part, Scenario

# Of the latest shipments of the first dealers, a lot each. Serial numbers and cold goods would need more.
_ASKED = """
CREATE TEMPORARY TABLE back AS
SELECT row_number() OVER (ORDER BY s.dealer_id > 3, s.received_at DESC, s.id)::integer AS place, s.dealer_id,
       s.order_id, s.id AS shipment_id, s.warehouse_id, l.line_no, l.lot_id, l.product_id, l.units, p.buyer,
       p.buyer_label, s.received_at + interval '20 hours' AS asked_at
  FROM shipment s JOIN party p ON p.dealer_id = s.dealer_id
 CROSS JOIN LATERAL (
       SELECT l.line_no, l.lot_id, l.product_id, least(l.quantity - l.returned - l.asked_back, 3) AS units
         FROM shipment_line l JOIN product d ON d.id = l.product_id
        WHERE (l.dealer_id, l.shipment_id) = (s.dealer_id, s.id) AND NOT d.serial_controlled
          AND coalesce(d.storage_max > 8, true) AND l.quantity > l.returned + l.asked_back
        ORDER BY l.quantity DESC, l.line_no, l.lot_id LIMIT 1) l
 WHERE s.status = 'received' AND s.received_at BETWEEN %(since)s AND %(until)s
 ORDER BY 1 LIMIT 11;
CREATE TEMPORARY TABLE asked AS
SELECT b.*, pg_temp.document_number('RT', app_day(b.asked_at), b.place) AS number,
       (ARRAY['requested', 'approved', 'received', 'requested', 'rejected', 'received', 'withdrawn',
              'approved', 'requested', 'settled', 'settled'])[b.place] AS state,
       (ARRAY['defective', 'damaged', 'defective', 'short_dated', 'surplus', 'damaged', 'wrong_item',
              'defective', 'recall', 'surplus', 'surplus'])[b.place] AS reason,
       CASE WHEN b.place IN (1, 3, 8) THEN 'exchange' ELSE 'credit' END AS remedy,
       greatest(%(now)s - interval '8 minutes', (SELECT max(at) FROM stock_movement)) AS moment
  FROM back b;
INSERT INTO return_request (dealer_id, number, order_id, shipment_id, warehouse_id, state, note, asked_by,
                            asked_by_label, asked_at, decided_by, decided_by_label, decided_at, decision_note,
                            received_by_label, received_at, inspected_by_label, inspected_at)
SELECT a.dealer_id, a.number, a.order_id, a.shipment_id, a.warehouse_id, a.state,
       CASE a.reason WHEN 'defective' THEN '拆封后发现漏气' WHEN 'damaged' THEN '外箱压损' ELSE '' END,
       a.buyer, a.buyer_label, a.asked_at,
       CASE WHEN a.state IN ('approved', 'received', 'rejected', 'settled') THEN s.key END,
       CASE WHEN a.state IN ('approved', 'received', 'rejected', 'settled') THEN s.label END,
       CASE WHEN a.state IN ('approved', 'received', 'rejected', 'settled')
            THEN a.asked_at + interval '5 hours' END,
       CASE a.state WHEN 'rejected' THEN '无质量问题，超过约定的退货期限' ELSE '' END,
       CASE WHEN a.state IN ('received', 'settled') THEN w.label END,
       CASE WHEN a.state IN ('received', 'settled') THEN a.moment END,
       CASE a.state WHEN 'settled' THEN q.label END, CASE a.state WHEN 'settled' THEN a.moment END
  FROM asked a JOIN staff s ON s.desk = 'orders' JOIN staff w ON w.desk = 'warehouse'
  JOIN staff q ON q.desk = 'quality' ORDER BY a.place;
INSERT INTO return_line (dealer_id, return_id, line_no, lot_id, quantity, reason, remedy, received)
SELECT a.dealer_id, r.id, a.line_no, a.lot_id, a.units, a.reason, a.remedy,
       CASE WHEN a.state IN ('received', 'settled') THEN a.units ELSE 0 END
  FROM asked a JOIN return_request r ON (r.dealer_id, r.number) = (a.dealer_id, a.number);
UPDATE shipment_line l SET asked_back = l.asked_back + a.units
  FROM asked a
 WHERE a.state IN ('requested', 'approved', 'received')
   AND (l.dealer_id, l.shipment_id, l.line_no, l.lot_id)
     = (a.dealer_id, a.shipment_id, a.line_no, a.lot_id);
"""

_ARRIVED = """
INSERT INTO lot_stock (warehouse_id, lot_id, product_id, on_hand)
SELECT warehouse_id, lot_id, product_id, 0 FROM asked WHERE state = 'received' ON CONFLICT DO NOTHING;
UPDATE lot_stock k SET inspecting = k.inspecting + a.units
  FROM (SELECT warehouse_id, lot_id, sum(units)::integer AS units FROM asked WHERE state = 'received'
         GROUP BY warehouse_id, lot_id) a
 WHERE (k.warehouse_id, k.lot_id) = (a.warehouse_id, a.lot_id);
INSERT INTO stock_movement (at, warehouse_id, product_id, lot_id, kind, inspecting_delta, dealer_id, document,
                            actor)
SELECT a.moment, a.warehouse_id, a.product_id, a.lot_id, 'return', a.units, a.dealer_id, a.number, w.key
  FROM asked a JOIN staff w ON w.desk = 'warehouse' WHERE a.state = 'received' ORDER BY a.place;
"""

# Opened boxes of which nothing was wrong: they came, were refused and went back to the dealer, unpaid.
_SETTLED = """
INSERT INTO return_finding (dealer_id, return_id, line_no, lot_id, disposition, quantity, note)
SELECT l.dealer_id, l.return_id, l.line_no, l.lot_id, 'refused', l.received, '已拆封，无质量问题'
  FROM return_line l JOIN return_request r ON (r.dealer_id, r.id) = (l.dealer_id, l.return_id)
  JOIN asked a ON (a.dealer_id, a.number) = (r.dealer_id, r.number) WHERE a.state = 'settled';
INSERT INTO stock_movement (at, warehouse_id, product_id, lot_id, kind, inspecting_delta, dealer_id, document,
                            actor)
SELECT a.moment, a.warehouse_id, a.product_id, a.lot_id, m.kind, m.sign * a.units, a.dealer_id, a.number,
       w.key
  FROM asked a JOIN staff w ON w.desk = 'warehouse'
 CROSS JOIN (VALUES ('return', 1), ('inspection', -1)) AS m(kind, sign)
 WHERE a.state = 'settled' ORDER BY a.place, m.sign DESC;
"""

_AUDIT = """
INSERT INTO audit_event (at, actor, actor_label, dealer_id, action, subject_kind, subject, after)
SELECT e.at, e.actor, e.label, r.dealer_id, 'return:' || e.act, 'return', r.number,
       jsonb_build_object('state', e.state)
  FROM return_request r
  JOIN staff w ON w.desk = 'warehouse' JOIN staff q ON q.desk = 'quality'
 CROSS JOIN LATERAL (VALUES
   (r.asked_at, r.asked_by, r.asked_by_label, 'requested', 'requested'),
   (r.decided_at, r.decided_by, r.decided_by_label, CASE r.state WHEN 'rejected' THEN 'rejected'
      ELSE 'approved' END, CASE r.state WHEN 'rejected' THEN 'rejected' ELSE 'approved' END),
   (r.received_at, w.key, w.label, 'received', 'received'),
   (r.inspected_at, q.key, q.label, 'inspected', 'settled'),
   (CASE r.state WHEN 'withdrawn' THEN r.asked_at + interval '3 hours' END, r.asked_by, r.asked_by_label,
    'withdrawn', 'withdrawn')) AS e(at, actor, label, act, state)
 WHERE e.at IS NOT NULL
 ORDER BY e.at, r.number
"""


def write_returns(connection: psycopg.Connection, scenario: Scenario) -> None:
    """Returns in every state, with the movements that they stand for."""
    now = scenario.now
    between = {"now": now, "since": now - timedelta(days=60), "until": now - timedelta(days=3)}
    connection.execute(_ASKED, between)
    connection.execute(_ARRIVED)
    connection.execute(_SETTLED)
    connection.execute(_AUDIT)
    connection.execute("DROP TABLE back, asked")


PART = Part("returns", write=write_returns)
