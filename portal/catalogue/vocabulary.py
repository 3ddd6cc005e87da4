"""The names that others use of the catalogue: rights, acts of the audit, states."""

from __future__ import annotations

from enum import StrEnum


class CatalogueRight(StrEnum):
    """Named ``subject:act``; the scopes of API clients are the same words."""

    READ = "catalogue:read"
    HEADQUARTERS = "hq:catalogue"
    SUBSTITUTES = "hq:substitutes"


class CatalogueAction(StrEnum):
    """What the audit tells, named ``subject:act``."""

    SUBSTITUTES_NAMED = "product:substitutes_named"


class ProductState(StrEnum):
    """Whether a product is sold."""

    ACTIVE = "active"
    WITHDRAWN = "withdrawn"


class Origin(StrEnum):
    """Where a product is made."""

    DOMESTIC = "domestic"
    IMPORTED = "imported"
