"""The settings that bound an order."""

from __future__ import annotations

from portal.orders.assess import OrderLimits
from portal.web.request import portal


def order_limits() -> OrderLimits:
    """The limits of every order, whatever way it comes."""
    settings = portal().settings
    return OrderLimits(
        settings.order_lines_max,
        settings.order_quantity_max,
        settings.saleable_days_before_expiry,
        settings.replenishment_days,
    )
