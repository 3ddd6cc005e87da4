"""The worker: ``python -m jobs.worker`` takes jobs from the queues, each in a forked child.

A child ends with its job, so memory stays flat. When one is killed, RQ tries the job again as often as the
job allows; when the whole worker is killed, the schedule finds what it left. SIGTERM ends it after the job at
hand.
"""

from __future__ import annotations

import gc
import signal
import sys
import time
from types import FrameType

import structlog
from redis import Redis
from redis.exceptions import RedisError
from rq import Queue, Worker
from rq.job import Job
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import configure_mappers

from jobs import nodes, outbox, resources, upkeep  # noqa: F401 - loaded before forking, shared by every child
from jobs.letters import load_letters
from jobs.loading import function
from jobs.queue import NAMES, name_of, queue
from portal.audit.record import request_id
from portal.kernel.paper.fonts import load_fonts
from portal.kernel.registry import registry
from portal.statements.pdf import load_words
from portal.web.logs import configure_logs
from portal.web.meters import meters_in

_PAUSE_SECONDS = 1.0  # before Valkey is asked again

_log = structlog.get_logger("jobs.worker")


class PortalWorker(Worker):
    """RQ's worker whose children never share a database connection with it.

    It knows whether it was told to stop.
    """

    told_to_stop = False
    max_connection_wait_time = 2.0  # seconds; RQ's own minute leaves work undone long after Valkey is back

    def request_stop(self, signum: int, frame: FrameType | None) -> None:
        """SIGTERM or SIGINT: finish the job at hand, then end."""
        self.told_to_stop = True
        super().request_stop(signum, frame)  # type: ignore[no-untyped-call]  # RQ's has no types

    def execute_job(self, job: Job, queue: Queue) -> None:
        """Have a child do the job, and count it here: a child has no counters of its own."""
        begun = time.monotonic()
        super().execute_job(job, queue)
        if meters := meters_in(resources.settings().metrics_folder):
            kept = self.connection.hget(job.key, "status")  # a job that is done leaves nothing
            outcome = "done" if kept in (None, b"finished") else "failed" if kept == b"failed" else "again"
            meters.worked(name_of(job.description), outcome, time.monotonic() - begun)

    def main_work_horse(self, job: Job, queue: Queue) -> None:
        """In the child: forget the parent's connections without closing them, then work.

        The audit names the job.
        """
        request_id.set(f"job:{job.id}")
        resources.database().engine.dispose(close=False)
        super().main_work_horse(job, queue)


def main() -> int:
    """Work until told to stop; Valkey may be away and come back.

    1 when there is no database: whoever watches starts it again.
    """
    configure_logs(resources.settings().log_level)
    _end_when_told()
    try:
        resources.warm_up()
    except SQLAlchemyError as error:
        _log.error("worker_cannot_start", reason=str(error))
        return 1
    load_fonts()
    load_words()
    load_letters()
    _load_jobs()
    configure_mappers()  # 0.12 s, which each child took at its first insert
    gc.freeze()  # what every child shares is never garbage; looking through it would copy it into each
    connection = resources.valkey()
    nodes.beat("worker", connection)
    while not _worked(connection):
        time.sleep(_PAUSE_SECONDS)
    return 0


def _load_jobs() -> None:
    """Before forking, so that every child shares them."""
    meters_in(resources.settings().metrics_folder)
    for capability in registry().capabilities:
        for name in (
            *(topic.handler for topic in capability.topics.values() if topic.handler),
            *(one.job for one in capability.schedule),
        ):
            function(name)


def _end_when_told() -> None:
    """While no worker is at work, which has handlers of its own."""
    for told in (signal.SIGTERM, signal.SIGINT):
        signal.signal(told, lambda *_: sys.exit(0))


def _worked(connection: Redis) -> bool:
    """Work until told to stop; False when Valkey went away at a moment at which RQ does not wait for it."""
    worker = None
    try:
        worker = PortalWorker([queue(name, connection) for name in NAMES], connection=connection)
        worker.work(logging_level=resources.settings().log_level)
    except RedisError as error:
        _log.warning("valkey_away", reason=str(error))
        _end_when_told()
        if worker is not None and worker.pubsub_thread is not None:
            worker.pubsub_thread.stop()  # type: ignore[unreachable]  # RQ leaves it listening for a worker that is no more
    return worker is not None and worker.told_to_stop


if __name__ == "__main__":
    sys.exit(main())
