"""Connections to Valkey: one server, or the master that Sentinels name.

``redis+sentinel://host:26379,host:26379/name`` is the way `limits` spells it too, so one address serves all.
"""

from __future__ import annotations

from typing import Any
from urllib.parse import unquote, urlsplit

from redis import Redis
from redis.sentinel import Sentinel, SentinelManagedConnection

_SENTINELS = "redis+sentinel"
_PORT = 26379
_ASKING_SECONDS = 0.5  # a Sentinel that is gone costs no more before the next is asked


def connect(url: str, **options: Any) -> Redis:
    """A client that opens its connections at first use; `options` are those of redis-py.

    Through Sentinels each new connection goes to whoever is master by then, so a client outlives a failover.
    """
    parts = urlsplit(url)
    if parts.scheme != _SENTINELS:
        return Redis.from_url(url, **options)
    name = parts.path.strip("/")
    if not name:
        raise ValueError("the address of Sentinels ends with the name of what they watch: /tonglu")
    user = {"username": unquote(parts.username)} if parts.username else {}
    if parts.password:
        options |= user | {"password": unquote(parts.password)}
    sentinels = [_pair(one) for one in parts.netloc.rpartition("@")[2].split(",")]
    patience = {"socket_connect_timeout": _ASKING_SECONDS, "socket_timeout": _ASKING_SECONDS}
    asking = Sentinel(sentinels, sentinel_kwargs=patience)  # type: ignore[no-untyped-call]  # redis-py's has no types
    options.setdefault("connection_class", _Connection)
    master: Redis = asking.master_for(name, **options)  # type: ignore[no-untyped-call]  # the same
    return master


class _Connection(SentinelManagedConnection):
    """To whoever is master. One whose answer was not awaited is closed, as those to a single server are.

    redis-py keeps it, and the next command on it gets that answer: a worker that was told to stop while it
    waited for a job hung for minutes.
    """

    def read_response(self, *args: Any, disconnect_on_error: bool | None = True, **options: Any) -> Any:
        """The answer to the command that was sent."""
        return super().read_response(*args, disconnect_on_error=disconnect_on_error, **options)


def _pair(place: str) -> tuple[str, int]:
    host, _, port = place.partition(":")
    return host, int(port or _PORT)
