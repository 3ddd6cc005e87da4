"""The names that others use of planning: its right and its act of the audit. Reading is the order desk's."""

from __future__ import annotations

from enum import StrEnum


class PlanningRight(StrEnum):
    """Named ``subject:act``."""

    SET = "hq:planning"


class PlanningAction(StrEnum):
    """What the audit tells, named ``subject:act``."""

    TERMS_SET = "planning:terms_set"
