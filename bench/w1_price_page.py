"""W1: a page of 24 products with own price, breaks and regional stock, as HTML and as JSON, against one bare statement."""

from __future__ import annotations

import itertools
import sys

from bench import load
from bench.signed_in import session_cookie
from bench.stage import HOST, Stage, serving
from launch.demo import free_port

GOALS = {"html_ratio": 0.25, "json_ratio": 0.5, "p95_ms": 40}


def run(stage: Stage) -> dict:
    """Rates of HTML, JSON and limit, with the ratios."""
    client = stage.dealer_clients()[0]
    user = next(user for user in stage.credentials["users"] if user["dealer"] == client["dealer"])
    cookie = session_cookie(f"http://{HOST}:{stage.port}", user["email"], user["password"])
    html = _measure(stage, stage.port, "/catalogue?limit=24", {"Cookie": cookie})
    json = _measure(stage, stage.port, "/api/v1/products?limit=24", {"Authorization": f"Bearer {stage.token(client)}"})
    limits = {name: _limit(stage, client["dealer"], measured.bytes_of_last) for name, measured in (("html", html), ("json", json))}
    return {
        "html": html.summary() | {"bytes": html.bytes_of_last, "ratio": round(html.rate / limits["html"], 3)},
        "json": json.summary() | {"bytes": json.bytes_of_last, "ratio": round(json.rate / limits["json"], 3)},
        "limit_rate": {name: round(rate, 1) for name, rate in limits.items()},
        "goals": GOALS,
    }


def _measure(stage: Stage, port: int, path: str, headers: dict[str, str]) -> load.Measured:
    message = load.request("GET", path, headers)
    clients = [itertools.repeat(message).__next__ for _ in range(stage.clients)]
    return load.run(HOST, port, clients, seconds=stage.seconds)


def _limit(stage: Stage, dealer_code: str, size: int) -> float:
    with stage.connect() as connection:
        row = connection.execute(
            "SELECT d.id, d.tier, d.region_id, concat_ws(',', r.parent_id, r.id) FROM dealer d JOIN region r ON r.id = d.region_id WHERE d.code = %s",
            (dealer_code,),
        ).fetchone()
    port = free_port(0)
    names = ("BENCH_DEALER", "BENCH_TIER", "BENCH_REGION", "BENCH_REGION_PATH", "BENCH_BYTES")
    environment = stage.environment | dict(zip(names, map(str, (*row, size)), strict=True))
    command = [
        *(sys.executable, "-m", "granian", "--interface", "wsgi", "--host", HOST, "--port", str(port), "--workers", "2"),
        *("--blocking-threads", "4", "--http", "1", "--no-ws", "bench.bare_page:app"),
    ]
    with serving("limit", command, port, stage.folder.logs, environment, "/"):
        return _measure(stage, port, "/", {}).rate
