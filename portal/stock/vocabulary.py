"""The names that others use of stock: rights and acts of the audit."""

from __future__ import annotations

from enum import StrEnum


class StockRight(StrEnum):
    """Named ``subject:act``; the scopes of API clients are the same words."""

    READ = "stock:read"
    HEADQUARTERS = "hq:stock"
    PLACE = "hq:bins"


class StockAction(StrEnum):
    """What the audit tells, named ``subject:act``."""

    BIN_CHANGED = "bin:changed"
