"""Which processes of the portal live: each says so in Valkey every half minute, under a key that runs out.

No table: what has died says nothing any more and is forgotten by itself, and nobody writes to the database
only to say that nothing happens.
"""

from __future__ import annotations

import contextlib
import os
import socket
import time
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from threading import Thread

import orjson
from redis import Redis
from redis.exceptions import RedisError

from portal.kernel.schema import schema_range
from portal.version import VERSION

KINDS = ("web", "worker", "schedule")

_PREFIX = "tonglu:node:"
_SECONDS = 30.0
_KEPT_SECONDS = 100  # three beats
_NODES_MAX = 500


@dataclass(frozen=True, slots=True)
class Node:
    """A process. kind: one of `KINDS`. schema: the newest its release knows. Moments are ISO 8601 in UTC."""

    kind: str
    host: str
    pid: int
    version: str
    schema: str
    began_at: str
    beat_at: str

    @property
    def began(self) -> datetime:
        """When it began."""
        return datetime.fromisoformat(self.began_at)

    @property
    def beat(self) -> datetime:
        """When it was heard of last."""
        return datetime.fromisoformat(self.beat_at)


def beat(kind: str, connection: Redis) -> None:
    """Say from now on, by a thread, that this process lives."""
    Thread(target=_beat, args=(kind, connection), name="heartbeat", daemon=True).start()


def say(kind: str, connection: Redis, *, began_at: str) -> None:
    """Say once that this process lives. Raises RedisError."""
    host, pid = socket.gethostname(), os.getpid()
    schema = schema_range().newest
    node = Node(kind, host, pid, VERSION, schema, began_at, datetime.now(UTC).isoformat(timespec="seconds"))
    connection.set(f"{_PREFIX}{kind}:{host}:{pid}", orjson.dumps(asdict(node)), ex=_KEPT_SECONDS)


def nodes(connection: Redis) -> list[Node]:
    """The processes that were heard of lately, by kind and host. Raises RedisError."""
    keys = []
    for key in connection.scan_iter(f"{_PREFIX}*", count=1000):
        keys.append(key)
        if len(keys) == _NODES_MAX:
            break
    said = connection.mget(keys) if keys else []
    found = [Node(**orjson.loads(one)) for one in said if one]
    return sorted(found, key=lambda node: (KINDS.index(node.kind), node.host, node.pid))


def _beat(kind: str, connection: Redis) -> None:
    began_at = datetime.now(UTC).isoformat(timespec="seconds")
    while True:
        with contextlib.suppress(RedisError):  # away; the portal says so elsewhere
            say(kind, connection, began_at=began_at)
        time.sleep(_SECONDS)
