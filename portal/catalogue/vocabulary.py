"""The names that others use of the catalogue: rights, acts of the audit, states."""

from __future__ import annotations

from enum import StrEnum


class CatalogueRight(StrEnum):
    """Named ``subject:act``; the scopes of API clients are the same words."""

    READ = "catalogue:read"
    HEADQUARTERS = "hq:catalogue"
    SUBSTITUTES = "hq:substitutes"
    EDIT = "hq:products"


class CatalogueAction(StrEnum):
    """What the audit tells, named ``subject:act``."""

    SUBSTITUTES_NAMED = "product:substitutes_named"
    RELATED_NAMED = "product:related_named"
    CHANGE_DRAFTED = "product:change_drafted"
    CHANGE_SUBMITTED = "product:change_submitted"
    CHANGE_APPROVED = "product:change_approved"
    CHANGE_REJECTED = "product:change_rejected"
    CHANGED = "product:changed"
    IMPORTED = "product:imported"


class ProductState(StrEnum):
    """Whether a product is sold."""

    ACTIVE = "active"
    WITHDRAWN = "withdrawn"


class Origin(StrEnum):
    """Where a product is made."""

    DOMESTIC = "domestic"
    IMPORTED = "imported"


class PackageLevel(StrEnum):
    """A level of packaging above the unit of sale, the smallest first."""

    INNER = "inner"
    CASE = "case"
    PALLET = "pallet"


class DocumentKind(StrEnum):
    """What a file shows of a product; in the order of the product page."""

    PICTURE = "picture"
    CERTIFICATE = "certificate"
    MANUAL = "manual"
    BROCHURE = "brochure"


class Relation(StrEnum):
    """What a product is to another that it belongs to; what may be sent instead of it is a substitute."""

    ACCESSORY = "accessory"
    SPARE_PART = "spare_part"


class ChangeSource(StrEnum):
    """Where what is proposed comes from."""

    PAGE = "page"
    API = "api"
    SHEET = "sheet"
    EUDAMED = "eudamed"
    GUDID = "gudid"
