"""What goes on in the warehouses just now: transfers, stock counts, goods that may not be sold.

For each of them units of lots that nobody waits for are moved as the portal's own acts move them, so that
every figure adds up.
"""

from __future__ import annotations

import psycopg

from demo.scenario import Part, Scenario

# Units that are free beyond what is taken here, so that no order of the demonstration is in want of them.
SPARE = 40

_TABLES = """
CREATE FUNCTION pg_temp.move_units(the_place bigint, the_lot bigint, good integer, apart integer, why text,
                                   by_document text, who text, moment timestamptz)
RETURNS void LANGUAGE sql AS $$
  INSERT INTO stock_level (warehouse_id, product_id, on_hand)
  SELECT the_place, product_id, 0 FROM lot WHERE id = the_lot ON CONFLICT DO NOTHING;
  INSERT INTO lot_stock (warehouse_id, lot_id, product_id, on_hand)
  SELECT the_place, id, product_id, 0 FROM lot WHERE id = the_lot ON CONFLICT DO NOTHING;
  UPDATE lot_stock SET on_hand = on_hand + good, quarantined = quarantined + apart
   WHERE warehouse_id = the_place AND lot_id = the_lot;
  UPDATE stock_level SET on_hand = on_hand + good
   WHERE warehouse_id = the_place AND product_id = (SELECT product_id FROM lot WHERE id = the_lot);
  INSERT INTO stock_movement (at, warehouse_id, product_id, lot_id, kind, on_hand_delta, quarantined_delta,
                              document, actor)
  SELECT moment, the_place, product_id, id, why, good, apart, by_document, who FROM lot WHERE id = the_lot;
$$;
CREATE TEMPORARY TABLE warehouse_staff AS
SELECT split_part(email, '@', 1) AS name, 'user:' || id AS key, display_name AS label
  FROM user_account WHERE email LIKE '%%@hq.example';
CREATE TEMPORARY TABLE work_moment AS
SELECT greatest(%(now)s - interval '9 minutes', (SELECT max(at) FROM stock_movement)) AS at;
CREATE TEMPORARY TABLE spare AS
SELECT row_number() OVER (ORDER BY product_id)::integer AS place, warehouse_id, lot_id, product_id, other_id
  FROM (
SELECT DISTINCT ON (k.product_id) k.warehouse_id, k.lot_id, k.product_id, o.id AS other_id
  FROM lot_stock k
  JOIN product p ON p.id = k.product_id AND NOT p.serial_controlled
  JOIN stock_level s ON (s.warehouse_id, s.product_id) = (k.warehouse_id, k.product_id)
 CROSS JOIN LATERAL (SELECT id FROM warehouse WHERE id <> k.warehouse_id ORDER BY id LIMIT 1) o
 WHERE k.state = 'saleable' AND least(k.on_hand - k.allocated, s.on_hand - s.reserved) > %(spare)s
   AND (k.expires_on IS NULL OR k.expires_on > app_day(%(now)s) + 120)
 ORDER BY k.product_id, k.lot_id, k.warehouse_id) one LIMIT 16;
"""

# In the order of `spare`: a draft, two under way, one that arrived whole, one of which units are missing.
_TRANSFERS = """
CREATE TEMPORARY TABLE sent AS
SELECT s.*, pg_temp.document_number('TR', app_day(m.at), s.place) AS number, m.at,
       (ARRAY['draft', 'in_transit', 'in_transit', 'received', 'differing'])[s.place] AS state,
       10 + s.place AS units
  FROM spare s CROSS JOIN work_moment m WHERE s.place <= 5;
INSERT INTO stock_transfer (number, from_warehouse_id, to_warehouse_id, state, expected_on, note, made_by,
                            made_by_label, made_at, dispatched_by, dispatched_by_label, dispatched_at,
                            received_by, received_by_label, received_at)
SELECT t.number, t.warehouse_id, t.other_id, t.state, app_day(t.at) + t.place, '', d.key, d.label, t.at,
       CASE WHEN t.state <> 'draft' THEN d.key END, CASE WHEN t.state <> 'draft' THEN d.label END,
       CASE WHEN t.state <> 'draft' THEN t.at END,
       CASE WHEN t.place >= 4 THEN w.key END, CASE WHEN t.place >= 4 THEN w.label END,
       CASE WHEN t.place >= 4 THEN t.at END
  FROM sent t JOIN warehouse_staff d ON d.name = 'orders' JOIN warehouse_staff w ON w.name = 'warehouse'
 ORDER BY t.place;
INSERT INTO stock_transfer_line (transfer_id, line_no, product_id, lot_id, quantity, received, damaged,
                                 serials)
SELECT h.id, 1, t.product_id, t.lot_id, t.units,
       CASE t.state WHEN 'received' THEN t.units WHEN 'differing' THEN t.units - 3 ELSE 0 END,
       CASE t.state WHEN 'differing' THEN 1 ELSE 0 END, '[]'
  FROM sent t JOIN stock_transfer h ON h.number = t.number;
INSERT INTO stock_transfer_outcome (transfer_id, line_no, outcome, units, serials, actor, actor_label, at)
SELECT l.transfer_id, 1, o.outcome, o.units, '[]', h.received_by, h.received_by_label, h.received_at
  FROM stock_transfer_line l JOIN stock_transfer h ON h.id = l.transfer_id
 CROSS JOIN LATERAL (VALUES ('received', l.received), ('damaged', l.damaged)) AS o(outcome, units)
 WHERE o.units > 0 ORDER BY l.transfer_id;
SELECT pg_temp.move_units(t.warehouse_id, t.lot_id, -t.units, 0, 'dispatch', t.number, d.key, t.at)
  FROM sent t JOIN warehouse_staff d ON d.name = 'orders' WHERE t.state <> 'draft';
SELECT pg_temp.move_units(t.other_id, t.lot_id, l.received, l.damaged, 'transfer', t.number, h.received_by,
                          t.at)
  FROM sent t JOIN stock_transfer h ON h.number = t.number JOIN stock_transfer_line l ON l.transfer_id = h.id
 WHERE h.received_at IS NOT NULL;
INSERT INTO stock_level (warehouse_id, product_id, on_hand)
SELECT other_id, product_id, 0 FROM sent ON CONFLICT DO NOTHING;
UPDATE stock_level s
   SET in_transit = s.in_transit + t.units,
       next_arrival = least(s.next_arrival, app_day(t.at) + t.place)
  FROM sent t
 WHERE t.state = 'in_transit' AND (s.warehouse_id, s.product_id) = (t.other_id, t.product_id);
"""

# Each count is of one product in one warehouse: one under way, one to be approved, one that was.
_COUNTS = """
CREATE TEMPORARY TABLE counted AS
SELECT s.*, pg_temp.document_number('SC', app_day(m.at), s.place) AS number, m.at,
       (ARRAY['counting', 'submitted', 'approved'])[s.place - 5] AS state
  FROM spare s CROSS JOIN work_moment m WHERE s.place BETWEEN 6 AND 8;
INSERT INTO stock_count (number, warehouse_id, scope, state, opened_by, opened_by_label, opened_at,
                         submitted_by, submitted_by_label, submitted_at, decided_by, decided_by_label,
                         decided_at)
SELECT c.number, c.warehouse_id, jsonb_build_object('skus', jsonb_build_array(p.sku)), c.state, w.key,
       w.label, c.at, CASE WHEN c.place > 6 THEN w.key END, CASE WHEN c.place > 6 THEN w.label END,
       CASE WHEN c.place > 6 THEN c.at END, CASE WHEN c.place = 8 THEN d.key END,
       CASE WHEN c.place = 8 THEN d.label END, CASE WHEN c.place = 8 THEN c.at END
  FROM counted c JOIN product p ON p.id = c.product_id
  JOIN warehouse_staff w ON w.name = 'warehouse' JOIN warehouse_staff d ON d.name = 'orders' ORDER BY c.place;
INSERT INTO stock_count_line (count_id, lot_id, standing, product_id, warehouse_id, is_open, expected_start,
                              serials, missing, surplus)
SELECT h.id, k.lot_id, 'saleable', k.product_id, k.warehouse_id, c.place < 8, k.on_hand, '[]', '[]', '[]'
  FROM counted c JOIN stock_count h ON h.number = c.number
  JOIN lot_stock k ON (k.warehouse_id, k.product_id) = (c.warehouse_id, c.product_id) AND k.on_hand > 0;
INSERT INTO stock_count_entry (count_id, lot_id, standing, round, units, expected, serials, actor,
                               actor_label, at)
SELECT l.count_id, l.lot_id, l.standing, r.round,
       l.expected_start - CASE WHEN l.lot_id = c.lot_id AND c.place > 6 THEN 2 ELSE 0 END, l.expected_start,
       '[]', h.opened_by, h.opened_by_label, c.at
  FROM counted c JOIN stock_count h ON h.number = c.number JOIN stock_count_line l ON l.count_id = h.id
 CROSS JOIN generate_series(1, 2) AS r(round)
 WHERE r.round = 1 AND (c.place > 6 OR l.lot_id = c.lot_id)
    OR r.round = 2 AND c.place > 6 AND l.lot_id = c.lot_id
 ORDER BY c.place, r.round;
UPDATE stock_count_line l SET round = e.round, counted = e.units, expected = e.expected
  FROM (SELECT DISTINCT ON (count_id, lot_id, standing) * FROM stock_count_entry
         ORDER BY count_id, lot_id, standing, round DESC) e
 WHERE (l.count_id, l.lot_id, l.standing) = (e.count_id, e.lot_id, e.standing);
SELECT pg_temp.move_units(c.warehouse_id, c.lot_id, -2, 0, 'count', c.number, d.key, c.at)
  FROM counted c JOIN warehouse_staff d ON d.name = 'orders' WHERE c.state = 'approved';
"""

# Expired lots, the largest first, and two that were found in the warehouse and set apart.
_REPORTS = """
CREATE TEMPORARY TABLE spoilt AS
SELECT row_number() OVER (ORDER BY k.quarantined DESC, k.lot_id)::integer AS place, k.warehouse_id,
       k.lot_id, k.product_id, least(k.quarantined, 6) AS units, 'expiry' AS source
  FROM lot_stock k JOIN product p ON p.id = k.product_id AND NOT p.serial_controlled
 WHERE k.state = 'expired' AND k.quarantined > 0 ORDER BY k.quarantined DESC, k.lot_id LIMIT 3;
INSERT INTO spoilt
SELECT place - 5, warehouse_id, lot_id, product_id, 2, 'by_hand' FROM spare WHERE place IN (9, 10);
CREATE TEMPORARY TABLE reported AS
SELECT s.*, pg_temp.document_number('NC', app_day(m.at), s.place) AS number, m.at,
       (ARRAY['destroyed', 'to_destroy', 'reported', 'reported', 'released'])[s.place] AS state
  FROM spoilt s CROSS JOIN work_moment m;
INSERT INTO nonconforming_report (number, warehouse_id, product_id, lot_id, quantity, source, reason, serials,
                                  state, reported_by, reported_by_label, reported_at, decided_by,
                                  decided_by_label, decided_at, decision_note, witnessed_by,
                                  witnessed_by_label, witnessed_at)
SELECT r.number, r.warehouse_id, r.product_id, r.lot_id, r.units, r.source,
       CASE r.source WHEN 'expiry' THEN '已过有效期' ELSE '外包装受潮' END, '[]', r.state,
       w.key, w.label, r.at,
       CASE WHEN r.state <> 'reported' THEN q.key END, CASE WHEN r.state <> 'reported' THEN q.label END,
       CASE WHEN r.state <> 'reported' THEN r.at END,
       CASE r.state WHEN 'reported' THEN '' WHEN 'released' THEN '仅外箱受潮，内包装完好'
            ELSE '按规定销毁' END,
       CASE r.state WHEN 'destroyed' THEN w.key END, CASE r.state WHEN 'destroyed' THEN w.label END,
       CASE r.state WHEN 'destroyed' THEN r.at END
  FROM reported r JOIN warehouse_staff w ON w.name = 'warehouse' JOIN warehouse_staff q ON q.name = 'quality'
 ORDER BY r.place;
SELECT pg_temp.move_units(r.warehouse_id, r.lot_id, -r.units, r.units, 'quarantine', r.number, w.key, r.at)
  FROM reported r JOIN warehouse_staff w ON w.name = 'warehouse' WHERE r.source = 'by_hand';
SELECT pg_temp.move_units(r.warehouse_id, r.lot_id, r.units, -r.units, 'quarantine', r.number, q.key, r.at)
  FROM reported r JOIN warehouse_staff q ON q.name = 'quality' WHERE r.state = 'released';
SELECT pg_temp.move_units(r.warehouse_id, r.lot_id, 0, -r.units, 'scrap', r.number, w.key, r.at)
  FROM reported r JOIN warehouse_staff w ON w.name = 'warehouse' WHERE r.state = 'destroyed';
"""

_AUDIT = """
INSERT INTO audit_event (at, actor, actor_label, action, subject_kind, subject)
SELECT made_at, made_by, made_by_label, 'transfer:made', 'transfer', number FROM stock_transfer
 UNION ALL SELECT dispatched_at, dispatched_by, dispatched_by_label, 'transfer:dispatched', 'transfer', number
  FROM stock_transfer WHERE dispatched_at IS NOT NULL
 UNION ALL SELECT received_at, received_by, received_by_label, 'transfer:received', 'transfer', number
  FROM stock_transfer WHERE received_at IS NOT NULL
 UNION ALL SELECT opened_at, opened_by, opened_by_label, 'count:opened', 'count', number FROM stock_count
 UNION ALL SELECT submitted_at, submitted_by, submitted_by_label, 'count:submitted', 'count', number
  FROM stock_count WHERE submitted_at IS NOT NULL
 UNION ALL SELECT decided_at, decided_by, decided_by_label, 'count:approved', 'count', number
  FROM stock_count WHERE decided_at IS NOT NULL
 UNION ALL SELECT reported_at, reported_by, reported_by_label, 'nonconforming:reported', 'nonconforming',
                  number
  FROM nonconforming_report
 UNION ALL SELECT decided_at, decided_by, decided_by_label, 'nonconforming:decided', 'nonconforming', number
  FROM nonconforming_report WHERE decided_at IS NOT NULL
 UNION ALL SELECT witnessed_at, witnessed_by, witnessed_by_label, 'nonconforming:witnessed', 'nonconforming',
                  number
  FROM nonconforming_report WHERE witnessed_at IS NOT NULL
"""


def write_warehouse_work(connection: psycopg.Connection, scenario: Scenario) -> None:
    """Transfers, counts and reports in their states, with the movements that they stand for."""
    connection.execute(_TABLES, {"now": scenario.now, "spare": SPARE})
    for statements in (_TRANSFERS, _COUNTS, _REPORTS, _AUDIT):
        connection.execute(statements)
    connection.execute("DROP TABLE warehouse_staff, work_moment, spare, sent, counted, spoilt, reported")


PART = Part("warehouse work", write=write_warehouse_work)
