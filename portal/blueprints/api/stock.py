"""Stock, product by product."""

from __future__ import annotations

from typing import Any

from portal.blueprints.api.schemas.catalogue import StockAnswer, StockQuery
from portal.catalogue.manifest import CHAPTER
from portal.catalogue.vocabulary import CatalogueRight
from portal.kernel.errors import N_
from portal.stock.queries import Availability, availability
from portal.stock.vocabulary import StockRight
from portal.web.api.buyer import buyer, now_and_today
from portal.web.api.operations import Answer, operation
from portal.web.request import current_session, portal


@operation(
    "GET",
    "/stock",
    tag=CHAPTER,
    rights=(StockRight.READ, CatalogueRight.HEADQUARTERS),
    query=StockQuery,
    answers=StockAnswer,
    summary=N_("Stock of some products in the warehouses that may serve the dealer"),
    about=N_("An unknown SKU is answered without warehouses."),
)
def index(query: StockQuery) -> Answer:
    as_of, today = now_and_today()
    skus, margin_days = list(dict.fromkeys(query.sku)), portal().settings.saleable_days_before_expiry
    levels = availability(
        current_session(), dealer=buyer(query.dealer), skus=skus, today=today, margin_days=margin_days
    )
    found: dict[str, list[dict[str, Any]]] = {sku: [] for sku in query.sku}
    for level in levels:
        found[level.sku].append(_level(level) | {"as_of": as_of})
    items = [{"sku": sku, "warehouses": warehouses} for sku, warehouses in found.items()]
    return Answer({"items": items}, same=repr(levels).encode())


def _level(level: Availability) -> dict[str, Any]:
    return {
        "warehouse": level.warehouse,
        "region": level.region,
        "available": level.available,
        "in_transit": level.in_transit,
        "next_arrival": level.next_arrival,
    }
