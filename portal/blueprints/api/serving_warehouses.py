"""Which warehouses serve which province, remembered for some seconds: it hardly ever changes and every list needs it."""

from __future__ import annotations

import time

from portal.dealers.queries import DealerFacts
from portal.request import current_session, portal
from portal.stock import queries
from portal.stock.queries import ServingWarehouse

_REMEMBERED_SECONDS = 5.0
_MEMORY = "api.serving_warehouses"


def serving_warehouses(dealer: DealerFacts) -> tuple[ServingWarehouse, ...]:
    """The warehouses that may serve the dealer, nearest first."""
    memory = portal().extensions.setdefault(_MEMORY, {})
    known, until = memory.get(dealer.region_id, ((), 0.0))
    if until < time.monotonic():
        known = tuple(queries.serving_warehouses(current_session(), dealer=dealer))
        memory[dealer.region_id] = known, time.monotonic() + _REMEMBERED_SECONDS
    return known
