"""Devices: every unit that a dealer has, most of them installed, with warranties and maintenance.

What follows from shipments is made as the portal makes it; hospitals, people and days are invented.
"""

from __future__ import annotations

from datetime import timedelta

import psycopg

from demo.scenario import Part, Scenario

# A rule for everything and a longer one for the first product line that has devices.
_RULES = """
CREATE TEMPORARY TABLE device_line AS
SELECT p.category_code AS code, count(*) AS units FROM serial_unit u JOIN product p ON p.id = u.product_id
 WHERE u.state = 'shipped' GROUP BY 1 ORDER BY 2 DESC, 1 LIMIT 2;
INSERT INTO warranty_rule (product_id, category_code, months, starts, latest_months, valid_from, reason,
                           made_at, made_by, made_by_label)
SELECT NULL, r.code, r.months, r.starts, r.latest, DATE '2020-01-01', r.reason, %(begun)s, q.key, q.label
  FROM (SELECT NULL::text AS code, 12 AS months, 'installation' AS starts, 3 AS latest,
               '总部通用保修政策' AS reason
         UNION ALL SELECT code, 24, 'shipment', 0, '产品线延长保修' FROM device_line) r
  JOIN staff q ON q.desk = 'quality' ORDER BY r.code NULLS FIRST;
"""

# By the installation, at the latest three months after shipment; the lines with a rule of their own by that.
_DEVICES = """
CREATE TEMPORARY TABLE device_sent AS
SELECT row_number() OVER (ORDER BY s.shipped_at DESC, u.product_id, u.serial)::integer AS place, u.dealer_id,
       u.product_id, u.serial, t.lot_no, t.produced_on, t.expires_on, s.number AS shipment_no, s.shipped_on,
       s.shipped_at, s.received_at, p.category_code,
       EXISTS (SELECT FROM device_line l WHERE starts_with(p.category_code, l.code)) AS longer
  FROM serial_unit u
  JOIN shipment s ON s.dealer_id = u.dealer_id AND s.number = u.document
  JOIN lot t ON t.id = u.lot_id
  JOIN product p ON p.id = u.product_id
 WHERE u.state = 'shipped';
CREATE TEMPORARY TABLE device_made AS
SELECT d.*, CASE WHEN d.received_at IS NOT NULL AND d.place %% 7 <> 0
                 THEN least(d.shipped_on + 5 + d.place %% 40, %(today)s::date) END AS installed_on
  FROM device_sent d;
INSERT INTO device (dealer_id, number, product_id, serial, lot_no, produced_on, expires_on, source,
                    shipment_no, shipped_on, held_from, state, hospital, hospital_level, hospital_city,
                    department, installed_on, installed_by, accepted_on, accepted_by, warranty_from,
                    warranty_to)
SELECT m.dealer_id, pg_temp.document_number('DV', m.shipped_on, m.place), m.product_id, m.serial, m.lot_no,
       m.produced_on, m.expires_on, 'shipping', m.shipment_no, m.shipped_on, m.shipped_at,
       CASE WHEN m.installed_on IS NULL THEN 'shipped' WHEN m.place %% 53 = 0 THEN 'in_repair'
            WHEN m.place %% 97 = 0 THEN 'retired' ELSE 'installed' END,
       CASE WHEN m.installed_on IS NULL THEN '' ELSE (ARRAY['市第一人民医院', '市中心医院', '仁济示范医院',
            '康宁医院', '妇幼保健院', '中医医院', '第二人民医院', '示范社区医院'])[1 + m.place %% 8] END,
       CASE WHEN m.installed_on IS NULL THEN '' ELSE (ARRAY['3a', '3a', '3a', '2a', '3b', '2a', '2b', '1'])
            [1 + m.place %% 8] END,
       CASE WHEN m.installed_on IS NULL THEN '' ELSE replace(a.city, '市', '') END,
       CASE WHEN m.installed_on IS NULL THEN '' ELSE (ARRAY['心内科', '手术室', '重症医学科', '急诊科',
            '检验科'])[1 + m.place %% 5] END,
       m.installed_on, CASE WHEN m.installed_on IS NULL THEN '' ELSE '工程师 赵磊' END,
       m.installed_on, CASE WHEN m.installed_on IS NULL THEN '' ELSE '设备科 孙静' END, w.first,
       (w.first + CASE WHEN m.longer THEN interval '24 months' ELSE interval '12 months' END)::date
  FROM device_made m
  JOIN LATERAL (SELECT city FROM dealer d WHERE d.id = m.dealer_id) a ON true
 CROSS JOIN LATERAL (SELECT CASE WHEN m.longer THEN m.shipped_on
                                 ELSE least(m.installed_on, (m.shipped_on + interval '3 months')::date)
                            END AS first) w
 ORDER BY m.place;
INSERT INTO installation_report (dealer_id, number, device_id, hospital, hospital_level, hospital_city,
                                 department, installed_on, installed_by, accepted_on, accepted_by, filed_at,
                                 filed_by, filed_by_label)
SELECT d.dealer_id, pg_temp.document_number('DI', d.installed_on, d.id), d.id, d.hospital, d.hospital_level,
       d.hospital_city, d.department, d.installed_on, d.installed_by, d.accepted_on, d.accepted_by,
       least(%(now)s, d.installed_on + interval '10 hours'), p.buyer, p.buyer_label
  FROM device d JOIN party p ON p.dealer_id = d.dealer_id WHERE d.installed_on IS NOT NULL ORDER BY d.id;
INSERT INTO device_event (dealer_id, device_id, kind, at, document_no, by_label)
SELECT dealer_id, device_id, 'installed', filed_at, number, filed_by_label FROM installation_report
 ORDER BY id;
INSERT INTO device_event (dealer_id, device_id, kind, at, text)
SELECT dealer_id, id, CASE state WHEN 'in_repair' THEN 'repair_begun' ELSE 'retired' END,
       least(%(now)s, installed_on + interval '30 days'),
       CASE state WHEN 'in_repair' THEN '开机自检报错' ELSE '科室更新设备' END
  FROM device WHERE state IN ('in_repair', 'retired') ORDER BY id;
INSERT INTO service_contract (dealer_id, device_id, contract_no, from_day, to_day, covers, entered_at,
                              entered_by_label)
SELECT d.dealer_id, d.id, 'FW-' || to_char(d.warranty_to, 'YYYY') || '-' || d.id, d.warranty_to + 1,
       (d.warranty_to + interval '1 year')::date, '人工与备件，48 小时到场',
       least(%(now)s, d.held_from + interval '60 days'), q.label
  FROM device d JOIN staff q ON q.desk = 'quality'
 WHERE d.state = 'installed' AND d.id %% 11 = 0 ORDER BY d.id;
UPDATE device d SET contract_to = c.to_day FROM service_contract c
 WHERE (c.dealer_id, c.device_id) = (d.dealer_id, d.id);
INSERT INTO device_part (dealer_id, device_id, replaced_on, part, quantity, entered_at, entered_by_label)
SELECT d.dealer_id, d.id, least(%(today)s::date, d.installed_on + 45), '电池组 BP-2', 1,
       least(%(now)s, d.installed_on + interval '46 days'), '工程师 赵磊'
  FROM device d WHERE d.state = 'installed' AND d.id %% 13 = 0 ORDER BY d.id;
INSERT INTO device_event (dealer_id, device_id, kind, at, text, by_label)
SELECT dealer_id, device_id, 'part_replaced', entered_at, part, entered_by_label FROM device_part
 ORDER BY id;
"""

# Half-yearly for the lines that have devices: what lies in the past was done, what follows is due.
_MAINTENANCE = """
INSERT INTO maintenance_plan (code, name_zh, name_en, category_code, every_months, counts_from, items, parts,
                              voids_warranty, edited_at, edited_by_label)
SELECT 'PM-' || l.code, '半年保养', 'Half-yearly service', l.code, 6, 'due',
       '[{"zh": "外观与线缆", "en": "Housing and cables", "unit": ""},
         {"zh": "漏电流", "en": "Leakage current", "unit": "µA"},
         {"zh": "报警功能", "en": "Alarms", "unit": ""}]'::jsonb, '["密封圈", "过滤器"]'::jsonb, true,
       %(begun)s, q.label
  FROM device_line l JOIN staff q ON q.desk = 'quality' ORDER BY l.code;
CREATE TEMPORARY TABLE device_service AS
SELECT d.dealer_id, d.id AS device_id, n.id AS plan_id, n.items, k,
       (d.installed_on + k * interval '6 months')::date AS due_on, (d.id * 8 + n.id) * 20 + k AS key
  FROM device d
  JOIN product p ON p.id = d.product_id
  JOIN maintenance_plan n ON p.category_code LIKE n.category_code || '%%'
 CROSS JOIN LATERAL generate_series(1, 12) AS k
 WHERE d.state IN ('installed', 'in_repair')
   AND (d.installed_on + (k - 1) * interval '6 months')::date + (d.id %% 9)::integer <= %(today)s::date;
INSERT INTO maintenance (dealer_id, number, device_id, plan_id, due_on, state, done_on, done_by, findings,
                         uses_at, filed_at, filed_by, filed_by_label)
SELECT s.dealer_id, pg_temp.document_number('MT', s.due_on, s.key), s.device_id, s.plan_id, s.due_on,
       CASE WHEN s.is_last THEN 'due' ELSE 'done' END,
       CASE WHEN NOT s.is_last THEN s.due_on + (s.device_id %% 9)::integer END,
       CASE WHEN s.is_last THEN '' ELSE '工程师 赵磊' END,
       CASE WHEN s.is_last THEN '[]'::jsonb ELSE
         (SELECT jsonb_agg(i || jsonb_build_object('result', 'good', 'reading',
                           CASE i->>'unit' WHEN '' THEN '' ELSE '48' END))
            FROM jsonb_array_elements(s.items) i) END,
       CASE WHEN NOT s.is_last THEN 0 END,
       CASE WHEN NOT s.is_last
            THEN least(%(now)s, s.due_on + (s.device_id %% 9)::integer + interval '10 hours') END,
       CASE WHEN NOT s.is_last THEN p.buyer END, CASE WHEN NOT s.is_last THEN p.buyer_label END
  FROM (SELECT *, k = max(k) OVER (PARTITION BY dealer_id, device_id, plan_id) AS is_last
          FROM device_service) s
  JOIN party p ON p.dealer_id = s.dealer_id ORDER BY s.due_on, s.key;
INSERT INTO device_event (dealer_id, device_id, kind, at, document_no, by_label)
SELECT dealer_id, device_id, 'maintained', filed_at, number, filed_by_label FROM maintenance
 WHERE state = 'done' ORDER BY id;
DROP TABLE device_line, device_sent, device_made, device_service;
"""


def write_devices(connection: psycopg.Connection, scenario: Scenario) -> None:
    """Devices of all units that are with dealers, and what became of them."""
    now = scenario.now
    about = {"now": now, "today": now.date(), "begun": now - timedelta(days=400)}
    for statements in (_RULES, _DEVICES, _MAINTENANCE):
        psycopg.ClientCursor(connection).execute(statements, about)


PART = Part("devices", write=write_devices)
