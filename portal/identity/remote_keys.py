"""Public keys that a client publishes under an address: fetched when first needed, kept for a while.

A stranger who names such a client and a key that nobody knows has them fetched again, but not more often than
twice a minute; whoever asks meanwhile waits for that one answer, or takes the keys at hand.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from threading import Lock
from typing import Any

from cachetools import LRUCache

from portal.identity.client_keys import AsymmetricKey, kept_keys

Fetch = Callable[[], bytes]
"""Gives what stands under the address. Raises `KeysUnreachable`."""

_FRESH_SECONDS = 600.0
_HURRY_SECONDS = 30.0
_ADDRESSES_MAX = 512


class KeysUnreachable(Exception):
    """The address gives no answer, or may not be asked."""


@dataclass(slots=True)
class _Place:
    keys: list[AsymmetricKey] = field(default_factory=list)
    read_at: float | None = None
    tried_at: float | None = None
    lock: Lock = field(default_factory=Lock)

    def is_due(self, now: float, seconds: float) -> bool:
        stale = self.read_at is None or now - self.read_at > seconds
        return stale and (self.tried_at is None or now - self.tried_at > _HURRY_SECONDS)


class RemoteKeys:
    """What addresses gave, in one process."""

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        self._now = now
        self._lock = Lock()
        self._places: LRUCache[str, _Place] = LRUCache(_ADDRESSES_MAX)

    def of(self, url: str, kid: object, fetch: Fetch) -> list[AsymmetricKey]:
        """The keys under `url`, those with this `kid` if it names one; none if they cannot be had."""
        with self._lock:
            place = self._places.setdefault(url, _Place())
        found = _named(place.keys, kid)
        if place.is_due(self._now(), _FRESH_SECONDS if found else 0.0):
            with place.lock:
                # Another may have fetched them meanwhile.
                if place.is_due(self._now(), _FRESH_SECONDS if _named(place.keys, kid) else 0.0):
                    self._fetch(place, fetch)
            found = _named(place.keys, kid)
        return found

    def _fetch(self, place: _Place, fetch: Fetch) -> None:
        try:
            place.keys = kept_keys(_as_set(fetch()))
            place.read_at = self._now()
        except KeysUnreachable:
            return
        finally:
            place.tried_at = self._now()  # not before: until there is an answer, whoever asks waits for it


def _named(keys: list[AsymmetricKey], kid: object) -> list[AsymmetricKey]:
    return keys if kid is None else [key for key in keys if key.kid == kid]


def _as_set(body: bytes) -> dict[str, Any]:
    try:
        read = json.loads(body)
    except (ValueError, RecursionError):
        return {}
    return read if isinstance(read, dict) else {}
