"""The settings that bound an order."""

from __future__ import annotations

from portal.orders.assess import OrderLimits
from portal.purchasing.place_or_ask import Terms
from portal.web.request import portal


def order_limits() -> OrderLimits:
    """The limits of every order, whatever way it comes."""
    settings = portal().settings
    return OrderLimits(
        settings.order_lines_max,
        settings.order_quantity_max,
        settings.saleable_days_before_expiry,
        settings.replenishment_days,
        settings.overdue_grace_days,
    )


def order_terms() -> Terms:
    """What the portal is set to, for every order."""
    settings = portal().settings
    return Terms(order_limits(), settings.currency, settings.timezone)
