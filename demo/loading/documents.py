"""Orders, shipments, invoices and credit notes, derived from the facts. One parcel an order, one invoice a
parcel.

An order, its shipment and its invoice have the same key; credit notes follow behind the last of them.
"""

from __future__ import annotations

import psycopg

from portal.dealers.fragments import on_day, tier_of

# Who did it: a dealer's buyer or its system, and three people of headquarters.
_PARTIES = """
CREATE TEMPORARY TABLE party AS
SELECT d.id AS dealer_id, 'user:' || u.id AS buyer, u.display_name AS buyer_label,
       'client:' || c.id AS system, c.name AS system_label
  FROM dealer d
  JOIN user_account u ON u.dealer_id = d.id AND u.roles = '{dealer_buyer}'
  JOIN api_client c ON c.dealer_id = d.id;
CREATE TEMPORARY TABLE staff AS
SELECT split_part(email, '@', 1) AS desk, 'user:' || id AS key, display_name AS label FROM user_account
 WHERE dealer_id IS NULL;
ANALYZE party;
"""

_ORDERS = f"""
INSERT INTO sales_order (dealer_id, id, number, status, holds, purchase_order_no, channel, tier, region_id,
                         warehouse_id, ship_to, names, currency, total, tax, placed_at, placed_by,
                         placed_by_label, cancelled_at, cancel_reason, received_at)
SELECT o.dealer_id, o.id, pg_temp.document_number('SO', o.placed_at::date, o.id), o.status,
       CASE WHEN o.status = 'on_hold' THEN '{{credit}}'::text[] ELSE '{{}}' END,
       o.purchase_order_no, o.channel, dt.tier, dr.region_id, o.warehouse_id,
       jsonb_build_object('code', a.code, 'province', r.name_zh, 'city', a.city, 'line', a.line,
                          'contact', a.contact_name, 'phone', a.contact_phone),
       jsonb_build_object('dealer', jsonb_build_object('code', d.code, 'zh', d.name_zh, 'en', d.name_en),
                          'warehouse', jsonb_build_object('code', w.code, 'zh', w.name_zh, 'en', w.name_en)),
       'CNY', o.total, o.tax, o.placed_at,
       CASE o.channel WHEN 'portal' THEN p.buyer WHEN 'api' THEN p.system ELSE s.key END,
       CASE o.channel WHEN 'portal' THEN p.buyer_label WHEN 'api' THEN p.system_label ELSE s.label END,
       o.cancelled_at, CASE WHEN o.cancelled_at IS NOT NULL THEN '采购计划变更' END,
       CASE WHEN o.status = 'received' THEN o.received_at END
  FROM past_order o
  JOIN dealer d ON d.id = o.dealer_id
  {tier_of("d.id", "app_day(o.placed_at)")}
  JOIN dealer_region dr ON dr.dealer_id = d.id AND {on_day("dr", "app_day(o.placed_at)")}
  JOIN dealer_address a ON a.dealer_id = o.dealer_id AND a.code = o.address_code
  JOIN region r ON r.id = a.region_id
  JOIN warehouse w ON w.id = o.warehouse_id
  JOIN party p ON p.dealer_id = o.dealer_id
  JOIN staff s ON s.desk = 'orders'
 ORDER BY o.placed_at, o.id
"""

_ORDER_LINES = """
INSERT INTO order_line (dealer_id, order_id, line_no, product_id, sku, name_zh, name_en, specification, unit,
                        quantity, reserved, shipped, cancelled, returned, list_price, unit_price, tax_rate,
                        amount, tax, receipt)
SELECT o.dealer_id, o.id, l.line_no, l.product_id, p.sku, p.name_zh, p.name_en, p.specification, p.unit,
       l.quantity,
       CASE WHEN o.shipped_at IS NULL AND o.cancelled_at IS NULL THEN l.quantity ELSE 0 END,
       CASE WHEN o.shipped_at IS NOT NULL THEN l.quantity ELSE 0 END,
       CASE WHEN o.cancelled_at IS NOT NULL THEN l.quantity ELSE 0 END,
       coalesce(b.quantity, 0), l.list_price, l.unit_price, l.tax_rate, l.amount, l.tax, l.receipt
  FROM past_line l
  JOIN past_order o ON o.id = l.order_id
  JOIN product p ON p.id = l.product_id
  LEFT JOIN (SELECT order_id, line_no, sum(quantity) AS quantity FROM past_return
              GROUP BY order_id, line_no) b
    ON (b.order_id, b.line_no) = (l.order_id, l.line_no)
"""

_SHIPMENTS = """
INSERT INTO shipment (dealer_id, id, number, order_id, warehouse_id, status, carrier, tracking_no, picked_at,
                      picked_by, shipped_at, shipped_on, shipped_by, received_at, received_by)
SELECT o.dealer_id, o.id, pg_temp.document_number('SH', o.picked_at::date, o.id), o.id, o.warehouse_id,
       o.status, o.carrier, o.tracking_no, o.picked_at, s.key, o.shipped_at, o.shipped_at::date,
       CASE WHEN o.shipped_at IS NOT NULL THEN s.key END,
       CASE WHEN o.status = 'received' THEN o.received_at END,
       CASE WHEN o.status = 'received' THEN p.buyer END
  FROM past_order o
  JOIN party p ON p.dealer_id = o.dealer_id
  JOIN staff s ON s.desk = 'warehouse'
 WHERE o.picked_at IS NOT NULL
 ORDER BY o.picked_at, o.id
"""

# A serial: the order's key, the line and a running number, in capital hexadecimal, so that no two units of a
# product share one.
_SHIPMENT_LINES = """
INSERT INTO shipment_line (dealer_id, shipment_id, line_no, lot_id, product_id, quantity, returned, lot_no,
                           expires_on, registration_no, serials)
SELECT o.dealer_id, o.id, u.line_no, u.lot_id, t.product_id, u.quantity, u.returned, t.lot_no, t.expires_on,
       p.registration_no,
       CASE WHEN p.serial_controlled AND o.shipped_at IS NOT NULL THEN ARRAY(
         SELECT upper(lpad(to_hex(o.id), 7, '0') || lpad(to_hex(u.line_no::integer), 3, '0'))
                  || lpad(n::text, 6, '0')
           FROM generate_series(1, u.quantity) n) ELSE '{}' END
  FROM (SELECT l.order_id, l.line_no, l.lot_id, l.quantity, coalesce(b.quantity, 0) AS returned
          FROM past_line l
          JOIN past_order s ON s.id = l.order_id AND s.shipped_at IS NOT NULL
          LEFT JOIN (SELECT order_id, line_no, sum(quantity) AS quantity FROM past_return
                      GROUP BY order_id, line_no) b
            ON (b.order_id, b.line_no) = (l.order_id, l.line_no)
        UNION ALL SELECT order_id, line_no, lot_id, quantity, 0 FROM picked_lot) u
  JOIN past_order o ON o.id = u.order_id
  JOIN lot t ON t.id = u.lot_id
  JOIN product p ON p.id = t.product_id
"""

_CREDIT_NOTES = """
CREATE TEMPORARY TABLE past_credit AS
SELECT (SELECT max(id) FROM past_order) + row_number() OVER (ORDER BY at, order_id) AS id, order_id, at,
       min(reason) AS reason, sum(amount) AS gross, sum(tax) AS tax
  FROM past_return GROUP BY order_id, at;
ANALYZE past_credit;
"""

_INVOICES = """
INSERT INTO invoice (dealer_id, id, number, kind, order_id, shipment_id, issued_on, due_on, net, tax, gross,
                     reason)
SELECT o.dealer_id, o.id, pg_temp.document_number('IN', o.shipped_at::date, o.id), 'invoice', o.id, o.id,
       o.shipped_at::date, o.shipped_at::date + d.payment_terms_days, o.total - o.tax, o.tax, o.total, ''
  FROM past_order o JOIN dealer d ON d.id = o.dealer_id
 WHERE o.shipped_at IS NOT NULL
 ORDER BY o.shipped_at, o.id;
INSERT INTO invoice (dealer_id, id, number, kind, order_id, shipment_id, issued_on, due_on, net, tax, gross,
                     reason)
SELECT o.dealer_id, c.id, pg_temp.document_number('CN', c.at::date, c.id), 'credit_note', o.id, o.id,
       c.at::date, c.at::date, c.tax - c.gross, -c.tax, -c.gross, c.reason
  FROM past_credit c JOIN past_order o ON o.id = c.order_id
 ORDER BY c.id
"""

_INVOICE_LINES = """
INSERT INTO invoice_line (dealer_id, invoice_id, line_no, order_line_no, product_id, quantity, unit_price,
                          amount, tax_rate, tax)
SELECT o.dealer_id, o.id, l.line_no, l.line_no, l.product_id, l.quantity, l.unit_price, l.amount, l.tax_rate,
       l.tax
  FROM past_order o JOIN past_line l ON l.order_id = o.id
 WHERE o.shipped_at IS NOT NULL;
INSERT INTO invoice_line (dealer_id, invoice_id, line_no, order_line_no, product_id, quantity, unit_price,
                          amount, tax_rate, tax)
SELECT o.dealer_id, c.id, b.line_no, b.line_no, l.product_id, -b.quantity, l.unit_price, -b.amount,
       l.tax_rate, -b.tax
  FROM past_return b
  JOIN past_credit c ON (c.order_id, c.at) = (b.order_id, b.at)
  JOIN past_order o ON o.id = b.order_id
  JOIN past_line l ON (l.order_id, l.line_no) = (b.order_id, b.line_no)
"""


def write_orders(connection: psycopg.Connection) -> None:
    """Orders with their lines."""
    for statement in (_PARTIES, _ORDERS, _ORDER_LINES):
        connection.execute(statement)


def write_shipments(connection: psycopg.Connection) -> None:
    """Parcels: those that left, and those that are being picked."""
    connection.execute(_SHIPMENTS)
    connection.execute(_SHIPMENT_LINES)


def write_invoices(connection: psycopg.Connection) -> None:
    """What was billed, and what was credited of it."""
    for statement in (_CREDIT_NOTES, _INVOICES, _INVOICE_LINES):
        connection.execute(statement)
