"""The schedule: ``python -m jobs.schedule`` enqueues what recurs.

Any number may run: every recurring job looks for work, does what it finds under row locks, and finds nothing the
second time.
"""

from __future__ import annotations

import sys
import time

import structlog
from redis.exceptions import RedisError
from rq.cron import CronScheduler

from jobs import check, outbox, resources, statements, upkeep
from jobs.queue import DEFAULT, HIGH
from portal.web.logs import configure_logs

_log = structlog.get_logger("jobs.schedule")

OUTBOX_SECONDS = 15
CLOSE_SECONDS = 30
CHECK_SECONDS = 60
HOUR = 3600
DAY = 24 * HOUR

_PAUSE = 3  # seconds before Valkey is asked again
_FAILURES_KEPT = HOUR
_CHECK_PATIENCE = 3 * HOUR  # seconds; ten million movements take minutes


def scheduler() -> CronScheduler:
    """Everything that recurs. Expired lots go by the hour: the day turns where the business is, not where this runs."""
    cron = CronScheduler(resources.valkey())
    options = {"result_ttl": 0, "failure_ttl": _FAILURES_KEPT}
    cron.register(outbox.sweep, HIGH, interval=OUTBOX_SECONDS, ttl=OUTBOX_SECONDS, **options)
    cron.register(statements.sweep, HIGH, interval=CLOSE_SECONDS, ttl=CLOSE_SECONDS, **options)
    cron.register(upkeep.retire_expired, DEFAULT, interval=HOUR, **options)
    cron.register(upkeep.forget, DEFAULT, interval=DAY, **options)
    cron.register(check.sweep, DEFAULT, interval=CHECK_SECONDS, ttl=CHECK_SECONDS, job_timeout=_CHECK_PATIENCE, **options)
    return cron


def main() -> int:
    """Run until told to stop; Valkey may go away and come back."""
    configure_logs(resources.settings().log_level)
    while True:
        try:
            scheduler().start()
            return 0
        except RedisError as error:
            _log.warning("valkey_away", reason=str(error))
            time.sleep(_PAUSE)


if __name__ == "__main__":
    sys.exit(main())
