"""The names that others use of regions: the right to change the tree, acts of the audit, events."""

from __future__ import annotations

from enum import StrEnum


class RegionRight(StrEnum):
    """Named ``subject:act``; the scopes of API clients are the same words."""

    ORGANISE = "hq:organisation"


class RegionAction(StrEnum):
    """What the audit tells, named ``subject:act``."""

    PROPOSED = "region_move:proposed"
    APPROVED = "region_move:approved"
    REJECTED = "region_move:rejected"
    WITHDRAWN = "region_move:withdrawn"
