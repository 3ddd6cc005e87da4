"""Two dealers that report: a count of lots, then what they sold since, with lines that cannot be true."""

from __future__ import annotations

from datetime import timedelta

import psycopg

from demo.scenario import Part, Scenario

DEALERS = 2
LOTS = 24

# Of each lot half was there at the count, and a third of that has been sold since.
_WRITE = """
CREATE TEMPORARY TABLE dealer_shelf AS
SELECT b.*, row_number() OVER (PARTITION BY dealer_id ORDER BY received_at DESC, lot_id) AS place
  FROM (SELECT l.dealer_id, l.lot_id, l.product_id, p.sku, l.lot_no, max(s.received_at) AS received_at,
               sum(l.quantity - l.returned)::int AS units
          FROM shipment s
          JOIN shipment_line l ON (l.dealer_id, l.shipment_id) = (s.dealer_id, s.id)
          JOIN product p ON p.id = l.product_id
         WHERE s.status = 'received' AND s.dealer_id <= %(dealers)s AND s.received_at < %(counted)s
         GROUP BY l.dealer_id, l.lot_id, l.product_id, p.sku, l.lot_no
        HAVING sum(l.quantity - l.returned) > 5) b;
DELETE FROM dealer_shelf WHERE place > %(lots)s;
INSERT INTO inventory_report (dealer_id, number, as_of, source, reported_at, reported_by, reported_by_label)
SELECT d.dealer_id, pg_temp.document_number('IR', app_day(r.at), (d.dealer_id * 2 + r.place)::int),
       app_day(r.at), r.source, r.at, p.buyer, p.buyer_label
  FROM (SELECT DISTINCT dealer_id FROM dealer_shelf) d
  JOIN party p ON p.dealer_id = d.dealer_id
 CROSS JOIN (VALUES (0, %(counted)s::timestamptz, 'file'), (1, %(sold)s::timestamptz, 'scan'))
         AS r(place, at, source)
 ORDER BY r.at, d.dealer_id;
INSERT INTO inventory_report_line (dealer_id, report_id, line_no, kind, sku, lot_no, product_id, lot_id,
                                   quantity, day, change)
SELECT s.dealer_id, r.id, s.place, 'stock', s.sku, s.lot_no, s.product_id, s.lot_id, s.units / 2, r.as_of,
       s.units / 2 - s.units
  FROM dealer_shelf s JOIN inventory_report r ON r.dealer_id = s.dealer_id AND r.source = 'file';
INSERT INTO inventory_report_line (dealer_id, report_id, line_no, kind, sku, lot_no, product_id, lot_id,
                                   quantity, day, customer, change, finding)
SELECT s.dealer_id, r.id, s.place, 'sold', s.sku, s.lot_no, s.product_id, s.lot_id, t.units, r.as_of,
       (ARRAY['市第一人民医院', '市中心医院', '康复医院'])[1 + s.place %% 3], -t.units,
       CASE WHEN t.units > s.units / 2 THEN 'more_than_held' ELSE '' END
  FROM dealer_shelf s JOIN inventory_report r ON r.dealer_id = s.dealer_id AND r.source = 'scan'
 CROSS JOIN LATERAL (SELECT CASE WHEN s.place = 3 THEN s.units / 2 + 1
                                 ELSE greatest(1, s.units / 6) END AS units) t;
INSERT INTO inventory_report_line (dealer_id, report_id, line_no, kind, sku, lot_no, product_id, quantity,
                                   day, change, finding)
SELECT s.dealer_id, r.id, 1000, 'stock', s.sku, 'X-2401', s.product_id, 4, r.as_of, 0, 'not_bought'
  FROM dealer_shelf s JOIN inventory_report r ON r.dealer_id = s.dealer_id AND r.source = 'scan'
 WHERE s.place = 1;
INSERT INTO audit_event (at, actor, actor_label, dealer_id, action, subject_kind, subject, after)
SELECT r.reported_at, r.reported_by, r.reported_by_label, r.dealer_id, 'inventory:reported', 'inventory',
       r.number, jsonb_build_object('as_of', r.as_of, 'source', r.source, 'lines',
         (SELECT count(*) FROM inventory_report_line l
           WHERE (l.dealer_id, l.report_id) = (r.dealer_id, r.id)))
  FROM inventory_report r ORDER BY r.reported_at, r.dealer_id;
DROP TABLE dealer_shelf;
"""


def write_reports(connection: psycopg.Connection, scenario: Scenario) -> None:
    """A count ten days ago and a report of sell-out the day before yesterday, of each."""
    about = {
        "dealers": DEALERS,
        "lots": LOTS,
        "counted": scenario.now - timedelta(days=10),
        "sold": scenario.now - timedelta(days=2),
    }
    psycopg.ClientCursor(connection).execute(_WRITE, about)


PART = Part("dealerstock", write=write_reports)
