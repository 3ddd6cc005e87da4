"""What the queues hold, for those who watch: read from Valkey without unpickling anything."""

from __future__ import annotations

import zlib
from base64 import b64decode
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, cast

from redis import Redis
from rq.registry import FailedJobRegistry

from jobs.queue import NAMES, name_of

SHOWN_MAX = 50
"""Failed jobs of one queue that are told of."""

_ERROR_BYTES_MAX = 2**20
_SCHEDULERS = "rq:cron_schedulers"  # by the moment of their last heartbeat


@dataclass(frozen=True, slots=True)
class Queued:
    """One queue. waiting, failed: jobs. oldest_at: when the one that is next was queued."""

    name: str
    waiting: int
    failed: int
    oldest_at: datetime | None


@dataclass(frozen=True, slots=True)
class FailedJob:
    """A job that failed for good. name: ``module.function``. error: the last line of what it said."""

    id: str
    name: str
    queue: str
    queued_at: datetime | None
    ended_at: datetime | None
    error: str


def queues(connection: Redis) -> list[Queued]:
    """Each queue, in the order in which workers look. Two round trips. Raises RedisError."""
    asked = connection.pipeline(transaction=False)
    for name in NAMES:
        asked.llen(f"rq:queue:{name}")
        asked.lindex(f"rq:queue:{name}", 0)
        asked.zcard(_registry(name, connection))
    said = asked.execute()
    parts = [said[n : n + 3] for n in range(0, len(said), 3)]
    oldest = connection.pipeline(transaction=False)
    for _, first, _ in parts:
        oldest.hget(f"rq:job:{_text(first)}", "enqueued_at")
    moments = oldest.execute()
    return [
        Queued(name, waiting, failed, _moment(at))
        for name, (waiting, _, failed), at in zip(NAMES, parts, moments, strict=True)
    ]


def failed_jobs(connection: Redis) -> list[FailedJob]:
    """The jobs that failed lately and are kept, the latest first. Raises RedisError."""
    found = []
    for name in NAMES:
        ids = [_text(one) for one in connection.zrevrange(_registry(name, connection), 0, SHOWN_MAX - 1)]
        asked = connection.pipeline(transaction=False)
        for job_id in ids:
            asked.hmget(f"rq:job:{job_id}", "description", "enqueued_at", "ended_at")
            asked.xrevrange(f"rq:results:{job_id}", count=1)
        said = asked.execute()
        for job_id, kept, results in zip(ids, said[::2], said[1::2], strict=True):
            if kept[0] is not None:
                label = name_of(_text(kept[0]))
                found.append(
                    FailedJob(job_id, label, name, _moment(kept[1]), _moment(kept[2]), _error(results))
                )
    return sorted(found, key=lambda job: (job.ended_at is not None, job.ended_at), reverse=True)


def failed_job(connection: Redis, job_id: str) -> FailedJob | None:
    """One of them. Raises RedisError."""
    return next((job for job in failed_jobs(connection) if job.id == job_id), None)


def schedule_heard_at(connection: Redis) -> datetime | None:
    """When a schedule last looked for what is due. Raises RedisError."""
    newest = cast(list[tuple[bytes, float]], connection.zrevrange(_SCHEDULERS, 0, 0, withscores=True))
    return datetime.fromtimestamp(newest[0][1], UTC) if newest else None


def _registry(name: str, connection: Redis) -> str:
    return FailedJobRegistry(name, connection=connection).key


def _text(said: Any) -> str:
    return said.decode() if isinstance(said, bytes) else said or ""


def _moment(said: bytes | None) -> datetime | None:
    """A moment as RQ writes it, in UTC."""
    text = _text(said)
    return datetime.fromisoformat(text.replace("Z", "+00:00")) if text else None


def _error(results: list[tuple[bytes, dict[bytes, bytes]]]) -> str:
    """The last line of the traceback that RQ kept packed; it names the exception."""
    packed = results[0][1].get(b"exc_string") if results else None
    unpacked = zlib.decompressobj().decompress(b64decode(packed), _ERROR_BYTES_MAX) if packed else b""
    lines = unpacked.decode(errors="replace").splitlines()
    return next((line.strip() for line in reversed(lines) if line.strip()), "")[:300]
