"""The past, many times over: every copy of a dealer gets a share of the original's orders, on its own copies
of the products.

Keys of a copy are those of the original plus a multiple of how many there are, so a copy is one INSERT a
table. The copies' clocks run a few seconds apart, so that not everybody orders in the same instant.
"""

from __future__ import annotations

import psycopg

from demo.enlarge import Copies
from demo.loading.rows import fill

SECONDS_APART = 13

_GENERATIONS = """
CREATE TEMPORARY TABLE generation (
  number integer, shift interval, dealers bigint, orders bigint, products bigint, lots bigint);
CREATE TEMPORARY TABLE rule_copy (original bigint, generation integer, rule bigint, policy text);
"""

# Which orders a copy has is a matter of chance, but always of the same.
_ORDERS = """
CREATE TEMPORARY TABLE order_copy AS
SELECT o.id AS original, g.number AS generation
  FROM past_order o CROSS JOIN generation g
 WHERE (hashint8(o.id * 1009 + g.number)::bigint & 65535) < %(share)s * 65536;
ANALYZE order_copy, generation, rule_copy;
INSERT INTO past_order (id, dealer_id, status, channel, purchase_order_no, warehouse_id, address_code,
                        placed_at, picked_at, shipped_at, received_at, cancelled_at, carrier, tracking_no,
                        total, tax)
SELECT o.id + g.orders, o.dealer_id + g.dealers, o.status, o.channel, o.purchase_order_no, o.warehouse_id,
       o.address_code, o.placed_at - g.shift, o.picked_at - g.shift, o.shipped_at - g.shift,
       o.received_at - g.shift, o.cancelled_at - g.shift,
       o.carrier, CASE WHEN o.tracking_no = '' THEN '' ELSE o.tracking_no || lpad(g.number::text, 3, '0') END,
       o.total, o.tax
  FROM order_copy c JOIN past_order o ON o.id = c.original JOIN generation g ON g.number = c.generation
"""

_LINES = """
INSERT INTO past_line (order_id, line_no, product_id, lot_id, quantity, list_price, unit_price, tax_rate,
                       discount, amount, tax, receipt)
SELECT l.order_id + g.orders, l.line_no, l.product_id + g.products, l.lot_id + g.lots, l.quantity,
       l.list_price, l.unit_price, l.tax_rate, l.discount, l.amount, l.tax,
       CASE WHEN r.rule IS NULL THEN l.receipt
            ELSE jsonb_set(jsonb_set(l.receipt, '{1,rule}', to_jsonb(r.rule)), '{1,policy}',
                           to_jsonb(r.policy)) END
  FROM order_copy c
  JOIN generation g ON g.number = c.generation
  JOIN past_line l ON l.order_id = c.original
  LEFT JOIN rule_copy r ON r.generation = c.generation AND r.original = CASE
    WHEN jsonb_typeof(l.receipt #> '{1,rule}') = 'number' THEN (l.receipt #>> '{1,rule}')::bigint END;
INSERT INTO past_use (order_id, line_no, promotion_id, amount, counted)
SELECT u.order_id + g.orders, u.line_no, u.promotion_id, u.amount, u.counted
  FROM order_copy c JOIN generation g ON g.number = c.generation
  JOIN past_use u ON u.order_id = c.original;
INSERT INTO past_return (order_id, line_no, at, quantity, discount, amount, tax, reason)
SELECT b.order_id + g.orders, b.line_no, b.at - g.shift, b.quantity, b.discount, b.amount, b.tax, b.reason
  FROM order_copy c JOIN generation g ON g.number = c.generation
  JOIN past_return b ON b.order_id = c.original;
INSERT INTO past_payment (order_id, received_on, amount)
SELECT p.order_id + g.orders, p.received_on, p.amount
  FROM order_copy c JOIN generation g ON g.number = c.generation
  JOIN past_payment p ON p.order_id = c.original;
INSERT INTO picked_lot (order_id, line_no, lot_id, quantity)
SELECT p.order_id + g.orders, p.line_no, p.lot_id + g.lots, p.quantity
  FROM order_copy c JOIN generation g ON g.number = c.generation JOIN picked_lot p ON p.order_id = c.original;
ANALYZE past_order, past_line, past_return, past_payment, past_use, picked_lot
"""

# A copy of the products is kept in the quantities of the originals for each generation of dealers that buys
# it.
_STOCK = """
CREATE TEMPORARY TABLE shelf AS
SELECT s.number, s.number * %(products)s AS products, s.number * %(lots)s AS lots,
       greatest(1, count(g.number)) AS dealers
  FROM generate_series(1, %(last)s) s(number) LEFT JOIN generation g ON g.products = s.number * %(products)s
 GROUP BY s.number;
INSERT INTO lot (id, product_id, lot_no, produced_on, expires_on)
SELECT t.id + s.lots, t.product_id + s.products, t.lot_no, t.produced_on, t.expires_on
  FROM shelf s CROSS JOIN lot t WHERE t.product_id + s.products <= %(count)s;
INSERT INTO stored_lot (warehouse_id, lot_id, on_hand, state)
SELECT k.warehouse_id, k.lot_id + s.lots, k.on_hand * s.dealers, k.state
  FROM shelf s CROSS JOIN stored_lot k JOIN lot t ON t.id = k.lot_id + s.lots;
INSERT INTO arriving (warehouse_id, product_id, quantity, due_on)
SELECT a.warehouse_id, a.product_id + s.products, a.quantity * s.dealers, a.due_on
  FROM shelf s CROSS JOIN arriving a WHERE a.product_id + s.products <= %(count)s;
ANALYZE lot, stored_lot, arriving
"""


def multiply_facts(connection: psycopg.Connection, copies: Copies) -> None:
    """Multiply the facts, and the lots they speak of."""
    orders, lots = connection.execute(
        "SELECT (SELECT max(id) FROM past_order), (SELECT max(id) FROM lot)"
    ).fetchone() or (0, 0)
    connection.execute(_GENERATIONS)
    fill(
        connection,
        "generation",
        ("number", "shift", "dealers", "orders", "products", "lots"),
        (
            (
                number,
                f"{number * SECONDS_APART} seconds",
                number * copies.dealers,
                number * orders,
                copies.product_generation(number) * copies.products,
                copies.product_generation(number) * lots,
            )
            for number in range(1, copies.dealer_generations)
        ),
    )
    columns = ("original", "generation", "rule", "policy")
    fill(
        connection,
        "rule_copy",
        columns,
        ((copy.original, copy.generation, copy.rule, copy.policy) for copy in copies.rules),
    )
    connection.execute(_ORDERS, {"share": copies.order_share})
    connection.execute(_LINES)
    last = -(-copies.size.products // copies.products) - 1
    connection.execute(
        _STOCK, {"products": copies.products, "lots": lots, "last": last, "count": copies.size.products}
    )
