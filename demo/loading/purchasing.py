"""What the first dealers keep beside their orders: templates, drafts, orders to approve, recurring orders.

Made from their latest orders: a template from what was ordered last, a draft and an order to approve from the
two before it.
"""

from __future__ import annotations

import psycopg

from demo.scenario import Part, Scenario
from demo.world.business_days import local_date
from demo.world.network import FULLY_STAFFED
from portal.purchasing.rules import Rhythm, next_date

_LATEST = """
CREATE TEMPORARY TABLE latest_order AS
SELECT o.* FROM (SELECT o.dealer_id, o.id, o.number, o.placed_at,
                        row_number() OVER (PARTITION BY o.dealer_id ORDER BY o.placed_at DESC, o.id) AS place
                   FROM sales_order o WHERE o.dealer_id <= %(dealers)s AND o.status <> 'cancelled') o
 WHERE o.place <= 3;
CREATE TEMPORARY TABLE buyer AS
SELECT d.id AS dealer_id, b.id, 'user:' || b.id AS key, b.display_name AS label,
       o.display_name AS owner_label
  FROM dealer d
  JOIN user_account b ON b.dealer_id = d.id AND b.roles = '{dealer_buyer}'
  JOIN user_account o ON o.dealer_id = d.id AND o.roles = '{dealer_owner}'
 WHERE d.id <= %(dealers)s
"""
_TEMPLATES = """
INSERT INTO order_template (dealer_id, id, name, updated_at, updated_by_label)
SELECT b.dealer_id, b.dealer_id * 2 - 2 + o.place,
       CASE o.place WHEN 1 THEN '月度常规耗材（演示）' ELSE '急诊补货清单（演示）' END,
       o.placed_at + interval '1 hour', b.label
  FROM buyer b JOIN latest_order o ON o.dealer_id = b.dealer_id AND o.place <= 2;
INSERT INTO order_template_line (dealer_id, template_id, product_id, place, quantity)
SELECT o.dealer_id, o.dealer_id * 2 - 2 + o.place, l.product_id, min(l.line_no), sum(l.quantity)
  FROM latest_order o JOIN order_line l ON (l.dealer_id, l.order_id) = (o.dealer_id, o.id)
  JOIN buyer b ON b.dealer_id = o.dealer_id
 WHERE o.place <= 2 AND NOT l.gift GROUP BY o.dealer_id, o.place, l.product_id
"""
_AMOUNTS = """
INSERT INTO order_limit (dealer_id, subject, amount, set_by_label, set_at)
SELECT dealer_id, 'role:dealer_buyer', 20000, owner_label, %(now)s - interval '40 days' FROM buyer
"""
# The fingerprint is that of what was shown: whoever approves it learns whether prices have changed since.
_DRAFTS = """
CREATE TEMPORARY TABLE drafted AS
SELECT b.dealer_id, b.dealer_id * 2 - 3 + o.place AS id, o.id AS order_id, o.place = 3 AS asks,
       b.key, b.label, CASE o.place WHEN 2 THEN '周五前补齐（演示）' ELSE '' END AS name,
       %(now)s - make_interval(hours => 3 * o.place::int) AS at
  FROM buyer b JOIN latest_order o ON o.dealer_id = b.dealer_id AND o.place >= 2;
INSERT INTO order_draft (dealer_id, id, number, state, name, made_by, made_by_label, made_at, asked_by,
                         asked_by_label, asked_at, total, seen, allowed)
SELECT d.dealer_id, d.id, pg_temp.document_number('DR', app_day(d.at), d.id),
       CASE WHEN d.asks THEN 'waiting' ELSE 'open' END, d.name, d.key, d.label, d.at,
       CASE WHEN d.asks THEN d.key END, CASE WHEN d.asks THEN d.label END, CASE WHEN d.asks THEN d.at END,
       CASE WHEN d.asks THEN l.total END, CASE WHEN d.asks THEN l.seen END,
       CASE WHEN d.asks THEN least(20000, l.total / 2) END
  FROM drafted d
  JOIN LATERAL (
    SELECT sum(amount) AS total,
           encode(sha256(convert_to(string_agg(sku || ' ' || quantity || ' ' || unit_price || ' ' || amount,
                                               ';' ORDER BY line_no), 'UTF8')), 'hex') AS seen
      FROM order_line WHERE dealer_id = d.dealer_id AND order_id = d.order_id AND NOT gift) l ON true;
INSERT INTO order_draft_line (dealer_id, draft_id, line_no, product_id, quantity, unit_price)
SELECT d.dealer_id, d.id, l.line_no, l.product_id, l.quantity, CASE WHEN d.asks THEN l.unit_price END
  FROM drafted d JOIN order_line l ON (l.dealer_id, l.order_id) = (d.dealer_id, d.order_id) AND NOT l.gift
"""
# Every second dealer has its order placed, the others a draft made; the date before the next one has run.
_RECURRING = """
INSERT INTO recurring_order (dealer_id, id, number, template_id, rhythm, day, next_on, act, user_id,
                             made_by_label, made_at)
SELECT b.dealer_id, b.dealer_id, pg_temp.document_number('RO', app_day(%(now)s), b.dealer_id),
       b.dealer_id * 2 - 1, CASE b.dealer_id %% 2 WHEN 0 THEN 'weekly' ELSE 'monthly' END,
       CASE b.dealer_id %% 2 WHEN 0 THEN 1 ELSE 5 END,
       CASE b.dealer_id %% 2 WHEN 0 THEN %(weekly)s ELSE %(monthly)s END,
       CASE b.dealer_id %% 2 WHEN 0 THEN 'place' ELSE 'draft' END, b.id, b.label,
       %(now)s - interval '60 days'
  FROM buyer b JOIN order_template t ON (t.dealer_id, t.id) = (b.dealer_id, b.dealer_id * 2 - 1);
INSERT INTO recurring_run (dealer_id, recurring_id, due_on, outcome, document, faults, run_at)
SELECT r.dealer_id, r.id, r.next_on - CASE r.rhythm WHEN 'weekly' THEN 7 ELSE 31 END,
       CASE r.act WHEN 'place' THEN 'skipped' ELSE 'drafted' END,
       CASE r.act WHEN 'draft' THEN (SELECT d.number FROM order_draft d
                                      WHERE d.dealer_id = r.dealer_id AND d.state = 'open') END,
       CASE r.act WHEN 'place' THEN %(faults)s::jsonb ELSE '[]' END, %(now)s - interval '5 days'
  FROM recurring_order r
 WHERE r.act = 'place' OR EXISTS (SELECT FROM order_draft d
                                   WHERE d.dealer_id = r.dealer_id AND d.state = 'open')
"""
_FAULTS = '[{"code": "no_stock", "message": "The stock has just been taken by another order.", "params": {}}]'


def write_purchasing(connection: psycopg.Connection, scenario: Scenario) -> None:
    """From the orders that are in the database."""
    today = local_date(scenario.now)
    known = {
        "dealers": FULLY_STAFFED,
        "now": scenario.now,
        "weekly": next_date(Rhythm.WEEKLY, 1, today),
        "monthly": next_date(Rhythm.MONTHLY, 5, today),
        "faults": _FAULTS,
    }
    for statement in (_LATEST, _TEMPLATES, _AMOUNTS, _DRAFTS, _RECURRING):
        connection.execute(statement, known)
    connection.execute("DROP TABLE latest_order, buyer, drafted")


PART = Part("purchasing", write=write_purchasing)
