"""The names that others use of dealers' reports of goods: the right and the acts of the audit."""

from __future__ import annotations

from enum import StrEnum


class SellOutRight(StrEnum):
    """Report what was sold, used and given back. Reading is a right of custody."""

    WRITE = "trace:write"


class SellOutAction(StrEnum):
    """What the audit tells, named ``subject:act``."""

    REPORTED = "sell-out:reported"
    DECIDED = "sell-out:decided"
    REVERSED = "sell-out:reversed"
