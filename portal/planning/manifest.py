"""What planning adds to the portal: what each warehouse should have, from what dealers order of it."""

from __future__ import annotations

from datetime import timedelta

from portal.identity.rules import Role
from portal.kernel.errors import N_
from portal.kernel.manifest import Audience, Capability, Job, Look, MenuEntry, Recurring
from portal.orders.vocabulary import OrderRight
from portal.planning.forecast_rules import Method
from portal.planning.vocabulary import PlanningAction, PlanningRight

CAPABILITY = Capability(
    name="planning",
    models="portal.planning.models",
    pages={Audience.STAFF: ("backoffice.blueprints.planning",)},
    resources=("backoffice.api.planning",),
    menu=(
        MenuEntry(
            Audience.STAFF,
            Job.DELIVERING,
            "planning.index",
            N_("Replenishment"),
            "chart-bar",
            (OrderRight.DESK,),
        ),
    ),
    rights={PlanningRight.SET: frozenset({Role.ORDER_DESK})},
    statuses={
        "forecast": {
            Method.NONE: Look(N_("No demand"), "grey", "minus"),
            Method.NEW: Look(N_("Little known"), "amber", "clock"),
            Method.LEVEL: Look(N_("Recent level"), "green", "chart-bar"),
        },
    },
    actions=PlanningAction,
    # Looks every hour and finds work after midnight, or where terms were set since.
    schedule=(Recurring("jobs.planning.advise", every=timedelta(hours=1), patience=timedelta(minutes=30)),),
    lists=("replenishment",),
    help={Audience.STAFF: ("planning",)},
)
