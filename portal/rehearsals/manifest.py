"""What rehearsals add to the portal: price policies tried over past orders before they are published."""

from __future__ import annotations

from portal.kernel.errors import N_
from portal.kernel.manifest import Audience, Capability, Look, Topic
from portal.rehearsals.rules import RehearsalState
from portal.rehearsals.vocabulary import RehearsalAction

CAPABILITY = Capability(
    name="rehearsals",
    models="portal.rehearsals.models",
    pages={Audience.STAFF: ("backoffice.blueprints.rehearsals",)},
    resources=("backoffice.api.rehearsals",),
    statuses={
        "rehearsal": {
            RehearsalState.WAITING: Look(N_("Waiting"), "grey", "hourglass"),
            RehearsalState.RUNNING: Look(N_("Under way"), "blue", "clock"),
            RehearsalState.DONE: Look(N_("Done"), "green", "circle-check"),
            RehearsalState.FAILED: Look(N_("Failed"), "red", "alert-circle"),
        },
    },
    actions=RehearsalAction,
    topics={"policy.rehearsal": Topic("jobs.rehearsals.rehearse")},
    lists=("rehearsed-dealers",),
)
