"""What every page of a dealer knows beyond its own content."""

from __future__ import annotations

from typing import Any

from portal.identity.rules import Right
from portal.orders import cart
from portal.request import current_actor, current_session
from portal.visitors import recognised


def dealer_frame() -> dict[str, Any]:
    """The number on the cart, and what the visitor's rights let the page show."""
    if recognised() is None:  # a page that refuses a stranger, or says that the database is away
        return {"cart_count": 0, "may_order": False, "sees_prices": False}
    actor = current_actor()
    may_order = actor.may(Right.ORDERS_WRITE)
    return {
        "cart_count": cart.count(current_session(), actor=actor) if may_order else 0,
        "may_order": may_order,
        "sees_prices": actor.may(Right.PRICES_READ),
    }
