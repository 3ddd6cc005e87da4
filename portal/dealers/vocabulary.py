"""The rights of dealers, named ``subject:act``; the scopes of API clients are the same words."""

from __future__ import annotations

from enum import StrEnum


class DealerRight(StrEnum):
    """Named ``subject:act``; the scopes of API clients are the same words."""

    HEADQUARTERS = "hq:dealers"
    TIERS = "hq:dealer-tiers"
    CONTACTS = "hq:dealer-contacts"


class DealerAction(StrEnum):
    """What the audit tells, named ``subject:act``."""

    TIER_PROPOSED = "tier_change:proposed"
    TIER_APPROVED = "tier_change:approved"
    TIER_REJECTED = "tier_change:rejected"
    TIER_WITHDRAWN = "tier_change:withdrawn"
    CONTACTS_SHOWN = "dealer:contacts_shown"
