"""Devices that were in hospitals before there was a portal: as the dealers' lists of them were imported."""

from __future__ import annotations

import psycopg

from demo.scenario import Scenario

OF_A_DEALER = 15
"""On average; the large ones have more."""

_IMPORTED = """
CREATE TEMPORARY TABLE installed_before AS
SELECT n AS place, 1 + (n * (n %% 97 + 1) / 5) %% %(dealers)s AS dealer_id,
       (n * 7919) %% (SELECT count(*) FROM product WHERE serial_controlled) AS pick,
       %(today)s::date - (140 + (n * 6151) %% 1300)::integer AS installed_on
  FROM generate_series(1, %(count)s) AS n;
INSERT INTO device (dealer_id, number, product_id, serial, produced_on, source, held_from, state, hospital,
                    hospital_level, hospital_city, department, installed_on, installed_by, warranty_from,
                    warranty_to, uses)
SELECT b.dealer_id, pg_temp.document_number('DV', %(today)s::date - 120, 8000000 + b.place), p.id,
       'IB' || to_char(b.installed_on, 'YYMM') || lpad(b.place::text, 5, '0'), b.installed_on - 75,
       'import', %(now)s - interval '120 days',
       CASE WHEN b.place %% 61 = 0 THEN 'in_repair' WHEN b.place %% 43 = 0 THEN 'retired'
            ELSE 'installed' END,
       replace(d.city, '市', '') || (ARRAY['市第一人民医院', '市中心医院', '大学附属医院', '市中医院',
         '市妇幼保健院', '市第三医院', '区人民医院'])[1 + b.place %% 7],
       (ARRAY['3a', '3a', '3a', '3b', '2a', '2a', '2b'])[1 + b.place %% 7], replace(d.city, '市', ''),
       (ARRAY['手术室', '内镜中心', '检验科', '眼科', '口腔科', '妇产科', '急诊科',
         '康复科'])[1 + b.place %% 8],
       b.installed_on, '厂家工程师', b.installed_on,
       (b.installed_on + CASE WHEN EXISTS (
          SELECT FROM device_line l WHERE starts_with(p.category_code, l.code))
          THEN interval '24 months' ELSE interval '12 months' END)::date,
       (b.place * 37 %% 900)::integer
  FROM installed_before b
  JOIN dealer d ON d.id = b.dealer_id
  JOIN (SELECT id, category_code, row_number() OVER (ORDER BY sku) - 1 AS pick FROM product
         WHERE serial_controlled) p USING (pick)
 ORDER BY b.place;
INSERT INTO device_event (dealer_id, device_id, kind, at, text, by_label)
SELECT d.dealer_id, d.id, 'imported', d.held_from, '', q.label
  FROM device d JOIN staff q ON q.desk = 'quality' WHERE d.source = 'import' ORDER BY d.id;
DROP TABLE installed_before;
"""


def import_installed_base(connection: psycopg.Connection, scenario: Scenario) -> None:
    """Some of each dealer of the small demonstration: installed up to four years ago."""
    dealers = len(scenario.dealers)
    about = {"now": scenario.now, "today": scenario.today, "dealers": dealers, "count": dealers * OF_A_DEALER}
    psycopg.ClientCursor(connection).execute(_IMPORTED, about)
