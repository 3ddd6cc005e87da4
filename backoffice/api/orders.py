"""The order desk: what waits, and its release."""

from __future__ import annotations

from typing import Any

from portal.blueprints.api.schemas.orders import DeskPage, DeskQuery, ReleaseBody, ReleaseShape
from portal.kernel.errors import N_
from portal.orders.release_order import release_order
from portal.orders.vocabulary import OrderRight
from portal.shipping.desk import OPEN, DeskOrder, desk_orders
from portal.shipping.vocabulary import ShippingRight
from portal.web.api.buyer import now_and_today
from portal.web.api.operations import HEADQUARTERS, operation
from portal.web.request import current_actor, current_session, portal


@operation(
    "GET",
    "/hq/orders",
    tag=HEADQUARTERS,
    rights=(OrderRight.DESK, ShippingRight.SHIP),
    query=DeskQuery,
    answers=DeskPage,
    summary=N_("Orders of all dealers, the longest waiting first"),
    about=N_(
        "`status=confirmed` are those to ship, `status=on_hold` those to decide; "
        "without it, all that wait for headquarters."
    ),
)
def index(query: DeskQuery) -> dict[str, Any]:
    page = desk_orders(
        current_session(),
        statuses=(query.status,) if query.status else OPEN,
        q=query.q,
        limit=query.limit,
        cursor=query.cursor,
    )
    return {"items": [_shown(order) for order in page.items], "next_cursor": page.next_cursor}


@operation(
    "POST",
    "/hq/orders/<number>/release",
    tag=HEADQUARTERS,
    rights=(OrderRight.DESK,),
    body=ReleaseBody,
    answers=ReleaseShape,
    creates=True,
    conflicts=True,
    summary=N_("Release an order"),
    about=N_(
        "Not by the person who placed it. Above what one person may release, the first call proposes and a "
        "second person's releases."
    ),
)
def release(number: str, body: ReleaseBody) -> dict[str, Any]:
    at, today = now_and_today()
    released = release_order(
        current_session(),
        actor=current_actor(),
        number=number,
        reason=body.reason,
        today=today,
        at=at,
        cancel_missing=body.cancel_missing,
        margin_days=portal().settings.saleable_days_before_expiry,
    )
    return {
        "number": released.number,
        "status": released.status,
        "units_cancelled": released.units_cancelled,
        "proposed": released.proposed,
    }


def _shown(order: DeskOrder) -> dict[str, Any]:
    return {
        "number": order.number,
        "status": order.status,
        "holds": order.holds,
        "purchase_order_no": order.purchase_order_no,
        "dealer": order.dealer_code,
        "channel": order.channel,
        "warehouse": order.warehouse_code,
        "placed_at": order.placed_at,
        "requested_date": order.requested_date,
        "line_count": order.line_count,
        "units_open": order.units_open,
        "shipment": order.picking,
        "total": order.total,
    }
