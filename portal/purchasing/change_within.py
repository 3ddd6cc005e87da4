"""Change an order, as far as the buyer may order alone."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

from sqlalchemy.orm import Session

from portal.kernel.actor import Actor
from portal.kernel.errors import N_, Conflict
from portal.orders.answer import Placed
from portal.orders.change_order import change_order
from portal.orders.request import OrderRequest
from portal.orders.terms import OrderTerms
from portal.orders.vocabulary import OrderRight
from portal.purchasing.limits import amount_without_approval


def change_within(
    session: Session,
    *,
    actor: Actor,
    number: str,
    request: OrderRequest,
    terms: OrderTerms,
    at: datetime,
    reason: str = "",
) -> Placed:
    """Cancel an order and place it anew, unless it becomes dearer than the actor may order alone.

    Nobody is asked instead: the order as it stands would wait for the answer. Raises Conflict, and as
    `change_order` does; the caller rolls back.
    """
    actor.require(OrderRight.WRITE, OrderRight.DESK)
    allowed = amount_without_approval(session, actor=actor)
    placed = change_order(
        session,
        actor=actor,
        number=number,
        request=request,
        reason=reason,
        terms=terms,
        at=at,
    )
    if allowed is not None and Decimal(placed.answer["total"]) > allowed:
        raise Conflict(
            "above_your_amount",
            N_("Changed like this the order is above the amount you may order alone."),
            fix=N_("Cancel it and order anew: the new order then asks for approval."),
        )
    return placed
