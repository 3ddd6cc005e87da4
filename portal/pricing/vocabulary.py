"""The names that others use of prices: rights and acts of the audit."""

from __future__ import annotations

from enum import StrEnum


class PriceRight(StrEnum):
    """Named ``subject:act``; the scopes of API clients are the same words."""

    READ = "prices:read"
    POLICIES = "hq:policies"
    APPROVE = "hq:policies-approve"


class PriceAction(StrEnum):
    """What the audit tells, named ``subject:act``."""

    POLICY_DRAFTED = "policy:drafted"
    POLICY_EDITED = "policy:edited"
    POLICY_FILE_ATTACHED = "policy:file-attached"
    POLICY_FILE_REMOVED = "policy:file-removed"
    POLICY_SUBMITTED = "policy:submitted"
    POLICY_RECALLED = "policy:recalled"
    POLICY_APPROVED = "policy:approved"
    POLICY_REJECTED = "policy:rejected"
    POLICY_PUBLISHED = "policy:published"
    POLICY_WITHDRAWN = "policy:withdrawn"
    FLOOR_SET = "floor:set"
    FLOORS_SET = "floor:imported"
