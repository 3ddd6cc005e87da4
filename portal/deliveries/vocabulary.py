"""The names that others use of deliveries: rights and acts of the audit."""

from __future__ import annotations

from enum import StrEnum


class DeliveryRight(StrEnum):
    """Named ``subject:act``; the scopes of API clients are the same words."""

    DESK = "hq:deliveries"


class DeliveryAction(StrEnum):
    """What the audit tells, named ``subject:act``."""

    LINK_MADE = "delivery_link:made"
    LINK_REVOKED = "delivery_link:revoked"
    SIGNED = "delivery:signed"
    CASE_OPENED = "delivery_case:opened"
    CASE_TAKEN_UP = "delivery_case:taken_up"
    CASE_SETTLED = "delivery_case:settled"
    CASE_REJECTED = "delivery_case:rejected"
