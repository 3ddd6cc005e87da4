"""The names that others use of non-conforming goods: rights and acts of the audit."""

from __future__ import annotations

from enum import StrEnum


class NonconformingRight(StrEnum):
    """Named ``subject:act``; the scopes of API clients are the same words."""

    REPORT = "hq:nonconforming"


class QualityRight(StrEnum):
    """What quality alone decides."""

    DECIDE = "hq:quality"


class NonconformingAction(StrEnum):
    """What the audit tells, named ``subject:act``."""

    REPORTED = "nonconforming:reported"
    DECIDED = "nonconforming:decided"
    WITNESSED = "nonconforming:witnessed"
