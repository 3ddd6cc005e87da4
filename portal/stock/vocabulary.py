"""The rights of stock, named ``subject:act``; the scopes of API clients are the same words."""

from __future__ import annotations

from enum import StrEnum


class StockRight(StrEnum):
    """Named ``subject:act``; the scopes of API clients are the same words."""

    READ = "stock:read"
