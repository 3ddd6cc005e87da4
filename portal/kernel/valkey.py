"""Connections to Valkey: one server, or the master that Sentinels name.

``redis+sentinel://host:26379,host:26379/name`` is the way `limits` spells it too, so one address serves all.
"""

from __future__ import annotations

from typing import Any
from urllib.parse import unquote, urlsplit

from redis import Redis
from redis.sentinel import Sentinel

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
    master: Redis = asking.master_for(name, **options)  # type: ignore[no-untyped-call]  # the same
    return master


def _pair(place: str) -> tuple[str, int]:
    host, _, port = place.partition(":")
    return host, int(port or _PORT)
