"""W2: orders of five lines through POST /orders, against a minimal hand-written transaction under pgbench."""

from __future__ import annotations

import random
import tempfile
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import fmean

import orjson
import psycopg

from bench import load
from bench.stage import HOST, Stage, pgbench

GOALS = {"ratio": 0.20}
_LINES = 5

_LEVELS = """
\\set dealer random(1, {dealers})
\\set first random(1, {products})
BEGIN;
UPDATE stock_level SET reserved = reserved + 1
 WHERE warehouse_id = 1 + :dealer % {warehouses}
   AND product_id IN (:first, 1 + (:first + 7) % {products}, 1 + (:first + 77) % {products},
                      1 + (:first + 333) % {products}, 1 + (:first + 555) % {products})
   AND on_hand - reserved >= 1;
"""

# What an order cannot do without: five levels, an order with its lines, the exposure, one audit row, one
# outbox row.
LIMIT = (
    _LEVELS
    + """
WITH o AS (INSERT INTO bench_order (dealer_id, number, total)
           VALUES (:dealer, CAST(gen_random_uuid() AS text), 100.00)
           RETURNING id)
INSERT INTO bench_order_line (order_id, line_no, product_id, quantity, amount)
SELECT o.id, n, :first, 1, 20.00 FROM o, generate_series(1, 5) n;
UPDATE dealer_account SET open_orders = open_orders + 100 WHERE dealer_id = :dealer;
INSERT INTO bench_note (what) VALUES ('audit'), ('outbox');
COMMIT;
"""
)

# The same by hand with every row and index that the portal's order leaves behind: what is missing to it is
# reading, judging and HTTP.
SAME_ROWS = (
    _LEVELS
    + """
WITH o AS (
  INSERT INTO bench_sales_order (dealer_id, number, status, channel, tier, region_id, warehouse_id, ship_to,
                                 names, currency, total, tax, placed_at, placed_by, placed_by_label)
  VALUES (:dealer, CAST(gen_random_uuid() AS text), 'confirmed', 'api', 'S', 1, 1, '{{}}',
          '{{"dealer": {{"code": "D0001"}}, "warehouse": {{"code": "WH-SH"}}}}', 'CNY', 100.00, 11.50, now(),
          'bench', 'bench')
  RETURNING id)
INSERT INTO bench_order_lines (dealer_id, order_id, line_no, product_id, sku, name_zh, name_en, specification,
                               unit, quantity, reserved, list_price, unit_price, tax_rate, amount, tax,
                               receipt)
SELECT :dealer, o.id, n, :first, 'BENCH-1', '一次性使用无菌注射器', 'Sterile syringe for single use', '5 mL',
       '支', 1, 1, 25.00, 20.00, 0.13, 20.00, 2.30,
       '[{{"rule": "list", "unit_price": "25.00"}}, {{"rule": 1, "unit_price": "20.00"}}]'
  FROM o, generate_series(1, 5) n;
INSERT INTO bench_stock_movement (at, warehouse_id, product_id, kind, reserved_delta, dealer_id, document,
                                  actor)
SELECT now(), 1, :first, 'reservation', 1, :dealer, 'BENCH', 'bench' FROM generate_series(1, 5) n;
UPDATE dealer_account SET open_orders = open_orders + 100 WHERE dealer_id = :dealer;
INSERT INTO bench_audit_event (actor, actor_label, dealer_id, action, subject_kind, subject)
VALUES ('bench', 'bench', :dealer, 'order_placed', 'order', 'BENCH');
INSERT INTO bench_outbox (dealer_id, topic, payload) VALUES (:dealer, 'bench', '{{}}');
INSERT INTO bench_idempotency_key (actor, key, dealer_id, fingerprint, status, body)
VALUES ('bench', CAST(gen_random_uuid() AS text), :dealer, '', 201, '{{}}');
COMMIT;
"""
)

_TABLES = """
DROP TABLE IF EXISTS bench_order, bench_order_line, bench_note;
CREATE TABLE bench_order (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, dealer_id bigint,
                          number text UNIQUE, total numeric(16, 2));
CREATE TABLE bench_order_line (order_id bigint, line_no int, product_id bigint, quantity int,
                               amount numeric(16, 2), PRIMARY KEY (order_id, line_no));
CREATE TABLE bench_note (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, what text);
DROP TABLE IF EXISTS bench_sales_order, bench_order_lines, bench_stock_movement, bench_audit_event,
  bench_outbox, bench_idempotency_key;
CREATE TABLE bench_sales_order (LIKE sales_order INCLUDING ALL);
CREATE TABLE bench_order_lines (LIKE order_line INCLUDING ALL);
CREATE TABLE bench_stock_movement (LIKE stock_movement INCLUDING ALL);
CREATE TABLE bench_audit_event (LIKE audit_event INCLUDING ALL);
CREATE TABLE bench_outbox (LIKE outbox INCLUDING ALL);
CREATE TABLE bench_idempotency_key (LIKE idempotency_key INCLUDING ALL);
"""


def run(stage: Stage) -> dict:
    """Rate of accepted orders and its ratios to pgbench's transactions on the same server, which take turns.

    `ratio` is to the minimal transaction and has the goal; `same_rows_ratio` tells what reading, judging and
    HTTP cost.
    """
    with stage.connect() as connection:
        fill_up(connection)
    clients = [_orders(stage, client) for client in _spread(stage)]
    measured, length = load.Measured(), max(1, round(stage.seconds / load.ROUNDS))
    limits, same_rows = [], []
    with _by_hand(stage) as rate_of:
        load.run(HOST, stage.port, clients, seconds=1)
        before = _orders_kept(stage)
        for _round in range(load.ROUNDS):
            measured.add(load.run(HOST, stage.port, clients, seconds=length, warm_up=0))
            limits.append(rate_of(LIMIT, length))
            same_rows.append(rate_of(SAME_ROWS, length))
        written = _orders_kept(stage) - before
    accepted = measured.statuses[201] / measured.seconds
    limit_rate, same_rows_rate = fmean(limits), fmean(same_rows)
    return measured.summary() | {
        "accepted_rate": round(accepted, 1),
        "written": written,  # fewer than accepted would mean that answers were replayed
        "statuses": {str(status): count for status, count in measured.statuses.items()},
        "limit_rate": round(limit_rate, 1),
        "ratio": round(accepted / limit_rate, 3),
        "same_rows_rate": round(same_rows_rate, 1),
        "same_rows_ratio": round(accepted / same_rows_rate, 3),
        "goals": GOALS,
    }


def _orders_kept(stage: Stage) -> int:
    with stage.connect() as connection:
        return connection.execute("SELECT count(*) FROM sales_order").fetchone()[0]


def _spread(stage: Stage) -> list[dict]:
    """One API client of another dealer for each connection."""
    clients = stage.dealer_clients()
    return [clients[place * len(clients) // stage.clients] for place in range(stage.clients)]


def _orders(stage: Stage, client: dict) -> load.NextRequest:
    headers = {"Authorization": f"Bearer {stage.token(client)}", "Content-Type": "application/json"}
    with stage.connect() as connection:
        products = orderable(connection, client["dealer"])
    return _endless(headers, products, random.Random(client["dealer"])).__next__


def _endless(
    headers: dict[str, str], products: list[tuple[str, int]], chance: random.Random
) -> Iterator[bytes]:
    while True:
        lines = [{"sku": sku, "quantity": multiple} for sku, multiple in chance.sample(products, _LINES)]
        body = orjson.dumps({"purchase_order_no": "BENCH", "lines": lines})
        yield load.request("POST", "/api/v1/orders", headers | {"Idempotency-Key": uuid.uuid4().hex}, body)


def orderable(connection: psycopg.Connection, dealer_code: str) -> list[tuple[str, int]]:
    """Products the dealer may order from its nearest warehouse, found by asking the database what the
    rules would say.
    """
    return connection.execute(
        """
        SELECT p.sku, p.pack_multiple FROM dealer d
          JOIN dealer_region m ON m.dealer_id = d.id AND m.valid_to IS NULL
          JOIN warehouse_service w ON w.region_id = m.region_id AND w.rank = 1
          JOIN stock_level s ON s.warehouse_id = w.warehouse_id JOIN product p ON p.id = s.product_id
         WHERE d.code = %s AND p.state = 'active' AND s.on_hand - s.reserved >= 100000
           AND (p.registration_to IS NULL OR p.registration_to > now()::date)
           AND (p.device_class = 1 OR EXISTS (
             SELECT FROM dealer_licence l WHERE l.dealer_id = d.id AND l.device_class = p.device_class
                AND now()::date BETWEEN l.valid_from AND l.valid_to AND l.category_codes = '{}'))
         ORDER BY p.id LIMIT 500
        """,
        (dealer_code,),
    ).fetchall()


def fill_up(connection: psycopg.Connection) -> None:
    """Stock and credit beyond what a run can use, so that every order is accepted."""
    connection.execute("UPDATE stock_level SET on_hand = 1000000000 WHERE on_hand < 900000000")
    connection.execute("UPDATE dealer_account SET credit_limit = 10000000000000")


@contextmanager
def _by_hand(stage: Stage) -> Iterator[Callable[[str, int], float]]:
    """Rate of a script over so many seconds."""
    with stage.connect() as connection, tempfile.TemporaryDirectory() as scratch:
        connection.execute(_TABLES)
        counts = (
            "SELECT (SELECT max(id) FROM dealer), (SELECT max(id) FROM product),"
            " (SELECT max(id) FROM warehouse)"
        )
        sizes = dict(
            zip(("dealers", "products", "warehouses"), connection.execute(counts).fetchone(), strict=True)
        )
        yield lambda script, seconds: pgbench(
            stage, script.format(**sizes), seconds=seconds, scratch=Path(scratch)
        )
