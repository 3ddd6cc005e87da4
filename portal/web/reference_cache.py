"""What every list needs and hardly ever changes, kept by the process for a while.

Dealers' facts, warehouses, product lines. So that a page of products costs one statement. An order never
relies on it: `place_order` reads the dealer under lock.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Hashable
from threading import Lock
from typing import Any, NamedTuple, TypeVar, cast

from cachetools import TLRUCache

from portal.dealers.queries import DealerFacts, load_dealer
from portal.pricing import catalogue
from portal.pricing.catalogue import Category
from portal.stock import queries
from portal.stock.queries import ServingWarehouse
from portal.web.request import current_session, portal

T = TypeVar("T")

_SECONDS = 5.0  # as long as an actor is (portal.identity.tokens.TokenMemory)
_ENTRIES_MAX = 4096
_MINUTE = 60.0
_CACHE = "reference_cache"


class _Kept(NamedTuple):
    value: Any
    seconds: float


class ReferenceCache:
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


def dealer_facts(dealer_id: int) -> DealerFacts:
    """A dealer that the current actor may see: its own, or one that `dealer_id_of` found in its scope."""
    return remembered(("dealer", dealer_id), lambda: load_dealer(current_session(), dealer_id))


def serving_warehouses(dealer: DealerFacts) -> tuple[ServingWarehouse, ...]:
    """The warehouses that may serve the dealer, nearest first."""

    def load() -> tuple[ServingWarehouse, ...]:
        return tuple(queries.serving_warehouses(current_session(), dealer=dealer))

    return remembered(("warehouses", dealer.region_id), load)


def categories() -> list[Category]:
    """Product lines with their number of products: the same for everybody."""
    return remembered("categories", lambda: catalogue.categories(current_session()), _MINUTE)


def remembered(key: Hashable, load: Callable[[], T], seconds: float = _SECONDS) -> T:
    """What `load` gave for the key within the last seconds.

    Only for what is the same for everybody who has the key.
    """
    cache: ReferenceCache = portal().extensions.setdefault(_CACHE, ReferenceCache())
    return cache.get(key, load, seconds)
