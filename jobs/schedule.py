"""The schedule: ``python -m jobs.schedule`` enqueues what recurs.

Any number may run: every recurring job looks for work, does what it finds under row locks, and finds nothing
the second time.
"""

from __future__ import annotations

import sys
import time
from datetime import timedelta

import structlog
from redis.exceptions import RedisError
from rq.cron import CronScheduler

from jobs import nodes, resources
from jobs.loading import function
from jobs.queue import DEFAULT, HIGH, OUTGOING
from portal.kernel.manifest import Recurring
from portal.kernel.registry import registry
from portal.web.logs import configure_logs

_log = structlog.get_logger("jobs.schedule")

HOUR = 3600  # seconds

_KERNEL = (
    Recurring("jobs.outbox.sweep", every=timedelta(seconds=15), is_urgent=True),
    Recurring("jobs.upkeep.forget", every=timedelta(days=1)),
)
_PAUSE = 3  # seconds before Valkey is asked again
_FAILURES_KEPT = HOUR


def recurring() -> list[Recurring]:
    """Everything that recurs: what the kernel needs, and what the capabilities declare."""
    return [*_KERNEL, *(one for capability in registry().capabilities for one in capability.schedule)]


def scheduler() -> CronScheduler:
    """A schedule of all that."""
    cron = CronScheduler(resources.valkey())
    for one in recurring():
        _register(cron, one)
    return cron


def _register(cron: CronScheduler, one: Recurring) -> None:
    seconds = int(one.every.total_seconds())
    cron.register(
        function(one.job),
        _lane(one),
        interval=seconds,
        ttl=seconds if seconds < HOUR else None,  # soon there is another
        job_timeout=int(one.patience.total_seconds()) if one.patience else None,
        result_ttl=0,
        failure_ttl=_FAILURES_KEPT,
    )


def _lane(one: Recurring) -> str:
    if one.goes_out:
        return OUTGOING
    return HIGH if one.is_urgent else DEFAULT


def main() -> int:
    """Run until told to stop; Valkey may go away and come back."""
    configure_logs(resources.settings().log_level)
    nodes.beat("schedule", resources.valkey())
    while True:
        try:
            scheduler().start()
            return 0
        except RedisError as error:
            _log.warning("valkey_away", reason=str(error))
            time.sleep(_PAUSE)


if __name__ == "__main__":
    sys.exit(main())
