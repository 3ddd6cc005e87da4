"""What the processes of one machine count: requests, the database, jobs. `jobs.metrics` adds them up.

Each process writes to files of its own in ``TONGLU_METRICS_FOLDER``, which prometheus-client maps into
memory; nothing is sent, and nobody waits. Without that setting the library is not even imported. Labels are
names of our own source, never a number or a dealer, so that their combinations are bounded.
"""

from __future__ import annotations

import os
import time
from functools import cache
from pathlib import Path

from flask import Flask, Response, g, request
from sqlalchemy import Engine, event
from sqlalchemy.engine import ExceptionContext

from portal.kernel.db import OVERFLOW_MAX
from portal.kernel.db_errors import DISK_STATES, sqlstate
from portal.web.request import Portal

FOLDER = "PROMETHEUS_MULTIPROC_DIR"
"""Where prometheus-client looks, when it is imported, for the folder into which it counts."""

REQUEST_SECONDS = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0)
JOB_SECONDS = (0.05, 0.25, 1.0, 5.0, 30.0, 120.0, 600.0)

_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
_ERRORS = {
    "40P01": "deadlock",
    "40001": "serialization",
    "55P03": "lock_timeout",
    "57014": "statement_timeout",
    "25006": "read_only",
    "53300": "too_many_connections",
    **dict.fromkeys(DISK_STATES, "disk"),
}


class Meters:
    """The counters of this process."""

    def __init__(self) -> None:
        from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

        mine = CollectorRegistry()
        self._requests = Histogram(
            "tonglu_request_seconds",
            "Requests and how long the portal took over them.",
            ("route", "method", "status"),
            buckets=REQUEST_SECONDS,
            registry=mine,
        )
        self._turned_away = Counter(
            "tonglu_requests_turned_away",
            "Requests answered 503 because no thread was free in time.",
            registry=mine,
        )
        self._statements = Counter(
            "tonglu_database_statements", "Statements sent to the database.", ("pool",), registry=mine
        )
        self._transactions = Counter(
            "tonglu_database_transactions",
            "Transactions of web processes by how they ended.",
            ("pool", "end"),
            registry=mine,
        )
        self._errors = Counter(
            "tonglu_database_errors", "Statements that failed, by reason.", ("pool", "reason"), registry=mine
        )
        self._in_use = Gauge(
            "tonglu_database_connections_in_use",
            "Connections of the pools of web processes that a request holds.",
            ("pool",),
            multiprocess_mode="livesum",
            registry=mine,
        )
        self._connections_max = Gauge(
            "tonglu_database_connections_max",
            "Connections that the pools of web processes may open.",
            ("pool",),
            multiprocess_mode="livesum",
            registry=mine,
        )
        self._jobs = Histogram(
            "tonglu_job_seconds",
            "Jobs and how long workers took over them.",
            ("job", "outcome"),
            buckets=JOB_SECONDS,
            registry=mine,
        )

    def init_app(self, app: Flask) -> None:
        """Count every request under the name of its view."""
        app.after_request(self._end)

    def watch(self, engine: Engine, pool: str, *, connections_max: int) -> None:
        """Count what an engine is asked. pool: whose it is, one of a few names."""
        statements = self._statements.labels(pool)
        ended = {end: self._transactions.labels(pool, end) for end in ("commit", "rollback")}
        in_use = self._in_use.labels(pool)
        # Said when a process opens its first connection: what a parent says before it forks is not its own.
        most = self._connections_max.labels(pool)
        event.listen(engine, "connect", lambda *_: most.set(connections_max))
        event.listen(engine, "before_cursor_execute", lambda *_: statements.inc())
        event.listen(engine, "commit", lambda *_: ended["commit"].inc())
        event.listen(engine, "rollback", lambda *_: ended["rollback"].inc())
        event.listen(engine, "checkout", lambda *_: in_use.inc())
        event.listen(engine, "checkin", lambda *_: in_use.dec())

        def failed(context: ExceptionContext) -> None:
            raised = context.original_exception
            state = sqlstate(raised) if isinstance(raised, Exception) else ""
            reason = "connection" if context.is_disconnect else _ERRORS.get(state, "refused")
            self._errors.labels(pool, reason).inc()

        event.listen(engine, "handle_error", failed)

    def turned_away(self) -> None:
        """Count a request for which no thread was free."""
        self._turned_away.inc()

    def worked(self, job: str, outcome: str, seconds: float) -> None:
        """Count a job. outcome: ``done``, ``failed`` or ``again``."""
        self._jobs.labels(job, outcome).observe(seconds)

    def _end(self, response: Response) -> Response:
        method = request.method if request.method in _METHODS else "other"
        status = f"{response.status_code // 100}xx"
        seconds = time.perf_counter() - g.began
        self._requests.labels(request.endpoint or "none", method, status).observe(seconds)
        return response


@cache
def meters_in(folder: str) -> Meters | None:
    """The counters that write into a folder; None without one. Made once a process, before it forks."""
    if not folder:
        return None
    Path(folder).mkdir(mode=0o700, parents=True, exist_ok=True)
    os.environ[FOLDER] = folder
    return Meters()


def count(app: Portal) -> None:
    """Have the portal counted, where the settings say so."""
    meters = meters_in(app.settings.metrics_folder)
    if meters is None:
        return
    meters.init_app(app)
    most = app.settings.database_pool_size + OVERFLOW_MAX
    meters.watch(app.database.engine, "app", connections_max=most)
    meters.watch(app.issuer_database.engine, "issuer", connections_max=most)
