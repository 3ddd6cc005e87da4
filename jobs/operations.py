"""Queue again what failed, for an operator who asked."""

from __future__ import annotations

import structlog
from rq.exceptions import InvalidJobOperation, NoSuchJobError
from rq.registry import FailedJobRegistry

from jobs import resources
from jobs.queue import NAMES
from portal.kernel.outbox import Effect

_log = structlog.get_logger("jobs.operations")


def queue_again(effect: Effect) -> None:
    """Put a job back into its queue; nothing where it is kept no longer, or somebody was faster."""
    job_id, name = str(effect.payload["job"]), str(effect.payload["queue"])
    if name not in NAMES:
        return
    try:
        FailedJobRegistry(name, connection=resources.valkey()).requeue(job_id)
    except (InvalidJobOperation, NoSuchJobError):
        _log.warning("job_not_kept", job=job_id)
