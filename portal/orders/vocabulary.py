"""The names that others use of orders: rights and acts of the audit."""

from __future__ import annotations

from enum import StrEnum


class OrderRight(StrEnum):
    """Named ``subject:act``; the scopes of API clients are the same words."""

    READ = "orders:read"
    WRITE = "orders:write"
    DESK = "hq:orders"
    RULES = "hq:order-rules"


class OrderAction(StrEnum):
    """What the audit tells, named ``subject:act``."""

    ORDER_PLACED = "order:placed"
    ORDER_HELD = "order:held"
    ORDER_RELEASED = "order:released"
    ORDER_FILLED = "order:filled"
    ORDER_CANCELLED = "order:cancelled"
    RELEASE_PROPOSED = "order:release_proposed"
    SEVERITY_SET = "order_rule:severity_set"
    RELEASE_LIMIT_SET = "order_rule:limit_set"
