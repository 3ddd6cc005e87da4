"""The worker: ``python -m jobs.worker`` takes jobs from the queues, each in a forked child.

A child ends with its job, so memory stays flat. When one is killed, RQ tries the job again as often as the job allows;
when the whole worker is killed, the schedule finds what it left. SIGTERM ends it after the job at hand.
"""

from __future__ import annotations

import sys
from types import FrameType

import structlog
from redis.exceptions import RedisError
from rq import Queue, Worker
from rq.job import Job
from sqlalchemy.exc import SQLAlchemyError

from jobs import check, mail, outbox, resources, statements, upkeep  # noqa: F401 - loaded before forking, shared by every child
from jobs.queue import NAMES, queue
from portal.audit.record import request_id
from portal.logs import configure_logs
from portal.statements.pdf import load_fonts

_log = structlog.get_logger("jobs.worker")


class PortalWorker(Worker):
    """RQ's worker whose children never share a database connection with it. It knows whether it was told to stop."""

    told_to_stop = False

    def request_stop(self, signum: int, frame: FrameType | None) -> None:
        """SIGTERM or SIGINT: finish the job at hand, then end."""
        self.told_to_stop = True
        super().request_stop(signum, frame)

    def main_work_horse(self, job: Job, queue: Queue) -> None:
        """In the child: forget the parent's connections without closing them, then work. The audit names the job."""
        request_id.set(f"job:{job.id}")
        resources.database().engine.dispose(close=False)
        super().main_work_horse(job, queue)


def main() -> int:
    """Work until told to stop. 1 when Valkey or the database is away for good: whoever watches over this starts it again."""
    level = resources.settings().log_level
    configure_logs(level)
    try:
        resources.warm_up()
        load_fonts()
        connection = resources.valkey()
        worker = PortalWorker([queue(name, connection) for name in NAMES], connection=connection)
        worker.work(logging_level=level)
    except (RedisError, SQLAlchemyError) as error:
        _log.error("worker_cannot_start", reason=str(error))
        return 1
    return 0 if worker.told_to_stop else 1


if __name__ == "__main__":
    sys.exit(main())
