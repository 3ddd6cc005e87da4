"""Floor prices: which there are, and set."""

from __future__ import annotations

from typing import Any

from backoffice.api.schemas.floor_prices import FloorBody, FloorPage, FloorShape, FloorsQuery
from portal.kernel import clock
from portal.kernel.errors import N_
from portal.pricing.floors import FloorRow, Standing, floors
from portal.pricing.set_floor import set_floor
from portal.pricing.vocabulary import PriceRight
from portal.web.api.operations import HEADQUARTERS, operation
from portal.web.request import current_actor, current_session


@operation(
    "GET",
    "/hq/floor-prices",
    tag=HEADQUARTERS,
    rights=(PriceRight.POLICIES, PriceRight.APPROVE),
    query=FloorsQuery,
    answers=FloorPage,
    summary=N_("Floor prices by SKU"),
    about=N_("Of the products on sale; no dealer is shown one."),
)
def index(query: FloorsQuery) -> dict[str, Any]:
    page = floors(
        current_session(),
        actor=current_actor(),
        at=clock.now(),
        standing=Standing(query.standing),
        limit=query.limit,
        cursor=query.cursor,
    )
    return {"items": [_row(row) for row in page.items], "next_cursor": page.next_cursor}


@operation(
    "PUT",
    "/hq/floor-prices/<sku>",
    tag=HEADQUARTERS,
    rights=(PriceRight.POLICIES,),
    body=FloorBody,
    answers=FloorShape,
    summary=N_("Set the floor of a product"),
    about=N_(
        "A rule that goes below it is refused when it is submitted, or lifted where the policy says so."
    ),
)
def floor(sku: str, body: FloorBody) -> dict[str, Any]:
    counts_from = set_floor(
        current_session(), actor=current_actor(), sku=sku, floor=body.floor, starts=body.valid_from
    )
    return {"sku": sku, "floor": body.floor, "valid_from": counts_from}


def _row(row: FloorRow) -> dict[str, Any]:
    names = ("sku", "list_price", "floor", "since", "next_floor", "next_from")
    return {name: getattr(row, name) for name in names}
