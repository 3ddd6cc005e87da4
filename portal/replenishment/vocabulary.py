"""The names that others use of replenishment: its right and its acts of the audit. Reading is the desk's."""

from __future__ import annotations

from enum import StrEnum


class ReplenishmentRight(StrEnum):
    """Named ``subject:act``."""

    SET = "hq:replenishment"


class SupplyAction(StrEnum):
    """What the audit tells, named ``subject:act``."""

    REQUESTED = "supply:requested"
    PROGRESSED = "supply:progressed"
    TERMS_SET = "replenishment:terms_set"
