"""W1: a page of 24 products with own price, breaks and regional stock, as HTML and as JSON, against one
bare statement.
"""

from __future__ import annotations

import itertools
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

from bench import load
from bench.signed_in import session_cookie
from bench.stage import HOST, Stage, serving
from launch.demo import free_port
from portal.dealers.fragments import region_of, tier_of

GOALS = {"html_ratio": 0.25, "json_ratio": 0.5, "p95_ms": 40}


def run(stage: Stage) -> dict:
    """Rates of HTML, JSON and their limits, which take turns, with the ratios."""
    client = stage.dealer_clients()[0]
    user = next(user for user in stage.credentials["users"] if user["dealer"] == client["dealer"])
    cookie = session_cookie(f"http://{HOST}:{stage.port}", user["email"], user["password"])
    asked = {
        "html": ("/catalogue?limit=24", {"Cookie": cookie}),
        "json": ("/api/v1/products?limit=24", {"Authorization": f"Bearer {stage.token(client)}"}),
    }
    measured = {name: load.Measured() for name in asked}
    limits = {name: load.Measured() for name in asked}
    with ExitStack() as stack:
        ports = {}
        for name, page in asked.items():
            size = _measure(stage, stage.port, page, 0.5).bytes_of_last
            ports[name] = stack.enter_context(_bare(stage, client["dealer"], name, size))
        for _round in range(load.ROUNDS):
            for name, page in asked.items():
                measured[name].add(_measure(stage, stage.port, page, stage.seconds / load.ROUNDS))
                limits[name].add(_measure(stage, ports[name], ("/", {}), stage.seconds / load.ROUNDS))
    return {
        **{
            name: found.summary()
            | {"bytes": found.bytes_of_last, "ratio": round(found.rate / limits[name].rate, 3)}
            for name, found in measured.items()
        },
        "limit_rate": {name: round(limit.rate, 1) for name, limit in limits.items()},
        "goals": GOALS,
    }


def _measure(stage: Stage, port: int, page: tuple[str, dict[str, str]], seconds: float) -> load.Measured:
    message = load.request("GET", *page)
    clients = [itertools.repeat(message).__next__ for _ in range(stage.clients)]
    return load.run(HOST, port, clients, seconds=seconds)


@contextmanager
def _bare(stage: Stage, dealer_code: str, name: str, size: int) -> Iterator[int]:
    """The limit as a server of its own; its port."""
    with stage.connect() as connection:
        row = connection.execute(
            "SELECT d.id, dt.tier, r.id, concat_ws(',', r.parent_id, r.id)"
            f" FROM dealer d {tier_of('d.id')} {region_of('d.id')} WHERE d.code = %s",
            (dealer_code,),
        ).fetchone()
    port = free_port(0)
    names = ("BENCH_DEALER", "BENCH_TIER", "BENCH_REGION", "BENCH_REGION_PATH", "BENCH_BYTES")
    environment = stage.environment | dict(zip(names, map(str, (*row, size)), strict=True))
    command = [
        *(
            sys.executable,
            "-m",
            "granian",
            "--interface",
            "wsgi",
            "--host",
            HOST,
            "--port",
            str(port),
            "--workers",
            "2",
        ),
        *("--blocking-threads", "4", "--http", "1", "--no-ws", "bench.bare_page:app"),
    ]
    with serving(f"limit-{name}", command, port, stage.folder.logs, environment, "/"):
        yield port
