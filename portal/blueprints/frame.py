"""What every page of a dealer knows beyond its own content."""

from __future__ import annotations

from typing import Any

from portal.orders import cart
from portal.orders.vocabulary import OrderRight
from portal.payments.keys import takes_payments
from portal.payments.vocabulary import PaymentRight
from portal.pricing.vocabulary import PriceRight
from portal.rebates.vocabulary import RebateRight
from portal.web.browser_session import recognised
from portal.web.request import current_actor, current_session, portal


def dealer_frame() -> dict[str, Any]:
    """The number on the cart, and what the visitor's rights let the page show. Asks nobody by itself.

    The number is a question, which the frame around a whole page puts: a part of a page has no cart, and a
    page that says that the database is away must not ask it.
    """
    visitor = recognised()
    if visitor is None:  # a page that refuses a stranger
        return {
            "cart_count": _empty,
            "may_order": False,
            "sees_prices": False,
            "sees_rebates": False,
            "pays_online": False,
        }
    may_order = visitor.actor.may(OrderRight.WRITE)
    return {
        "cart_count": _lines_in_cart if may_order else _empty,
        "may_order": may_order,
        "sees_prices": visitor.actor.may(PriceRight.READ),
        "sees_rebates": visitor.actor.may(RebateRight.READ),
        "pays_online": visitor.actor.may(PaymentRight.CREATE) and takes_payments(portal().settings),
    }


def _lines_in_cart() -> int:
    return cart.count(current_session(), actor=current_actor())


def _empty() -> int:
    return 0
