"""What the working-day calendar adds to the portal."""

from __future__ import annotations

from portal.identity.rules import STAFF_ROLES, Role
from portal.kernel.errors import N_
from portal.kernel.manifest import Audience, Capability, Job, MenuEntry
from portal.workdays.vocabulary import WorkdayAction, WorkdayRight
from portal.workdays.waiting import work

CAPABILITY = Capability(
    name="workdays",
    models="portal.workdays.models",
    pages={
        Audience.STAFF: (
            "backoffice.blueprints.working_days",
            "backoffice.blueprints.working_days_import",
        )
    },
    resources=("backoffice.api.working_days",),
    menu=(
        MenuEntry(
            Audience.STAFF,
            Job.OPERATION,
            "working_days.index",
            N_("Working days"),
            "calendar",
            (WorkdayRight.READ,),
        ),
    ),
    rights={
        WorkdayRight.READ: STAFF_ROLES,
        WorkdayRight.EDIT: frozenset({Role.ADMINISTRATOR, Role.ORDER_DESK}),
    },
    actions=WorkdayAction,
    work=work,
    help={Audience.STAFF: ("workdays",)},
)
