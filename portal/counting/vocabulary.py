"""The names that others use of stock counts: rights and acts of the audit."""

from __future__ import annotations

from enum import StrEnum


class CountingRight(StrEnum):
    """Named ``subject:act``; the scopes of API clients are the same words."""

    COUNT = "hq:counting"
    APPROVE = "hq:counting-approval"


class CountingAction(StrEnum):
    """What the audit tells, named ``subject:act``."""

    OPENED = "count:opened"
    ENTERED = "count:entered"
    SUBMITTED = "count:submitted"
    APPROVED = "count:approved"
    REJECTED = "count:rejected"
    CANCELLED = "count:cancelled"
