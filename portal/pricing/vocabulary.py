"""The names that others use of prices: rights and acts of the audit."""

from __future__ import annotations

from enum import StrEnum


class PriceRight(StrEnum):
    """Named ``subject:act``; the scopes of API clients are the same words."""

    READ = "prices:read"
    POLICIES = "hq:policies"


class PriceAction(StrEnum):
    """What the audit tells, named ``subject:act``."""

    POLICY_DRAFTED = "policy:drafted"
    POLICY_EDITED = "policy:edited"
    POLICY_PUBLISHED = "policy:published"
