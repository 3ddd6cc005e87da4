"""How parcels go out: bins, a wave under way, reviews done, begun or waiting, packages and prints."""

from __future__ import annotations

import psycopg

from demo.scenario import Part, Scenario

REVIEWED_DAYS = 7  # of what was shipped lately there are records; older ones would only cost time
IN_A_WAVE = 5

_BINS = """
UPDATE lot_stock
   SET location = chr(65 + mod(product_id, 6)::int) || '-' || lpad((mod(product_id, 40) + 1)::text, 2, '0')
                  || '-' || (mod(lot_id, 4) + 1)
"""
# What the warehouse took from the shelves; the second half of each parcel that waits is still to be taken.
_TAKEN = """
UPDATE shipment_line l SET taken_at = s.picked_at + interval '20 minutes', taken_by = %(picker)s
  FROM shipment s
 WHERE (s.dealer_id, s.id) = (l.dealer_id, l.shipment_id) AND s.status = 'picking'
   AND (mod(s.id, 3) <> 2 OR mod(l.line_no, 2) = 1)
"""
# Of the parcels that wait, every third is reviewed, every third in part, and the others wait.
_REVIEWED = """
INSERT INTO outbound_review (
  dealer_id, shipment_no, order_no, buyer, warehouse_id, line_no, product_id, lot_id, sku, name_zh, name_en,
  specification, unit, registration_no, lot_no, expires_on, quantity, serials, udi, outcome, note,
  reviewed_at, reviewed_by, reviewed_by_label, picked_by)
SELECT l.dealer_id, s.number, o.number, d.name_zh, s.warehouse_id, l.line_no, l.product_id, l.lot_id, n.sku,
       n.name_zh, n.name_en, n.specification, n.unit, l.registration_no, l.lot_no, l.expires_on, l.quantity,
       CASE WHEN NOT p.serial_controlled THEN '{}' WHEN s.status <> 'picking' THEN l.serials
            ELSE ARRAY(SELECT 'D' || l.shipment_id || l.line_no || lpad(u::text, 3, '0')
                         FROM generate_series(1, l.quantity) AS u) END,
       '(01)' || p.udi_di || coalesce('(17)' || to_char(l.expires_on, 'YYMMDD'), '') || '(10)' || l.lot_no,
       'passed', '', least(s.picked_at + interval '45 minutes', coalesce(s.shipped_at, now())), %(reviewer)s,
       %(label)s, %(picker)s
  FROM shipment s
  JOIN shipment_line l ON l.dealer_id = s.dealer_id AND l.shipment_id = s.id
  JOIN sales_order o ON (o.dealer_id, o.id) = (s.dealer_id, s.order_id)
  JOIN order_line n ON (n.dealer_id, n.order_id, n.line_no) = (s.dealer_id, s.order_id, l.line_no)
  JOIN dealer d ON d.id = s.dealer_id
  JOIN product p ON p.id = l.product_id
 WHERE s.status <> 'picking' AND s.shipped_on > %(today)s - %(days)s
    OR s.status = 'picking' AND (mod(s.id, 3) = 0 OR mod(s.id, 3) = 1 AND mod(l.line_no, 2) = 1)
 ORDER BY s.picked_at, s.id, l.line_no, l.lot_no
"""
# Found before such a parcel left: units of the same lots that were set apart, long since decided.
_FOUND = """
INSERT INTO outbound_review (
  dealer_id, shipment_no, order_no, buyer, warehouse_id, line_no, product_id, lot_id, sku, name_zh, name_en,
  specification, unit, registration_no, lot_no, expires_on, quantity, udi, outcome, note, reviewed_at,
  reviewed_by, reviewed_by_label, picked_by)
SELECT dealer_id, shipment_no, order_no, buyer, warehouse_id, line_no, product_id, lot_id, sku, name_zh,
       name_en, specification, unit, registration_no, lot_no, expires_on, 1, udi,
       (ARRAY['damaged', 'bad_label'])[mod(place, 2) + 1],
       (ARRAY['外箱受压变形，内包装破损', '标签批号模糊，无法辨认'])[mod(place, 2) + 1],
       reviewed_at - interval '1 day', reviewed_by, reviewed_by_label, picked_by
  FROM (SELECT *, (row_number() OVER (ORDER BY id))::int AS place FROM outbound_review) r
 WHERE mod(place, 97) = 0
"""
_WAVE = """
WITH busiest AS (
  SELECT warehouse_id, min(picked_at) AS at FROM shipment WHERE status = 'picking'
   GROUP BY warehouse_id ORDER BY count(*) DESC, warehouse_id LIMIT 1
), made AS (
  INSERT INTO pick_wave (number, warehouse_id, made_at, made_by, made_by_label)
  SELECT %(number)s, warehouse_id, at, %(picker)s, %(picker_label)s FROM busiest
  RETURNING id, warehouse_id
)
UPDATE shipment s SET wave_id = m.id
  FROM made m
 WHERE (s.dealer_id, s.id) IN (
       SELECT p.dealer_id, p.id FROM shipment p JOIN made USING (warehouse_id)
        WHERE p.status = 'picking' ORDER BY p.picked_at, p.id LIMIT %(parcels)s)
"""
_PACKED = """
WITH box AS (
  INSERT INTO package (dealer_id, shipment_id, number, kind, weight_g)
  SELECT dealer_id, id, 1, 'case', 3000 + mod(id, 90)::int * 100
    FROM shipment WHERE status = 'picking' AND mod(id, 3) = 0
  RETURNING dealer_id, shipment_id
)
INSERT INTO package_line (dealer_id, shipment_id, number, line_no, lot_id, quantity)
SELECT l.dealer_id, l.shipment_id, 1, l.line_no, l.lot_id, l.quantity
  FROM box JOIN shipment_line l USING (dealer_id, shipment_id)
"""
_PRINTED = """
INSERT INTO delivery_note_print (dealer_id, shipment_id, copy, printed_at, printed_by, printed_by_label)
SELECT s.dealer_id, s.id, c.copy, s.shipped_at + c.copy * interval '5 minutes', %(picker)s, %(picker_label)s
  FROM shipment s CROSS JOIN generate_series(1, 2) AS c(copy)
 WHERE s.status <> 'picking' AND s.shipped_on > %(today)s - %(days)s AND (c.copy = 1 OR mod(s.id, 11) = 0)
"""
_PERSON = "SELECT id, display_name FROM user_account WHERE email = %s"


def write_outbound(connection: psycopg.Connection, scenario: Scenario) -> None:
    """Everything the pages of the way out show; who picked never reviews."""
    picker_id, picker = connection.execute(_PERSON, ("warehouse@hq.example",)).fetchone()  # type: ignore[misc]
    reviewer_id, reviewer = connection.execute(_PERSON, ("orders@hq.example",)).fetchone()  # type: ignore[misc]
    about = {
        "picker": f"user:{picker_id}",
        "picker_label": picker,
        "reviewer": f"user:{reviewer_id}",
        "label": reviewer,
        "today": scenario.today,
        "days": REVIEWED_DAYS,
        "number": f"WV{scenario.today:%y%m}-DEMOWAVE0",
        "parcels": IN_A_WAVE,
    }
    connection.execute("UPDATE shipment SET picked_by = %(picker)s WHERE status = 'picking'", about)
    for statement in (_TAKEN, _REVIEWED, _FOUND, _WAVE, _PACKED, _PRINTED):
        connection.execute(statement, about)
    connection.execute(_BINS)


PART = Part("outbound", write=write_outbound)
