"""What suppliers brought in the last weeks, and what they are still to bring.

The units come on top of what the past has in stock, so that its history stays as it is: to lots that are
saleable and long-lived, at levels for which nobody waits.
"""

from __future__ import annotations

from datetime import datetime, timedelta

import psycopg

from demo.scenario import Part, Scenario

RECEIPTS = 24
LINES = 3
OPEN_ORDERS = 6

_SUPPLIERS = """
INSERT INTO supplier (code, name, address, contact, licence_no) VALUES
 ('GYS-001', '苏州同泽医疗器械供应链有限公司', '江苏省苏州市工业园区星湖街示例路 18 号', '陆敏 0512-0000 0101', '苏苏食药监械经营许20250101号'),
 ('GYS-002', '深圳前岸医疗科技有限公司', '广东省深圳市南山区示例大道 6 号', '黄志远 0755-0000 0102', '粤深药监械经营许20250102号'),
 ('GYS-003', '武汉楚济医用耗材有限公司', '湖北省武汉市东湖新区示例三路 9 号', '余洁 027-0000 0103', '鄂汉药监械经营许20250103号'),
 ('GYS-004', '天津滨达医疗用品有限公司', '天津市滨海新区示例街 21 号', '韩冬 022-0000 0104', '津药监械经营许20250104号')
"""  # noqa: E501

# Every receipt is of one warehouse and has three lots; every eighth of them waits, every sixth was refused in
# part, one as a whole. None is of cold goods, which would each need a record of its transport.
_ARRIVED = """
CREATE TEMPORARY TABLE arrived AS
WITH fit AS (
  SELECT k.warehouse_id, k.lot_id, k.product_id, p.pack_multiple,
         row_number() OVER (PARTITION BY k.warehouse_id ORDER BY md5(k.lot_id::text)) AS place
    FROM lot_stock k
    JOIN product p ON p.id = k.product_id AND p.state = 'active' AND NOT p.serial_controlled
     AND p.lot_controlled AND (p.storage_max IS NULL OR p.storage_max > 8)
    JOIN stock_level s ON (s.warehouse_id, s.product_id) = (k.warehouse_id, k.product_id)
     AND s.backordered = 0
   WHERE k.state = 'saleable' AND k.on_hand > 0
     AND (k.expires_on IS NULL OR k.expires_on > CAST(%(now)s AS date) + 200)
), grouped AS (
  SELECT f.*, w.rank + (f.place - 1) / %(lines)s * w.warehouses AS n,
         (f.place - 1) %% %(lines)s + 1 AS line_no
    FROM fit f
    JOIN (SELECT id, row_number() OVER (ORDER BY id) AS rank, count(*) OVER () AS warehouses
            FROM warehouse) w
      ON w.id = f.warehouse_id
), sized AS (
  SELECT n, line_no, warehouse_id, lot_id, product_id,
         pack_multiple * (4 + (n * 7 + line_no * 3) %% 9) AS quantity,
         date_trunc('day', %(now)s) - n * interval '22 hours' + interval '2 hours' AS received_at,
         CASE WHEN n IN (1, 2, 8) THEN 'inspecting' WHEN n = 5 THEN 'refused'
              WHEN n %% 6 = 3 THEN 'partly_refused' ELSE 'accepted' END AS state
    FROM grouped WHERE n <= %(receipts)s
)
SELECT n, line_no, warehouse_id, lot_id, product_id, quantity, received_at, state,
       CASE WHEN state = 'inspecting' THEN quantity ELSE 0 END AS inspecting,
       CASE state WHEN 'refused' THEN quantity
                  WHEN 'partly_refused' THEN CASE line_no WHEN 1 THEN greatest(quantity / 4, 1) ELSE 0 END
                  ELSE 0 END AS refused
  FROM sized
"""

_RECEIPTS = """
INSERT INTO purchase_order (number, supplier_id, warehouse_id, expected_on, state, changed_at)
SELECT 'PO-2026-' || 5100 - a.n, (a.n %% 4) + 1, a.warehouse_id, a.received_at::date,
       CASE WHEN a.n %% 5 = 2 THEN 'partly_received' ELSE 'received' END, a.received_at - interval '12 days'
  FROM (SELECT DISTINCT n, warehouse_id, received_at FROM arrived) a ORDER BY a.n;
INSERT INTO purchase_order_line (purchase_order_id, product_id, quantity, received)
SELECT o.id, a.product_id, sum(a.quantity) + CASE WHEN a.n %% 5 = 2 THEN 10 ELSE 0 END, sum(a.quantity)
  FROM arrived a JOIN purchase_order o ON o.number = 'PO-2026-' || 5100 - a.n
 GROUP BY o.id, a.product_id, a.n;
INSERT INTO goods_receipt (number, warehouse_id, reference, supplier_id, purchase_order_id, state,
                           received_at, received_by, received_by_label)
SELECT pg_temp.document_number('GR', a.received_at::date, a.n), a.warehouse_id, 'SH-' || 880200 + a.n,
       o.supplier_id, o.id, a.state, a.received_at, s.key, s.label
  FROM (SELECT DISTINCT n, warehouse_id, received_at, state FROM arrived) a
  JOIN purchase_order o ON o.number = 'PO-2026-' || 5100 - a.n
  JOIN staff s ON s.desk = 'warehouse'
 ORDER BY a.received_at;
INSERT INTO goods_receipt_line (receipt_id, line_no, product_id, lot_id, quantity, inspecting, accepted,
                                refused)
SELECT g.id, a.line_no, a.product_id, a.lot_id, a.quantity, a.inspecting,
       a.quantity - a.inspecting - a.refused, a.refused
  FROM arrived a
  JOIN goods_receipt g ON g.number = pg_temp.document_number('GR', a.received_at::date, a.n);
"""

_MOVED = """
INSERT INTO stock_movement (at, warehouse_id, product_id, lot_id, kind, on_hand_delta, inspecting_delta,
                            quarantined_delta, document, actor)
SELECT at, warehouse_id, product_id, lot_id, kind, on_hand, inspecting, quarantined, number, actor
  FROM (
    SELECT a.received_at AS at, 1 AS place, a.warehouse_id, a.product_id, a.lot_id, 'receipt' AS kind,
           0 AS on_hand, a.quantity AS inspecting, 0 AS quarantined, g.number, g.received_by AS actor
      FROM arrived a
      JOIN goods_receipt g ON g.number = pg_temp.document_number('GR', a.received_at::date, a.n)
    UNION ALL
    SELECT a.received_at + interval '3 hours', 2, a.warehouse_id, a.product_id, a.lot_id, 'inspection',
           a.quantity - a.refused, -a.quantity, a.refused, g.number, s.key
      FROM arrived a
      JOIN goods_receipt g ON g.number = pg_temp.document_number('GR', a.received_at::date, a.n)
      JOIN staff s ON s.desk = 'quality'
     WHERE a.state <> 'inspecting') m
 ORDER BY at, place, number, lot_id;
UPDATE lot_stock k
   SET on_hand = k.on_hand + a.quantity - a.inspecting - a.refused, inspecting = k.inspecting + a.inspecting,
       quarantined = k.quarantined + a.refused,
       location = chr(64 + a.line_no::int) || '-' || lpad(a.n::text, 2, '0') || '-' || a.line_no
  FROM arrived a WHERE (k.warehouse_id, k.lot_id) = (a.warehouse_id, a.lot_id);
UPDATE stock_level s SET on_hand = s.on_hand + a.units
  FROM (SELECT warehouse_id, product_id, sum(quantity - inspecting - refused) AS units
          FROM arrived GROUP BY warehouse_id, product_id) a
 WHERE (s.warehouse_id, s.product_id) = (a.warehouse_id, a.product_id);
"""

_RECORDS = """
INSERT INTO acceptance_record (
       at, actor, actor_label, receipt_id, line_no, product_id, sku, udi_di, name_zh, name_en, specification,
       unit, registrant, contract_maker, contract_maker_licence, registration_no, lot_no, serials,
       produced_on, expires_on, arrived, accepted, refused, refused_serials, fault, supplier,
       supplier_address, supplier_contact, supplier_licence)
SELECT a.received_at + interval '3 hours', s.key, s.label, g.id, a.line_no, p.id, p.sku, p.udi_di, p.name_zh,
       p.name_en, p.specification, p.unit, p.maker, '', '', p.registration_no, t.lot_no, '{}', t.produced_on,
       t.expires_on, a.quantity, a.quantity - a.refused, a.refused, '{}',
       CASE WHEN a.refused > 0 THEN '外包装破损' ELSE '' END, u.name, u.address, u.contact,
       u.licence_no
  FROM arrived a
  JOIN goods_receipt g ON g.number = pg_temp.document_number('GR', a.received_at::date, a.n)
  JOIN supplier u ON u.id = g.supplier_id
  JOIN product p ON p.id = a.product_id
  JOIN lot t ON t.id = a.lot_id
  JOIN staff s ON s.desk = 'quality'
 WHERE a.state <> 'inspecting'
 ORDER BY a.received_at, a.line_no;
INSERT INTO audit_event (at, actor, actor_label, action, subject_kind, subject, after)
SELECT g.received_at, g.received_by, g.received_by_label, 'goods:received', 'goods', g.number,
       jsonb_build_object('warehouse', w.code, 'reference', g.reference)
  FROM goods_receipt g JOIN warehouse w ON w.id = g.warehouse_id
UNION ALL
SELECT g.received_at + interval '3 hours', s.key, s.label, 'goods:inspected', 'goods', g.number,
       jsonb_build_object('state', g.state)
  FROM goods_receipt g JOIN staff s ON s.desk = 'quality' WHERE g.state <> 'inspecting'
 ORDER BY 1;
"""

_OPEN = """
INSERT INTO purchase_order (number, supplier_id, warehouse_id, expected_on, state, changed_at)
SELECT 'PO-2026-' || 5200 + n, (n %% 4) + 1, w.id, CAST(%(now)s AS date) + 3 * n::int, 'open',
       %(now)s - n * interval '1 day'
  FROM generate_series(1, %(orders)s) AS n
  JOIN (SELECT id, row_number() OVER (ORDER BY id) AS rank FROM warehouse) w ON w.rank = (n - 1) %% 6 + 1;
INSERT INTO purchase_order_line (purchase_order_id, product_id, quantity)
SELECT o.id, l.product_id, l.units
  FROM purchase_order o
  CROSS JOIN LATERAL (
    SELECT s.product_id, p.pack_multiple * 12 AS units
      FROM stock_level s JOIN product p ON p.id = s.product_id AND p.state = 'active'
     WHERE s.warehouse_id = o.warehouse_id ORDER BY md5(o.number || p.sku) LIMIT 4) l
 WHERE o.state = 'open';
"""


def write_receipts(connection: psycopg.Connection, scenario: Scenario) -> None:
    """Suppliers, purchase orders, receipts in every state with their records, and the movements they made."""
    now: datetime = scenario.now - timedelta(hours=1)
    connection.execute(_SUPPLIERS)
    connection.execute(_ARRIVED, {"now": now, "lines": LINES, "receipts": RECEIPTS})
    for statement in (_RECEIPTS, _MOVED, _RECORDS):
        connection.execute(statement.replace("%%", "%"))
    for statement in _OPEN.split(";\n")[:-1]:
        connection.execute(statement, {"now": now, "orders": OPEN_ORDERS})
    connection.execute("DROP TABLE arrived")


PART = Part("receiving", write=write_receipts)
