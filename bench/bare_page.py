"""The limit of W1: a bare WSGI function that runs one prepared statement for the same 24 products and
sends as many bytes.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta

import psycopg

from launch.storage import libpq_url
from portal.pricing.catalogue import _listing

_local = threading.local()
_OPTIONS = "-c plan_cache_mode=force_generic_plan -c jit=off"  # as the portal has it
_BYTES = int(os.environ.get("BENCH_BYTES", "20000"))
_PARAMETERS = {
    "dealer_id": int(os.environ.get("BENCH_DEALER", "1")),
    "tier": os.environ.get("BENCH_TIER", "S"),
    "region_id": int(os.environ.get("BENCH_REGION", "1")),
    "region_path": [int(part) for part in os.environ.get("BENCH_REGION_PATH", "1").split(",")],
    "limit": 25,
    "category": "",
}


def _psycopg_text() -> str:
    statement = str(_listing(False, False, None))
    for name in (*_PARAMETERS, "at", "today", "too_near"):
        statement = statement.replace(f":{name}", f"%({name})s")
    return statement


_SQL = _psycopg_text()


def app(environ: dict, start_response: Callable) -> Iterable[bytes]:
    """One statement, one string."""
    if not hasattr(_local, "connection"):
        _local.connection = psycopg.connect(
            libpq_url(os.environ["DATABASE_URL"]), autocommit=True, prepare_threshold=0, options=_OPTIONS
        )
        _local.connection.execute(
            "SELECT set_config('app.dealer_id', %s, false)", (str(_PARAMETERS["dealer_id"]),)
        )
    now = datetime.now(UTC)
    _local.connection.execute(
        _SQL, {**_PARAMETERS, "at": now, "today": now.date(), "too_near": now.date() + timedelta(days=1)}
    ).fetchall()
    start_response("200 OK", [("Content-Type", "application/json"), ("Content-Length", str(_BYTES))])
    return [b"x" * _BYTES]
