"""The names that others use of maintenance: acts of the audit. Its rights are those of devices."""

from __future__ import annotations

from enum import StrEnum


class MaintenanceAction(StrEnum):
    """What the audit tells, named ``subject:act``."""

    PLAN_SET = "maintenance_plan:set"
    DONE = "maintenance:done"
    SKIPPED = "maintenance:skipped"
