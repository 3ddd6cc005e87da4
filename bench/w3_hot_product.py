"""W3: eight clients want one product of which there are N units: exactly N are sold, against a one-row
lock under pgbench.
"""

from __future__ import annotations

import itertools
import tempfile
import urllib.error
import urllib.request
import uuid
from pathlib import Path

import orjson

from bench import load
from bench.stage import HOST, Stage, pgbench
from bench.w2_place_order import fill_up, orderable

GOALS = {"ratio": 0.20, "sold": "exactly the stock"}
_UNITS = 2000

LIMIT = """
BEGIN;
UPDATE bench_hot SET reserved = reserved + 1 WHERE id = 1 AND on_hand - reserved >= 1;
COMMIT;
"""


def run(stage: Stage) -> dict:
    """Orders of one unit until the stock is gone; what was sold, and the ratio of the rates."""
    with stage.connect() as connection:
        fill_up(connection)
    sku, buyers, warehouse = _hot(stage)
    before, limits = _level(stage, sku, warehouse), [_limit(stage)]
    clients = [_one_unit(stage, client, sku, warehouse) for client in buyers]
    measured = load.run(HOST, stage.port, clients, seconds=60, warm_up=0)
    after = _level(stage, sku, warehouse)
    limits.append(_limit(stage))
    sold, limit = after[1] - before[1], sum(limits) / len(limits)
    rate = measured.statuses[201] / max(measured.seconds, 0.001)
    return measured.summary() | {
        "stock": _UNITS,
        "accepted": measured.statuses[201],
        "sold": sold,
        "oversold": max(0, sold - _UNITS),
        "exact": sold == measured.statuses[201] == _UNITS,
        "accepted_rate": round(rate, 1),
        "limit_rate": round(limit, 1),
        "ratio": round(rate / limit, 3),
        "goals": GOALS,
    }


def _hot(stage: Stage) -> tuple[str, list[dict], str]:
    """A product, eight dealers of one region that may buy it, and the warehouse, which keeps exactly
    `_UNITS` of it.
    """
    with stage.connect() as connection:
        warehouse, codes = connection.execute(
            "SELECT h.code, array_agg(d.code ORDER BY d.id) FROM dealer d"
            " JOIN dealer_region m ON m.dealer_id = d.id AND m.valid_to IS NULL"
            " JOIN warehouse_service w ON w.region_id = m.region_id AND w.rank = 1"
            " JOIN warehouse h ON h.id = w.warehouse_id"
            " WHERE d.state = 'active' GROUP BY h.code ORDER BY count(*) DESC LIMIT 1"
        ).fetchone()
        clients = [client for client in stage.dealer_clients() if client["dealer"] in set(codes)]
        sku, buyers = _wanted_by_many(stage, clients, warehouse)
        connection.execute(
            "UPDATE stock_level SET on_hand = reserved + %s"
            " WHERE product_id = (SELECT id FROM product WHERE sku = %s)"
            " AND warehouse_id = (SELECT id FROM warehouse WHERE code = %s)",
            (_UNITS, sku, warehouse),
        )
    return sku, buyers, warehouse


def _wanted_by_many(stage: Stage, clients: list[dict], warehouse: str) -> tuple[str, list[dict]]:
    """A product, and as many clients as the run needs whose order of it the portal says it would take."""
    with stage.connect() as connection:
        products = orderable(connection, clients[0]["dealer"])
    for sku in (sku for sku, multiple in products if multiple == 1):
        may_buy = (client for client in clients if _is_taken(stage, client, sku, warehouse))
        if len(buyers := list(itertools.islice(may_buy, stage.clients))) == stage.clients:
            return sku, buyers
    raise SystemExit(f"no product that {stage.clients} dealers served by {warehouse} may buy")


def _is_taken(stage: Stage, client: dict, sku: str, warehouse: str) -> bool:
    message = urllib.request.Request(
        f"http://{HOST}:{stage.port}/api/v1/orders/validation", _body(sku, warehouse), _headers(stage, client)
    )
    try:
        with urllib.request.urlopen(message, timeout=30) as answer:
            return orjson.loads(answer.read())["status"] == "confirmed"
    except urllib.error.HTTPError:
        return False


def _headers(stage: Stage, client: dict) -> dict[str, str]:
    return {"Authorization": f"Bearer {stage.token(client)}", "Content-Type": "application/json"}


def _body(sku: str, warehouse: str) -> bytes:
    return orjson.dumps(
        {"purchase_order_no": "HOT", "warehouse": warehouse, "lines": [{"sku": sku, "quantity": 1}]}
    )


def _one_unit(stage: Stage, client: dict, sku: str, warehouse: str) -> load.NextRequest:
    headers, body = _headers(stage, client), _body(sku, warehouse)
    attempts = itertools.repeat(None, _UNITS // stage.clients + 60)
    messages = (
        load.request("POST", "/api/v1/orders", headers | {"Idempotency-Key": uuid.uuid4().hex}, body)
        for _ in attempts
    )
    return lambda: next(messages, None)


def _level(stage: Stage, sku: str, warehouse: str) -> tuple[int, int]:
    with stage.connect() as connection:
        return connection.execute(
            "SELECT s.on_hand, s.reserved FROM stock_level s JOIN product p ON p.id = s.product_id"
            " JOIN warehouse h ON h.id = s.warehouse_id"
            " WHERE p.sku = %s AND h.code = %s",
            (sku, warehouse),
        ).fetchone()


def _limit(stage: Stage) -> float:
    with stage.connect() as connection, tempfile.TemporaryDirectory() as scratch:
        connection.execute(
            "DROP TABLE IF EXISTS bench_hot;"
            " CREATE TABLE bench_hot (id int PRIMARY KEY, on_hand int, reserved int) WITH (fillfactor = 10)"
        )
        connection.execute("INSERT INTO bench_hot VALUES (1, 1000000000, 0)")
        return pgbench(stage, LIMIT, seconds=max(1, round(stage.seconds / 2)), scratch=Path(scratch))
