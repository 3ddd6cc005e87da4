"""What every page of a dealer knows beyond its own content."""

from __future__ import annotations

from typing import Any

from portal.feed import queries as feed
from portal.feed.vocabulary import FeedRight
from portal.kernel import clock
from portal.orders import cart
from portal.orders.vocabulary import OrderRight
from portal.pricing.vocabulary import PriceRight
from portal.web.browser_session import recognised
from portal.web.request import current_actor, current_session


def dealer_frame() -> dict[str, Any]:
    """The numbers on cart and feed, and what the visitor's rights let the page show. Asks nobody by itself.

    The numbers are questions, which the frame around a whole page puts: a part of a page has no cart, and a
    page that says that the database is away must not ask them.
    """
    visitor = recognised()
    if visitor is None:  # a page that refuses a stranger
        return {"cart_count": _empty, "unread_count": _empty, "may_order": False, "sees_prices": False}
    may_order = visitor.actor.may(OrderRight.WRITE)
    return {
        "cart_count": _lines_in_cart if may_order else _empty,
        "unread_count": _unread_entries if visitor.actor.may(FeedRight.READ) else _empty,
        "may_order": may_order,
        "sees_prices": visitor.actor.may(PriceRight.READ),
    }


def _lines_in_cart() -> int:
    return cart.count(current_session(), actor=current_actor())


def _unread_entries() -> int:
    """Of a dealer; counted no further than one beyond 99."""
    actor = current_actor()
    return 0 if actor.is_staff else feed.unread_count(current_session(), actor, clock.now())


def _empty() -> int:
    return 0
