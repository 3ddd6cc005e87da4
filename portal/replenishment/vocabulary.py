"""The names that others use of replenishment: acts of the audit. Its right is the order desk's."""

from __future__ import annotations

from enum import StrEnum


class SupplyAction(StrEnum):
    """What the audit tells, named ``subject:act``."""

    REQUESTED = "supply:requested"
    PROGRESSED = "supply:progressed"
