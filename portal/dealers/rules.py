"""What dealers are. Pure."""

from __future__ import annotations

from enum import StrEnum


class DealerState(StrEnum):
    """Whether a dealer may order, and its people sign in."""

    ACTIVE = "active"
    SUSPENDED = "suspended"
    CLOSED = "closed"
