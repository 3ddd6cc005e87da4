"""Values that a process keeps for seconds."""

from __future__ import annotations

import time
from collections.abc import Callable, Hashable
from threading import Lock
from typing import Any, NamedTuple, TypeVar, cast

from cachetools import TLRUCache

T = TypeVar("T")

_ENTRIES_MAX = 4096


class _Kept(NamedTuple):
    value: Any
    seconds: float


class TimedCache:
    """Values by key, each for its seconds; the least used goes first when there are too many."""

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        self._lock = Lock()
        self._kept: TLRUCache[Hashable, _Kept] = TLRUCache(
            _ENTRIES_MAX, ttu=lambda _key, kept, at: at + kept.seconds, timer=now
        )

    def get(self, key: Hashable, load: Callable[[], T], seconds: float) -> T:
        """What `load` gave for the key within the last seconds. Two who ask at once may both load."""
        with self._lock:
            kept = self._kept.get(key)
        if kept is None:
            kept = _Kept(load(), seconds)
            with self._lock:
                self._kept[key] = kept
        return cast(T, kept.value)
