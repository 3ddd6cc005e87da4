"""PLANS: how PostgreSQL finds what the busiest pages and calls ask for, with the plans the portal really
uses.

The portal's own application is asked once for each; its statements are then explained and run with generic
plans.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import psycopg
from psycopg import sql
from sqlalchemy import event

from bench.signed_in import session_cookie
from bench.stage import HOST, Stage
from config import Settings
from launch.storage import libpq_url
from portal.app import create_app
from portal.orders.queries import STATUSES
from portal.web.request import Portal

GOALS = {
    "scanned": "no table of more than 10,000 rows is read from end to end",
    "wasteful": "no statement reads more than 5,000 rows and more than 300 for each that it answers",
}
_BIG = 10_000  # rows
_READ_MAX, _READ_FOR_EACH = (
    5_000,
    300,
)  # rows; a product of the catalogue reads two hundred: rules, breaks, stock
_REPEATED = 5  # the fastest counts

# By role. What stands in braces is an example out of the data: of the dealer, or for headquarters of anybody.
PAGES = {
    "dealer_owner": [
        "/",
        "/catalogue",
        "/catalogue?category={category}",
        "/catalogue?q={word}",
        "/catalogue/{sku}",
        "/orders",
        "/orders?status=shipped",
        "/orders?q={order}",
        "/orders/{order}",
        "/statements",
        "/statements/{statement}",
        "/cart",
    ],
    "order_desk": [
        "/hq/",
        "/hq/orders",
        *(f"/hq/orders?status={status}" for status in ("all", *STATUSES)),
        "/hq/orders?q={order}",
        "/hq/orders?q={dealer}",
        "/hq/orders?q=NO-SUCH-ORDER",
        "/hq/orders?region={province}",
        "/hq/orders/{order}",
        "/hq/dealers",
        "/hq/dealers?q={dealer}",
        "/hq/dealers?region={province}",
    ],
    "hq_finance": [
        "/hq/",
        "/hq/closes",
        "/hq/closes/{month}",
        "/hq/closes/statements/{statement}",
        "/hq/dealers",
        "/hq/dealers/{dealer}",
    ],
    "channel_manager": ["/hq/", "/hq/dealers", "/hq/policies", "/hq/policies/{policy}"],
}


@dataclass(frozen=True)
class Asked:
    """A statement with its parameters, and the scope it was asked in."""

    scope: str
    statement: str
    parameters: dict[str, Any]


def run(stage: Stage) -> dict:
    """Time, buffers, sequential scans and rows read of every reading statement of every page."""
    app = create_app(Settings())
    found = []
    with stage.connect() as owner, _as_the_portal(stage) as connection:
        big = {
            name
            for name, rows in owner.execute("SELECT relname, reltuples FROM pg_class WHERE relkind = 'r'")
            if rows > _BIG
        }
        for role, pages in PAGES.items():
            user = next(user for user in stage.credentials["users"] if user["role"] == role)
            cookie = session_cookie(f"http://{HOST}:{stage.port}", user["email"], user["password"])
            examples = _examples(owner, user["dealer"])
            for page in pages:
                for asked in _statements(app, stage, page.format(**examples), cookie):
                    found.append({"page": page, **_explained(connection, asked, big)})
    scanned = sorted({table for one in found for table in one["scanned"]})
    wasteful = [one for one in found if one["read"] > max(_READ_MAX, _READ_FOR_EACH * one["rows"])]
    return {"statements": found, "scanned": scanned, "wasteful": wasteful, "goals": GOALS}


def _examples(owner: psycopg.Connection, dealer: str | None) -> dict[str, str]:
    row = owner.execute(
        """
        SELECT o.number, p.sku, p.category_code, split_part(p.name_en, ' ', 1), d.code, t.number, t.period,
               y.id, dr.region_id
          FROM dealer d JOIN dealer_region dr ON dr.dealer_id = d.id AND dr.valid_to IS NULL
          JOIN sales_order o ON o.dealer_id = d.id
          JOIN order_line l ON (l.dealer_id, l.order_id) = (o.dealer_id, o.id)
          JOIN product p ON p.id = l.product_id
          JOIN statement t ON t.dealer_id = d.id,
               (SELECT id FROM price_policy WHERE state = 'published' ORDER BY id LIMIT 1) y
         WHERE d.code = coalesce(%s, 'D0001') AND p.state = 'active' ORDER BY o.id DESC, t.period DESC LIMIT 1
        """,
        (dealer,),
    ).fetchone()
    return dict(
        zip(
            ("order", "sku", "category", "word", "dealer", "statement", "month", "policy", "province"),
            row,
            strict=True,
        )
    )


def _statements(app: Portal, stage: Stage, path: str, cookie: str) -> list[Asked]:
    """What a page asks the database, beside its scope."""
    asked: list[Asked] = []
    scope = ""

    def note(_connection, _cursor, statement: str, parameters: Any, *_: object) -> None:
        nonlocal scope
        if "set_config('app." in statement:
            scope = statement.removeprefix("BEGIN; ")
        elif statement.lstrip().upper().startswith(("SELECT", "WITH")):
            asked.append(Asked(scope, statement, dict(parameters or {})))

    event.listen(app.database.engine, "before_cursor_execute", note)
    try:
        answer = app.test_client(use_cookies=False).get(
            path, base_url=f"http://{HOST}:{stage.port}", headers={"Cookie": cookie}
        )
    finally:
        event.remove(app.database.engine, "before_cursor_execute", note)
    if answer.status_code != 200:
        raise SystemExit(f"{path} answered {answer.status_code}")
    return asked


@contextmanager
def _as_the_portal(stage: Stage) -> Iterator[psycopg.Connection]:
    options = "-c plan_cache_mode=force_generic_plan -c jit=off"
    with psycopg.connect(libpq_url(stage.storage.app_url), options=options) as connection:
        yield connection


def _explained(connection: psycopg.Connection, asked: Asked, big: set[str]) -> dict:
    names: list[str] = []

    def place(match: re.Match) -> str:
        if match[1] not in names:
            names.append(match[1])
        return f"${names.index(match[1]) + 1}"

    query = re.sub(r"%\((\w+)\)s", place, asked.statement).replace("%%", "%")
    values = sql.SQL(", ").join(sql.Literal(asked.parameters[name]) for name in names)
    call = sql.SQL("asked({})").format(values) if names else sql.SQL("asked")
    with connection.transaction(force_rollback=True):
        connection.execute(asked.scope)
        connection.execute(f"PREPARE asked AS {query}")
        explain = sql.SQL("EXPLAIN (ANALYZE, BUFFERS, TIMING OFF, FORMAT JSON) EXECUTE {}").format(call)
        plan = connection.execute(explain).fetchone()[0][0]["Plan"]
        milliseconds = min(
            _timed(lambda: connection.execute(sql.SQL("EXECUTE {}").format(call)).fetchall())
            for _ in range(_REPEATED)
        )
        connection.execute("DEALLOCATE asked")
    return {
        "statement": " ".join(asked.statement.split())[:100],
        "ms": round(milliseconds, 2),
        "rows": plan["Actual Rows"],
        "read": rows_read(plan),
        "buffers": plan["Shared Hit Blocks"] + plan["Shared Read Blocks"],
        "scanned": sorted(
            {
                node["Relation Name"]
                for node in _nodes(plan)
                if node["Node Type"] == "Seq Scan" and node["Actual Loops"]
            }
            & big
        ),
    }


def rows_read(plan: dict) -> int:
    """Rows that a plan took from tables and indexes, those that no condition let through included."""
    lost = ("Rows Removed by Filter", "Rows Removed by Index Recheck")
    scans = [node for node in _nodes(plan) if "Relation Name" in node]
    return round(
        sum(
            (node["Actual Rows"] + sum(node.get(key, 0) for key in lost)) * node["Actual Loops"]
            for node in scans
        )
    )


def _nodes(plan: dict) -> Iterator[dict]:
    yield plan
    for inner in plan.get("Plans", ()):
        yield from _nodes(inner)


def _timed(ask: Callable[[], object]) -> float:
    started = time.perf_counter()
    ask()
    return (time.perf_counter() - started) * 1000
