"""The names that others use of credit: acts of the audit, events and effects."""

from __future__ import annotations

from enum import StrEnum


class CreditAction(StrEnum):
    """What the audit tells, named ``subject:act``."""

    PROPOSED = "credit_change:proposed"
    RECALLED = "credit_change:recalled"
    APPROVED = "credit_change:approved"
    REJECTED = "credit_change:rejected"
    IN_FORCE = "credit_change:in_force"
    ENDED = "credit_change:ended"
    WITHDRAWN = "credit_change:withdrawn"
    STOP_PUT = "stop:put"
    STOP_ENDED = "stop:ended"


CHANGED = "credit.changed"
"""Another limit, or other terms, are in force for a dealer."""
WAITING = "credit.waiting"
"""A change waits for another person."""
STOPPED = "dealer.stopped"
STOP_ENDED = "dealer.stop_ended"
