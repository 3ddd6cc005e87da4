"""The rights of dealers, named ``subject:act``; the scopes of API clients are the same words."""

from __future__ import annotations

from enum import StrEnum


class DealerRight(StrEnum):
    """Named ``subject:act``; the scopes of API clients are the same words."""

    HEADQUARTERS = "hq:dealers"
