"""The names that others use of the running of the portal: its right and its acts."""

from __future__ import annotations

from enum import StrEnum


class OperationsRight(StrEnum):
    """Named ``subject:act``."""

    OPERATE = "hq:operations"


class OperationsAction(StrEnum):
    """What the audit tells, named ``subject:act``."""

    EFFECT_TRIED_AGAIN = "effect:tried_again"
    JOB_TRIED_AGAIN = "job:tried_again"
