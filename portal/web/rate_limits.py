"""How often one may ask, counted in Valkey for all processes together.

While Valkey is away each process counts for itself, as many keys as it has room for.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator
from functools import cache

import structlog
from flask import Flask, Response, request
from flask_limiter import Limiter
from limits import RateLimitItem, parse
from limits.storage import MemoryStorage
from limits.strategies import FixedWindowRateLimiter, RateLimiter
from redis.exceptions import RedisError

from portal.kernel.errors import N_, DomainError

_VALKEY_TIMEOUT_SECONDS = 0.5
_PAUSE_SECONDS = 5.0
# a process takes a limit from Valkey in so many parts: exact to half a per cent, one round trip for many acts
_PARTS = 200
_KEYS_MAX = 4096


class TooManyRequests(DomainError):
    """Over the limit. Answered with 429 and Retry-After; `retry_after` in seconds."""

    code = "too_many_requests"
    message = N_("Too many requests. Wait %(retry_after)s seconds, then try again.")

    def __init__(self, *, retry_after: int) -> None:
        super().__init__(retry_after=retry_after)
        self.retry_after = retry_after


class Limits:
    """The counters of one application."""

    def __init__(self, valkey_url: str) -> None:
        self.limiter = Limiter(
            key_func=lambda: "",
            storage_uri=valkey_url.replace("unix://", "redis+unix://", 1)
            if valkey_url.startswith("unix:")
            else valkey_url,
            storage_options={
                # A counter is read where it was written, not where it arrives later.
                **({"use_replicas": False} if "+sentinel:" in valkey_url else {}),
                "socket_connect_timeout": _VALKEY_TIMEOUT_SECONDS,  # type: ignore[dict-item]  # takes fractions
                "socket_timeout": _VALKEY_TIMEOUT_SECONDS,  # type: ignore[dict-item]  # takes fractions
            },
            in_memory_fallback_enabled=True,
            key_prefix="tonglu",
        )
        self._limited: set[str] = set()
        self._away_until = 0.0
        self._taken: dict[tuple[str, str], tuple[Iterator[int], float]] = {}
        self._memory = _Memory()
        self._here = FixedWindowRateLimiter(self._memory)

    def init_app(self, app: Flask) -> None:
        """Check limited views before they run, and spend no time on any other."""
        self.limiter.init_app(app)
        # Flask-Limiter's own grows with every key that somebody makes up.
        self.limiter._fallback_storage = self._memory
        self.limiter._fallback_limiter = self._here
        self.limiter.request_filter(lambda: request.endpoint not in self._limited)

    def limit(
        self,
        app: Flask,
        endpoint: str,
        rate: str,
        *,
        key: Callable[[], str],
        counts: Callable[[Response], bool],
    ) -> None:
        """Limit how often `endpoint` may answer a POST of the same `key` with something that `counts`."""
        self._limited.add(endpoint)
        limited = self.limiter.limit(rate, key_func=key, methods=["POST"], deduct_when=counts)
        app.view_functions[endpoint] = limited(app.view_functions[endpoint])  # type: ignore[assignment]  # ours do not wait

    def spend(self, rate: str, purpose: str, key: str) -> None:
        """Count one act of `key`. Raises TooManyRequests beyond `rate` (``6000 per minute``)."""
        now = time.monotonic()
        part, until = self._taken.get((purpose, key), (iter(()), 0.0))
        if now < until and next(part, None) is not None:
            return
        if now >= self._away_until:
            try:
                self._take(_parsed(rate), purpose, key, now)
                return
            except RedisError as error:
                self._away_until = now + _PAUSE_SECONDS  # do not make every request wait for the timeout
                structlog.get_logger("portal").warning("limits_unavailable", reason=type(error).__name__)
        _hit(self._here, _parsed(rate), purpose, key)

    def _take(self, limit: RateLimitItem, purpose: str, key: str, now: float) -> None:
        """Take a part of the limit for this act and those that follow.

        `next` on the iterator is atomic: no lock.
        """
        size = max(1, limit.amount // _PARTS)
        _hit(self.limiter.limiter, limit, purpose, key, size)
        if len(self._taken) >= _KEYS_MAX:
            self._taken.clear()
        self._taken[purpose, key] = iter(range(size - 1)), now + limit.get_expiry()

    def retry_after(self) -> int:
        """Seconds until the limit that this request broke lets go."""
        broken = self.limiter.current_limit
        return seconds_until(broken.window.reset_time) if broken else 60


class _Memory(MemoryStorage):
    """Counts of one process while Valkey is away.

    Forgets all of them rather than keep more than `_KEYS_MAX`.
    """

    def incr(self, key: str, expiry: float, amount: int = 1) -> int:
        """Count, and forget first if there is no room for another key."""
        if len(self.storage) >= _KEYS_MAX and key not in self.storage:
            self.reset()
        return super().incr(key, expiry, amount)


def _hit(limiter: RateLimiter, limit: RateLimitItem, purpose: str, key: str, cost: int = 1) -> None:
    """Count an act. Raises TooManyRequests."""
    if not limiter.hit(limit, purpose, key, cost=cost):
        raise TooManyRequests(
            retry_after=seconds_until(limiter.get_window_stats(limit, purpose, key).reset_time)
        )


def seconds_until(moment: float) -> int:
    """Whole seconds, at least one."""
    return max(1, math.ceil(moment - time.time()))


@cache
def _parsed(rate: str) -> RateLimitItem:
    return parse(rate)
