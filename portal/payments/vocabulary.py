"""The names that others use of payments: rights and acts of the audit."""

from __future__ import annotations

from enum import StrEnum


class PaymentRight(StrEnum):
    """Named ``subject:act``; the scopes of API clients are the same words."""

    CREATE = "payments:create"


class PaymentAction(StrEnum):
    """What the audit tells, named ``subject:act``."""

    BEGUN = "online_payment:begun"
    CANCELLED = "online_payment:cancelled"
    POSTED = "online_payment:posted"
    EVENT_ASIDE = "stripe_event:set_aside"
    EVENT_CLOSED = "stripe_event:closed"
    RECEIPT_DOWNLOADED = "receipt:downloaded"


SUCCEEDED, FAILED, REFUNDED, DISPUTED, WAITING = (
    "online_payment.succeeded",
    "online_payment.failed",
    "online_payment.refunded",
    "online_payment.disputed",
    "stripe_event.waiting",
)
"""What people and systems are told of."""
