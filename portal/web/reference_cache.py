"""What every list needs and hardly ever changes, kept by the process for a while.

Dealers' facts, warehouses, product lines. So that a page of products costs one statement. An order never
relies on it: `place_order` reads the dealer under lock.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable
from typing import TypeVar

from portal.dealers.queries import DealerFacts, load_dealer
from portal.pricing import catalogue
from portal.pricing.catalogue import Category
from portal.stock import queries
from portal.stock.queries import ServingWarehouse
from portal.web.request import current_session, portal

T = TypeVar("T")

_SECONDS = 5.0  # as long as an actor is (portal.identity.tokens.TokenMemory)
_MINUTE = 60.0


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
    return portal().reference_cache.get(key, load, seconds)
