"""What a version of a policy can be. Pure.

Its life is that of every proposal (`portal.kernel.proposal_life`), and a published version is superseded by
its successor's publication, which is no act upon itself.
"""

from __future__ import annotations

from enum import StrEnum


class PolicyState(StrEnum):
    """What became of a version so far."""

    DRAFT = "draft"
    SUBMITTED = "submitted"
    APPROVED = "approved"
    PUBLISHED = "published"
    SUPERSEDED = "superseded"
    WITHDRAWN = "withdrawn"


class PolicyKind(StrEnum):
    """A policy, or a contract of one dealer."""

    POLICY = "policy"
    CONTRACT = "contract"


class BelowFloor(StrEnum):
    """What becomes of a price below the floor: the rule is refused, or the price is lifted."""

    REFUSE = "refuse"
    CLAMP = "clamp"
