"""Workers as children of a benchmark: whether they wait, what memory they hold, what they have computed."""

from __future__ import annotations

import psutil
from rq import Worker
from rq.worker import WorkerStatus

from jobs import resources
from launch.process import Child


def waiting() -> int:
    """Workers that look for a job. Those of an earlier run that were killed are forgotten first."""
    alive = [worker for worker in Worker.all(connection=resources.valkey()) if psutil.pid_exists(worker.pid)]
    return sum(worker.get_state() == WorkerStatus.IDLE for worker in alive)


def memory(worker: Child) -> int:
    """Bytes of the biggest of the worker's processes."""
    try:
        process = psutil.Process(worker.pid)
        return max(child.memory_info().rss for child in (process, *process.children(recursive=True)))
    except psutil.Error:
        return 0


def cpu_seconds(worker: Child) -> float:
    """Seconds of processor the worker has taken so far, with the children it has and had."""
    try:
        process = psutil.Process(worker.pid)
        now = sum(sum(child.cpu_times()[:2]) for child in process.children(recursive=True))
        return now + sum(process.cpu_times()[:4])
    except psutil.Error:
        return 0.0
