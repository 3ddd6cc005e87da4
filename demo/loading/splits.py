"""Orders that come from two warehouses, and orders of which a part waits: two orders of a dealer made one.

So everything about either, stock, parcels and invoices, is what it was.
"""

from __future__ import annotations

from typing import Any

import psycopg

from demo.past.second_warehouse import APART
from demo.scenario import Part, Scenario

PARTLY_WAITING = 4

# Not where both together have something taken off as one order: each was priced by itself.
_PRICED_APART = """
   AND NOT EXISTS (
         SELECT FROM promotion p
          WHERE p.kind = 'order_amount_off' AND p.published_at IS NOT NULL
            AND p.valid_from <= s.placed_at AND f.placed_at < p.valid_to
            AND f.total + s.total + coalesce(p.reward_amount, 0) >= coalesce(p.min_amount, 0))
"""
# What came from a dealer's second warehouse follows the order before it: one as far as it, else one that has
# left.
_FROM_TWO = f"""
SELECT DISTINCT ON (s.dealer_id) s.dealer_id, f.id AS first, s.id AS second
  FROM sales_order s
  JOIN warehouse_service w ON (w.warehouse_id, w.region_id) = (s.warehouse_id, s.region_id) AND w.rank > 1
  JOIN sales_order f ON f.dealer_id = s.dealer_id AND f.warehouse_id <> s.warehouse_id
   AND f.placed_at BETWEEN s.placed_at - %(apart)s AND s.placed_at AND f.status IN ('shipped', s.status)
 WHERE s.status IN ('confirmed', 'shipped')
 {_PRICED_APART}
 ORDER BY s.dealer_id, f.status <> s.status, f.placed_at DESC, f.id DESC
"""
# What waits entirely, and what the dealer ordered next from the same warehouse, which has it.
_PARTLY_WAITING = f"""
SELECT DISTINCT ON (f.dealer_id) f.dealer_id, f.id AS first, s.id AS second
  FROM sales_order f
  JOIN sales_order s ON (s.dealer_id, s.warehouse_id) = (f.dealer_id, f.warehouse_id)
   AND s.placed_at >= f.placed_at AND s.status = 'confirmed' AND NOT s.backorder
 WHERE f.status = 'backordered'
   AND NOT EXISTS (SELECT FROM order_line_source x WHERE (x.dealer_id, x.order_id) = (s.dealer_id, s.id))
 {_PRICED_APART}
 ORDER BY f.dealer_id, f.placed_at DESC, s.placed_at, s.id
 LIMIT %(count)s
"""

_JOIN = """
CREATE TEMPORARY TABLE joined AS
SELECT p.dealer_id, p.first, p.second, f.number, s.number AS second_number,
       (SELECT max(line_no) FROM order_line l
         WHERE (l.dealer_id, l.order_id) = (p.dealer_id, p.first)) AS behind,
       CASE WHEN s.warehouse_id <> f.warehouse_id THEN s.warehouse_id END AS elsewhere
  FROM pair p
  JOIN sales_order f ON (f.dealer_id, f.id) = (p.dealer_id, p.first)
  JOIN sales_order s ON (s.dealer_id, s.id) = (p.dealer_id, p.second);
UPDATE promotion_use u SET order_id = j.first, line_no = u.line_no + j.behind
  FROM joined j WHERE (u.dealer_id, u.order_id) = (j.dealer_id, j.second);
UPDATE shipment_line l SET line_no = l.line_no + j.behind
  FROM joined j JOIN shipment h ON (h.dealer_id, h.order_id) = (j.dealer_id, j.second)
 WHERE (l.dealer_id, l.shipment_id) = (h.dealer_id, h.id);
UPDATE shipment h SET order_id = j.first
  FROM joined j WHERE (h.dealer_id, h.order_id) = (j.dealer_id, j.second);
UPDATE invoice_line l SET order_line_no = l.order_line_no + j.behind
  FROM joined j JOIN invoice i ON (i.dealer_id, i.order_id) = (j.dealer_id, j.second)
 WHERE (l.dealer_id, l.invoice_id) = (i.dealer_id, i.id);
UPDATE invoice i SET order_id = j.first
  FROM joined j WHERE (i.dealer_id, i.order_id) = (j.dealer_id, j.second);
UPDATE journal_entry e SET reference = j.number
  FROM joined j WHERE (e.dealer_id, e.reference) = (j.dealer_id, j.second_number);
UPDATE stock_movement m SET document = j.number
  FROM joined j WHERE (m.dealer_id, m.document) = (j.dealer_id, j.second_number);
UPDATE order_line l SET order_id = j.first, line_no = l.line_no + j.behind
  FROM joined j WHERE (l.dealer_id, l.order_id) = (j.dealer_id, j.second);
INSERT INTO order_line_source (dealer_id, order_id, line_no, warehouse_id, reserved)
SELECT l.dealer_id, l.order_id, l.line_no, j.elsewhere, l.reserved
  FROM joined j JOIN order_line l ON (l.dealer_id, l.order_id) = (j.dealer_id, j.first)
 WHERE j.elsewhere IS NOT NULL AND l.line_no > j.behind;
UPDATE sales_order f
   SET total = f.total + s.total, tax = f.tax + s.tax,
       status = CASE f.status WHEN s.status THEN s.status WHEN 'shipped' THEN 'partially_shipped'
                              ELSE 'confirmed' END
  FROM joined j JOIN sales_order s ON (s.dealer_id, s.id) = (j.dealer_id, j.second)
 WHERE (f.dealer_id, f.id) = (j.dealer_id, j.first);
DELETE FROM sales_order s USING joined j WHERE (s.dealer_id, s.id) = (j.dealer_id, j.second);
DROP TABLE pair, joined
"""


def write_splits(connection: psycopg.Connection, scenario: Scenario) -> None:
    """Orders from two warehouses: of some nothing left, some have one parcel, some both."""
    _join(connection, _FROM_TWO, {"apart": APART})


def write_partly_waiting(connection: psycopg.Connection) -> None:
    """Orders of which a part is in stock and a part waits."""
    _join(connection, _PARTLY_WAITING, {"count": PARTLY_WAITING})


def _join(connection: psycopg.Connection, pairs: str, parameters: dict[str, Any]) -> None:
    """Make the second order of every pair a part of the first."""
    connection.execute(f"CREATE TEMPORARY TABLE pair AS {pairs}", parameters)
    connection.execute(_JOIN)


PART = Part("splits", write=write_splits)
