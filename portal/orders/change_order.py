"""Change an order that nobody has begun to pick: it is cancelled and ordered anew, in one transaction.

So a changed order is checked, priced, reserved and held like any other, its promotions are those of what is
really ordered, and its lines prove their prices. If it would be refused, the old order stays as it was.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from sqlalchemy import text
from sqlalchemy.orm import Session

from portal.kernel.actor import Actor
from portal.kernel.errors import N_, Conflict, NotFound
from portal.orders import lifecycle
from portal.orders.answer import Placed
from portal.orders.cancel_order import cancel_order
from portal.orders.context import OrderContext, lock_context
from portal.orders.locking import LockedOrder, lock_order
from portal.orders.place_order import place_order
from portal.orders.predecessor import predecessor_of
from portal.orders.request import OrderRequest
from portal.orders.rules import normal_sku
from portal.orders.terms import OrderTerms
from portal.orders.vocabulary import OrderRight
from portal.promotions.running import running
from portal.promotions.use import hold_budgets
from portal.stock.reservations import lock_levels


def change_order(
    session: Session,
    *,
    actor: Actor,
    number: str,
    request: OrderRequest,
    reason: str,
    terms: OrderTerms,
    at: datetime,
) -> Placed:
    """Replace an order by `request`, served from the same warehouse; returns the new order.

    Raises Invalid with every fault, Conflict when somebody picks the order, part of it has left, or prices
    are no longer those that are expected; NotFound, Forbidden. Nothing has changed then. What an employee
    has against the old order holds the new one, too.
    """
    actor.require(OrderRight.WRITE, OrderRight.DESK)
    dealer_id = session.execute(_DEALER, {"number": number}).scalar_one_or_none()
    if dealer_id is None:
        raise NotFound()
    context = lock_context(session, dealer_id=dealer_id, ship_to=request.ship_to, actor=actor.key, key=None)
    order = lock_order(session, number)
    if not lifecycle.may_cancel(order):
        lifecycle.require(order.status, lifecycle.Act.CANCEL)
        raise Conflict(
            "already_begun",
            N_("The order is being picked, or part of it has been shipped."),
            fix=N_("Ask the order desk."),
        )
    warehouse = _warehouse(context, order)
    _lock_all(session, context, order, request)
    predecessor = predecessor_of(session, order)
    cancel_order(session, actor=actor, number=number, reason=reason, at=at)
    return place_order(
        session,
        actor=actor,
        dealer_id=dealer_id,
        request=replace(request, supply=replace(request.supply, warehouse=warehouse), replaces=number),
        terms=terms,
        predecessor=predecessor,
    )


def _warehouse(context: OrderContext, order: LockedOrder) -> str:
    """The order's warehouse by its code: stock is locked in one place, and the new order takes it there."""
    code = dict(context.serving).get(order.warehouse_id)
    if code is None:
        raise Conflict(
            "warehouse_changed",
            N_("The warehouse of this order no longer serves you."),
            fix=N_("Cancel the order and place a new one."),
        )
    return code


def _lock_all(session: Session, context: OrderContext, order: LockedOrder, request: OrderRequest) -> None:
    """Take what cancelling and placing lock, in the one order: budgets, then levels."""
    skus = {line.sku for line in order.lines} | {normal_sku(line.sku) for line in request.lines}
    promotions = running(session, dealer=context.dealer, at=context.moment, skus=sorted(skus))
    hold_budgets(
        session,
        dealer_id=order.dealer_id,
        order_id=order.id,
        promotions=[one.id for one in promotions if one.limited],
    )
    skus |= {one.reward.gift.sku for one in promotions if one.reward.gift is not None}
    products = session.execute(_PRODUCTS, {"skus": sorted(skus)}).scalars().all()
    places = {order.warehouse_id, *order.warehouses}
    if request.supply.split:
        places |= {identity for identity, _ in context.serving}
    for warehouse_id in sorted(places):
        lock_levels(session, warehouse_id=warehouse_id, products=products)


_DEALER = text("SELECT dealer_id FROM sales_order WHERE number = :number")
_PRODUCTS = text("SELECT id FROM product WHERE sku = ANY (:skus) ORDER BY id")
