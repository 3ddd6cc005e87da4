"""What every list needs and hardly ever changes, kept by the process for a while.

Dealers' facts, warehouses, product lines. So that a page of products costs one statement. An order never
relies on it: `place_order` reads the dealer under lock.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable
from datetime import datetime
from typing import TypeVar

from portal.dealers.queries import DealerFacts, TierName, load_dealer
from portal.dealers.queries import tiers as load_tiers
from portal.kernel import clock
from portal.pricing import catalogue
from portal.pricing.catalogue import Category
from portal.stock import queries
from portal.stock.queries import ServingWarehouse
from portal.web.presentation import in_language
from portal.web.request import current_session, portal

T = TypeVar("T")

_SECONDS = 5.0  # as long as an actor is (portal.identity.tokens.TokenMemory)
_MINUTE = 60.0


def dealer_facts(dealer_id: int, at: datetime | None = None) -> DealerFacts:
    """A dealer that the current actor may see, as it is at `at`, or now.

    Its own, or one that `dealer_id_of` found in its scope.
    """
    day = clock.business_date(at or clock.now(), portal().settings.timezone)
    return remembered(("dealer", dealer_id, day), lambda: load_dealer(current_session(), dealer_id, day=day))


def tiers() -> list[TierName]:
    """Every tier, the best first: the same for everybody."""
    return remembered("tiers", lambda: load_tiers(current_session()), _MINUTE)


def tier_options() -> list[tuple[str, str]]:
    """Code and name of every tier, for a choice."""
    return [(tier.code, in_language(tier.name_zh, tier.name_en)) for tier in tiers()]


def tier_name(code: str) -> str:
    """Name of a tier, in the visitor's language."""
    return dict(tier_options()).get(code, code)


def serving_warehouses(dealer: DealerFacts) -> tuple[ServingWarehouse, ...]:
    """The warehouses that may serve the dealer, nearest first."""

    def load() -> tuple[ServingWarehouse, ...]:
        return tuple(queries.serving_warehouses(current_session(), dealer=dealer))

    return remembered(("warehouses", dealer.region_id), load)


def categories() -> list[Category]:
    """Product lines with their number of products: the same for everybody."""
    today = clock.business_date(clock.now(), portal().settings.timezone)
    return remembered("categories", lambda: catalogue.categories(current_session(), today), _MINUTE)


def product_count(category: str = "") -> int:
    """How many products are shown in a product line and below it; without one, in all."""
    lines = [one for one in categories() if (one.code if category else one.parent_code) == (category or None)]
    return sum(one.products for one in lines)


def remembered(key: Hashable, load: Callable[[], T], seconds: float = _SECONDS) -> T:
    """What `load` gave for the key within the last seconds.

    Only for what is the same for everybody who has the key.
    """
    return portal().reference_cache.get(key, load, seconds)
