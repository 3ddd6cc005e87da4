"""The names that others use of promotions: rights and acts of the audit."""

from __future__ import annotations

from enum import StrEnum


class PromotionRight(StrEnum):
    """Named ``subject:act``; the scopes of API clients are the same words."""

    PROPOSE = "hq:promotions"
    APPROVE = "hq:promotions-approve"


class PromotionAction(StrEnum):
    """What the audit tells, named ``subject:act``."""

    DRAFTED = "promotion:drafted"
    EDITED = "promotion:edited"
    SUBMITTED = "promotion:submitted"
    RECALLED = "promotion:recalled"
    APPROVED = "promotion:approved"
    REJECTED = "promotion:rejected"
    PUBLISHED = "promotion:published"
    WITHDRAWN = "promotion:withdrawn"
    JOINED = "promotion:joined"
