"""The rights of the catalogue, named ``subject:act``; the scopes of API clients are the same words."""

from __future__ import annotations

from enum import StrEnum


class CatalogueRight(StrEnum):
    """Named ``subject:act``; the scopes of API clients are the same words."""

    READ = "catalogue:read"
    HEADQUARTERS = "hq:catalogue"


class ProductState(StrEnum):
    """Whether a product is sold."""

    ACTIVE = "active"
    WITHDRAWN = "withdrawn"


class Origin(StrEnum):
    """Where a product is made."""

    DOMESTIC = "domestic"
    IMPORTED = "imported"
