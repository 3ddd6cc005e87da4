"""The terms on which the portal takes orders."""

from __future__ import annotations

from portal.orders.terms import OrderTerms
from portal.web.request import portal


def order_terms() -> OrderTerms:
    """As the portal is set, for every order."""
    return OrderTerms.of(portal().settings)
