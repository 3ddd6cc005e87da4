"""The audit of the past: one event for every act, as the portal would have written it."""

from __future__ import annotations

import psycopg

_EVENT = (
    "INSERT INTO audit_event (at, actor, actor_label, dealer_id, action, subject_kind, subject, before,"
    " after, reason)"
)

_ORDERS = f"""
{_EVENT}
SELECT * FROM (
  SELECT o.placed_at AS at, o.placed_by, o.placed_by_label, o.dealer_id, 'order:placed', 'order', o.number,
         NULL::jsonb,
         CASE WHEN o.holds && '{{credit,terms}}'
              THEN jsonb_build_object('status', 'on_hold', 'total', o.total::text, 'holds', o.holds)
              ELSE jsonb_build_object(
                     'status', CASE WHEN o.status = 'backordered' THEN o.status ELSE 'confirmed' END,
                     'total', o.total::text, 'holds', '[]'::jsonb)
          END,
         NULL::text
    FROM sales_order o
  UNION ALL
  SELECT (v.entry #>> '{{params,at}}')::timestamptz, s.key, s.label, o.dealer_id, 'order:held', 'order',
         o.number, '{{"status": "confirmed", "holds": []}}',
         jsonb_build_object('status', 'on_hold', 'holds', o.holds), v.entry #>> '{{params,why}}'
    FROM sales_order o
   CROSS JOIN jsonb_array_elements(o.verdict) v(entry)
    JOIN staff s ON s.desk = 'orders'
   WHERE v.entry ->> 'code' = 'by_hand'
  UNION ALL
  SELECT r.proposed_at, r.proposed_by, r.proposed_by_label, r.dealer_id, 'order:release_proposed', 'order',
         o.number, NULL, jsonb_build_object('holds', r.holds, 'amount', r.amount::text), r.reason
    FROM release_proposal r JOIN sales_order o ON (o.dealer_id, o.id) = (r.dealer_id, r.order_id)
  UNION ALL
  SELECT o.cancelled_at, o.placed_by, o.placed_by_label, o.dealer_id, 'order:cancelled', 'order', o.number,
         '{{"status": "confirmed", "holds": []}}',
         jsonb_build_object('status', 'cancelled', 'amount', o.total::text), o.cancel_reason
    FROM sales_order o WHERE o.status = 'cancelled'
  UNION ALL
  SELECT h.picked_at, s.key, s.label, h.dealer_id, 'shipment:picked', 'shipment', h.number, NULL,
         jsonb_build_object('order', o.number), NULL
    FROM shipment h JOIN sales_order o ON (o.dealer_id, o.id) = (h.dealer_id, h.order_id)
    JOIN staff s ON s.desk = 'warehouse'
  UNION ALL
  SELECT h.shipped_at, s.key, s.label, h.dealer_id, 'shipment:shipped', 'shipment', h.number,
         '{{"order_status": "picking"}}',
         jsonb_build_object(
           'order', o.number,
           'order_status', CASE o.status WHEN 'partially_shipped' THEN o.status ELSE 'shipped' END,
           'carrier', h.carrier, 'tracking_no', h.tracking_no, 'invoice', i.number), NULL
    FROM shipment h
    JOIN sales_order o ON (o.dealer_id, o.id) = (h.dealer_id, h.order_id)
    JOIN invoice i ON (i.dealer_id, i.id) = (h.dealer_id, h.id)
    JOIN staff s ON s.desk = 'warehouse'
  UNION ALL
  SELECT h.received_at, p.buyer, p.buyer_label, h.dealer_id, 'shipment:received', 'shipment', h.number,
         '{{"order_status": "shipped"}}', jsonb_build_object('order', o.number, 'order_status', 'received'),
         NULL
    FROM shipment h JOIN sales_order o ON (o.dealer_id, o.id) = (h.dealer_id, h.order_id)
    JOIN party p ON p.dealer_id = h.dealer_id
   WHERE h.status = 'received'
  UNION ALL
  SELECT e.posted_at, s.key, s.label, e.dealer_id, e.kind || ':posted', e.kind, e.document_no, NULL,
         jsonb_build_object('reference', e.reference, 'amount', e.receivable::text,
                            'period', to_char(e.occurred_on, 'YYYY-MM')),
         NULL
    FROM past_entry e JOIN staff s USING (desk)
) acts ORDER BY at
"""

_OFFICE = f"""
{_EVENT}
SELECT * FROM (
  SELECT p.published_at AS at, 'user:' || u.id, u.display_name, NULL::bigint, 'policy:published', 'policy',
         p.id::text, NULL::jsonb,
         jsonb_build_object('number', p.number, 'version', p.version, 'valid_from', p.valid_from), NULL::text
    FROM price_policy p JOIN user_account u ON u.id = p.published_by
  UNION ALL
  SELECT a.closing_at, s.key, s.label, NULL, 'period:closing', 'period', a.period, NULL,
         jsonb_build_object('dealers', (SELECT count(*) FROM dealer)), NULL
    FROM accounting_period a JOIN staff s ON s.desk = 'finance' WHERE a.state = 'closed'
  UNION ALL
  SELECT s.issued_at, 'system', 'system', s.dealer_id, 'statement:issued', 'statement', s.number, NULL,
         jsonb_build_object('period', s.period, 'closing', s.closing::text), NULL
    FROM statement s
  UNION ALL
  SELECT a.closed_at, 'system', 'system', NULL, 'period:closed', 'period', a.period, NULL, NULL, NULL
    FROM accounting_period a WHERE a.state = 'closed'
) acts ORDER BY at
"""


def write_audit(connection: psycopg.Connection) -> None:
    """Append the events in order of time."""
    connection.execute(_ORDERS)
    connection.execute(_OFFICE)
