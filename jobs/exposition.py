"""What is said at `/metrics`: what processes counted, and how the portal stands."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from datetime import datetime
from pathlib import Path
from threading import Lock

import structlog
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.metrics_core import CounterMetricFamily
from prometheus_client.multiprocess import MultiProcessCollector
from redis.exceptions import RedisError

from jobs import nodes, queued, resources
from jobs.counted import fold_the_dead
from jobs.outbox import ATTEMPTS_MAX
from portal.kernel import clock
from portal.kernel.actor import SYSTEM
from portal.kernel.db import transaction
from portal.kernel.errors import DomainError
from portal.kernel.schema import schema_range
from portal.operations.queries import Standing, standing
from portal.version import VERSION

FRESH_SECONDS = 5.0
"""How old an answer may be: more readers cost no more."""

_log = structlog.get_logger("jobs.metrics")

Families = Iterable[Metric]


class Exposition:
    """Makes the text. folder: into which processes count; empty for none.

    processes_only: on further machines, where one already says how the portal stands.
    """

    def __init__(self, folder: str, *, processes_only: bool = False) -> None:
        self._folder = folder
        self._lock = Lock()
        self._made_at = float("-inf")
        self._text = b""
        self._registry = CollectorRegistry(auto_describe=False)
        if folder:
            Path(folder).mkdir(mode=0o700, parents=True, exist_ok=True)
            self._registry.register(MultiProcessCollector(None, path=folder))
        if not processes_only:
            self._registry.register(Stand())

    def text(self) -> bytes:
        """In Prometheus' format, a few seconds old at most."""
        with self._lock:
            if time.monotonic() - self._made_at > FRESH_SECONDS:
                if self._folder:
                    fold_the_dead(Path(self._folder))
                self._text = generate_latest(self._registry)
                self._made_at = time.monotonic()
            return self._text


class Stand:
    """How the portal stands. What does not answer is said to be away, and the rest is told."""

    def collect(self) -> Iterator[Metric]:
        """Ask the database and Valkey."""
        at = clock.now()
        yield _gauge(
            "tonglu_release",
            "The release that says this, and the schema it needs.",
            1,
            {
                "version": VERSION,
                "schema": schema_range().newest,
            },
        )
        try:
            with transaction(resources.database().system_session()) as session:
                found = standing(session, actor=SYSTEM, at=at, attempts_max=ATTEMPTS_MAX)
        except DomainError as error:
            _log.warning("database_away", reason=str(error))
            yield _gauge("tonglu_database_up", _UP_DATABASE, 0)
        else:
            yield _gauge("tonglu_database_up", _UP_DATABASE, 1)
            yield from _of_database(found, at)
        try:
            told = list(_of_valkey(at))
        except RedisError as error:
            _log.warning("valkey_away", reason=type(error).__name__)
            yield _gauge("tonglu_valkey_up", _UP_VALKEY, 0)
        else:
            yield _gauge("tonglu_valkey_up", _UP_VALKEY, 1)
            yield from told


_UP_DATABASE = "Whether the database answered."
_UP_VALKEY = "Whether Valkey answered."


def _of_database(found: Standing, at: datetime) -> Families:
    waits, server = found.waits, found.server
    yield _gauge("tonglu_outbox_waiting", "Effects that wait, counted to 10,001.", waits.effects)
    yield _gauge("tonglu_outbox_failing", "Effects that were tried in vain and wait.", waits.failing)
    yield _gauge("tonglu_outbox_given_up", "Effects that are tried no more.", waits.given_up)
    yield _age("tonglu_outbox_late_seconds", "For how long the oldest effect is due.", waits.due_since, at)
    yield _gauge("tonglu_webhook_dead_letters", "Messages that no receiver took.", waits.dead_letters)
    yield _age("tonglu_seal_age_seconds", "Age of the oldest act not sealed.", waits.unsealed_since, at)
    yield _family(
        "tonglu_close_statements",
        "Statements of closings under way.",
        ("period", "state"),
        [
            ((one.period, state), getattr(one, state))
            for one in found.closings
            for state in ("waiting", "done", "failed")
        ],
    )
    if (checked := found.checked) is not None:
        yield _age("tonglu_check_age_seconds", "Since the last check with a result.", checked.finished_at, at)
        yield _family(
            "tonglu_check_differences",
            "What the last check found.",
            ("check",),
            [((result.name,), len(result.told)) for result in checked.results],
        )
    begun = found.check_begun
    failed = begun is not None and begun.failed_at is not None
    yield _gauge("tonglu_check_failed", "Whether the last check ended without a result.", failed)
    yield _family(
        "tonglu_backup_age_seconds",
        "Since the last one that succeeded.",
        ("kind",),
        [((kind,), (at - one.ended_at).total_seconds()) for kind, one in sorted(found.backups.items())],
    )
    last = found.last_backup
    backup_failed = last is not None and last.error is not None
    yield _gauge("tonglu_backup_failed", "Whether the last backup or trial failed.", backup_failed)
    yield CounterMetricFamily(
        "tonglu_database_deadlocks", "Deadlocks of the database.", value=server.deadlocks
    )
    yield _gauge("tonglu_database_sessions", "Connections to the database.", server.connections)
    yield _gauge("tonglu_database_sessions_max", "Connections it takes.", server.connections_max)
    yield _gauge("tonglu_schema_current", "Whether the schema is this release's.", _is_current(server.schema))
    yield _gauge(
        "tonglu_log_received", "Whether a receiver of the database's log is there.", bool(server.is_received)
    )
    yield _gauge("tonglu_log_unreceived_bytes", "Log that no backup has.", server.unreceived or 0)


def _of_valkey(at: datetime) -> Families:
    connection = resources.valkey()
    kept = queued.queues(connection)
    yield _family("tonglu_queue_jobs", "Jobs that wait.", ("queue",), [((q.name,), q.waiting) for q in kept])
    yield _family(
        "tonglu_queue_failed_jobs",
        "Jobs that failed lately.",
        ("queue",),
        [((q.name,), q.failed) for q in kept],
    )
    yield _family(
        "tonglu_queue_oldest_seconds",
        "How long the next job waits.",
        ("queue",),
        [((q.name,), (at - q.oldest_at).total_seconds() if q.oldest_at else 0) for q in kept],
    )
    living = [node.kind for node in nodes.nodes(connection)]
    yield _family(
        "tonglu_nodes",
        "Processes that were heard of lately.",
        ("kind",),
        [((kind,), living.count(kind)) for kind in nodes.KINDS],
    )
    heard = queued.schedule_heard_at(connection)
    if heard is not None:
        yield _age("tonglu_schedule_age_seconds", "Since a schedule looked for what is due.", heard, at)


def _is_current(schema: str) -> bool:
    return schema == schema_range().newest


def _gauge(name: str, about: str, value: float, labels: dict[str, str] | None = None) -> Metric:
    family = GaugeMetricFamily(name, about, labels=list(labels or ()))
    family.add_metric(list((labels or {}).values()), float(value))
    return family


def _age(name: str, about: str, since: datetime | None, at: datetime) -> Metric:
    """Seconds since a moment; 0 where there is none."""
    return _gauge(name, about, max(0.0, (at - since).total_seconds()) if since else 0)


def _family(
    name: str, about: str, labels: tuple[str, ...], values: Iterable[tuple[tuple[str, ...], float]]
) -> Metric:
    family = GaugeMetricFamily(name, about, labels=labels)
    for labelled, value in values:
        family.add_metric(labelled, float(value))
    return family
