"""Pick an order and ship what was picked, in one transaction: all of it or nothing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime

from sqlalchemy.orm import Session

from portal.kernel.actor import Actor
from portal.orders.locking import lock_order
from portal.shipping.parcel import SerialKey
from portal.shipping.pick_order import pick_order
from portal.shipping.rules import LineUnits, LotChoice, units_named
from portal.shipping.ship import Shipped, ship
from portal.shipping.vocabulary import ShippingRight
from portal.stock.reservations import lock_levels


def ship_order(
    session: Session,
    *,
    actor: Actor,
    number: str,
    carrier: str,
    tracking_no: str,
    today: date,
    at: datetime,
    choices: Sequence[LotChoice] = (),
    quantities: Sequence[LineUnits] = (),
    serials: Mapping[SerialKey, Sequence[str]] | None = None,
    margin_days: int = 1,
    review_required: bool = True,
) -> Shipped:
    """Ship `quantities` of the order, else the lots chosen, else everything it has reserved in a warehouse.

    The rest is as with the two verbs.

    Shipping takes stock levels, which come before the lots that picking locks: here they are locked first.
    """
    actor.require(ShippingRight.SHIP)
    order = lock_order(session, number)
    for warehouse_id in order.warehouses[:1]:
        going = order.lines_of(order.reserved_in(warehouse_id).keys())
        lock_levels(session, warehouse_id=warehouse_id, products={line.product_id for line in going})
    picked = pick_order(
        session,
        actor=actor,
        number=number,
        today=today,
        at=at,
        choices=choices,
        quantities=units_named(quantities, choices),
        margin_days=margin_days,
    )
    return ship(
        session,
        actor=actor,
        shipment_number=picked.shipment_number,
        carrier=carrier,
        tracking_no=tracking_no,
        today=today,
        at=at,
        serials=serials,
        margin_days=margin_days,
        review_required=review_required,
    )
