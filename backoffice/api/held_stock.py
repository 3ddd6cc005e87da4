"""What lies in the warehouses."""

from __future__ import annotations

from typing import Any

from backoffice.api.schemas.held_stock import HeldPage, HeldQuery
from portal.kernel.errors import N_
from portal.stock.holdings import HeldLevel, HeldLot, held_levels, lots_of
from portal.stock.vocabulary import StockRight
from portal.web.api.operations import HEADQUARTERS, operation
from portal.web.request import current_actor, current_session


@operation(
    "GET",
    "/hq/stock",
    tag=HEADQUARTERS,
    rights=(StockRight.HEADQUARTERS,),
    query=HeldQuery,
    answers=HeldPage,
    summary=N_("What lies in the warehouses, with its lots"),
    about=N_("Lots of which nothing lies there are left out."),
)
def index(query: HeldQuery) -> dict[str, Any]:
    page = held_levels(
        current_session(),
        actor=current_actor(),
        warehouse=query.warehouse or "",
        sku=query.sku or "",
        limit=query.limit,
        cursor=query.cursor,
    )
    lots = lots_of(current_session(), page.items)
    items = [_shown(level, lots.get((level.warehouse_id, level.product_id), [])) for level in page.items]
    return {"items": items, "next_cursor": page.next_cursor}


def _shown(level: HeldLevel, lots: list[HeldLot]) -> dict[str, Any]:
    return {
        "sku": level.sku,
        "warehouse": level.warehouse,
        "on_hand": level.on_hand,
        "reserved": level.reserved,
        "available": level.available,
        "in_inspection": level.in_inspection,
        "quarantined": level.quarantined,
        "in_transit": level.in_transit,
        "lots": [
            {
                "lot": one.lot,
                "expires_on": one.expires_on,
                "state": one.state,
                "on_hand": one.on_hand,
                "inspecting": one.inspecting,
                "quarantined": one.quarantined,
                "location": one.location,
            }
            for one in lots
        ],
    }
