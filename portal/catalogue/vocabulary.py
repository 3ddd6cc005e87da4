"""The rights of the catalogue, named ``subject:act``; the scopes of API clients are the same words."""

from __future__ import annotations

from enum import StrEnum


class CatalogueRight(StrEnum):
    """Named ``subject:act``; the scopes of API clients are the same words."""

    READ = "catalogue:read"
    HEADQUARTERS = "hq:catalogue"
