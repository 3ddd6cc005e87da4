"""The names that others use of the working-day calendar: its rights and the acts of the audit."""

from __future__ import annotations

from enum import StrEnum


class WorkdayRight(StrEnum):
    """Named ``subject:act``; the scopes of API clients are the same words."""

    READ = "hq:working-days"
    EDIT = "hq:working-days-edit"


class WorkdayAction(StrEnum):
    """What the audit tells, named ``subject:act``."""

    YEAR_ENTERED = "working_days:year_entered"
    DAY_SET = "working_days:day_set"
    HOURS_SET = "working_days:hours_set"
