"""The names that others use of the dealer's own stock: rights and acts of the audit."""

from __future__ import annotations

from enum import StrEnum


class DealerStockRight(StrEnum):
    """Report own stock and sell-out; at headquarters read what dealers of one's regions reported."""

    REPORT = "stock:report"
    HEADQUARTERS = "hq:dealer-stock"


class DealerStockAction(StrEnum):
    """What the audit tells, named ``subject:act``."""

    REPORTED = "inventory:reported"
