"""The queues in Valkey, and the signal that tells the workers of new rows in the outbox.

Light to import: the web needs it for the signal only. Jobs are named by their path, so that nobody loads them
to enqueue one.
"""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable
from threading import Event, Lock, Thread
from typing import Any

import structlog
from redis import Redis
from redis.exceptions import RedisError
from rq import Queue, Retry

from portal.kernel import valkey

HIGH, DEFAULT, OUTGOING = "high", "default", "outgoing"
NAMES = (HIGH, DEFAULT, OUTGOING)  # in the order in which workers look; the last waits for others' machines

DRAIN = "jobs.outbox.drain"
CLOSE_BATCH = "jobs.statements.close_batch"
SEND_WEBHOOKS = "jobs.webhooks.send_due"
COMPARE_LEDGER = "jobs.own_ledgers.compare"
CAPTURE_EVENTS = "jobs.epcis.capture"

_SIGNALLED = "tonglu:outbox:signalled"
_SIGNAL_SECONDS = (
    10  # a signal whose job was lost blocks others no longer than that; the schedule sweeps anyway
)
_COMPARING_SECONDS = 900  # twenty times what 100,000 lines take
_CAPTURING_SECONDS = 1800  # of a document of the largest size; it goes on from where it came to
_KEPT_SECONDS = 3600  # failed jobs, for whoever looks
_WEB_PATIENCE = 0.5  # seconds a request waits for Valkey; the order is placed by then
_TOGETHER_SECONDS = 0.02  # commits within so little time share a signal
_QUIET_SECONDS = 5  # after a signal was lost, so that a Valkey that hangs does not slow every request

_log = structlog.get_logger("jobs.queue")


def connect(url: str) -> Redis:
    """A connection for workers and schedule. It is opened at first use."""
    return valkey.connect(url, socket_connect_timeout=5, health_check_interval=30)


def queue(name: str, connection: Redis) -> Queue:
    """One of the queues."""
    return Queue(name, connection=connection)


class OutboxSignal:
    """Called after a commit that left rows in the outbox: wakes one worker for many commits.

    Costs one round trip. Only the first commit since the last drain enqueues one; that drain takes the mark
    away before it looks at the outbox, so it sees the rows of every commit that found the mark. Never raises.
    """

    def __init__(self, connection: Redis) -> None:
        self._connection = connection
        self._queue = queue(HIGH, connection)
        self._quiet_until = 0.0

    @classmethod
    def at(cls, url: str) -> OutboxSignal:
        """For a process that answers people: it gives up on Valkey soon."""
        return cls(valkey.connect(url, socket_connect_timeout=_WEB_PATIENCE, socket_timeout=_WEB_PATIENCE))

    def __call__(self) -> None:
        if time.monotonic() < self._quiet_until:
            return
        try:
            if self._connection.set(_SIGNALLED, 1, nx=True, ex=_SIGNAL_SECONDS):
                self._queue.enqueue(DRAIN, result_ttl=0, failure_ttl=_KEPT_SECONDS)
        except RedisError as error:
            self._quiet_until = time.monotonic() + _QUIET_SECONDS
            _log.warning("signal_lost", reason=type(error).__name__)


class BackgroundSignal:
    """A signal given by a thread of its own, so that nobody who placed an order waits for Valkey.

    Commits that follow closely share one. What is not given when the process ends, the schedule makes up for.
    """

    def __init__(self, outbox_signal: Callable[[], None]) -> None:
        self._signal = outbox_signal
        self._due = Event()
        self._starting = Lock()
        self._thread: Thread | None = None

    def __call__(self) -> None:
        self._due.set()
        if not self._at_work():
            self._start()

    def _at_work(self) -> bool:
        return self._thread is not None and self._thread.is_alive()

    def _start(self) -> None:
        """Only when needed, and again if the thread is gone.

        It survives neither a fork nor an error nobody thought of.
        """
        with self._starting:
            if not self._at_work():
                self._thread = Thread(target=self._give, name="outbox-signal", daemon=True)
                self._thread.start()

    def _give(self) -> None:
        while self._due.wait():
            self._due.clear()
            self._signal()
            time.sleep(_TOGETHER_SECONDS)


def name_of(description: str | None) -> str:
    """``module.function`` of a job, of what RQ says it calls.

    Its own member of a job would unpickle what is in Valkey.
    """
    return (description or "").partition("(")[0] or "unknown"


def clear_signal(connection: Redis) -> None:
    """From now on commits signal again."""
    connection.delete(_SIGNALLED)


def wake_webhooks(connection: Redis) -> None:
    """See to it that what is due to receivers of webhooks is sent when a worker is free."""
    _one_waits(queue(OUTGOING, connection), "webhooks-", SEND_WEBHOOKS, job_timeout=60)


def spare_batch(connection: Redis, period: str) -> None:
    """See to it that a batch of a closing waits for the next worker that is free."""
    _one_waits(queue(DEFAULT, connection), f"close-{period}-", CLOSE_BATCH, period, retry=Retry(max=3))


def compare_soon(connection: Redis, dealer_id: int, number: str) -> None:
    """See to it that an uploaded ledger waits for the next worker that is free."""
    name = f"own-ledger-{dealer_id}-{number}-"
    ledgers = queue(DEFAULT, connection)
    _one_waits(ledgers, name, COMPARE_LEDGER, dealer_id, number, job_timeout=_COMPARING_SECONDS)


def capture_soon(connection: Redis, dealer_id: int, number: str) -> None:
    """See to it that a document of events waits for the next worker that is free."""
    name = f"epcis-{dealer_id}-{number}-"
    documents = queue(DEFAULT, connection)
    _one_waits(documents, name, CAPTURE_EVENTS, dealer_id, number, job_timeout=_CAPTURING_SECONDS)


def _one_waits(jobs: Queue, name: str, call: str, *arguments: Any, **how: Any) -> None:
    """Enqueue a job whose id begins with a name, unless one such waits; one at work is no such."""
    if not any(job_id.startswith(name) for job_id in jobs.job_ids):
        job_id = name + secrets.token_hex(6)
        jobs.enqueue(call, *arguments, job_id=job_id, result_ttl=0, failure_ttl=_KEPT_SECONDS, **how)
