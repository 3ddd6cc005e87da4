"""What the working-day calendar adds to the portal."""

from __future__ import annotations

from portal.identity.rules import Role
from portal.kernel.manifest import Capability
from portal.workdays.vocabulary import WorkdayAction, WorkdayRight

CAPABILITY = Capability(
    name="workdays",
    models="portal.workdays.models",
    rights={WorkdayRight.EDIT: frozenset({Role.ADMINISTRATOR, Role.ORDER_DESK})},
    actions=WorkdayAction,
)
