"""What rehearsals add to the portal: price policies tried over past orders before they are published."""

from __future__ import annotations

from portal.kernel.errors import N_
from portal.kernel.manifest import Audience, Capability, Look, Topic
from portal.rehearsals.vocabulary import RehearsalAction

CAPABILITY = Capability(
    name="rehearsals",
    models="portal.rehearsals.models",
    pages={Audience.STAFF: ("backoffice.blueprints.rehearsals",)},
    resources=("backoffice.api.rehearsals",),
    statuses={
        "rehearsal": {
            "waiting": Look(N_("Waiting"), "grey", "hourglass"),
            "running": Look(N_("Under way"), "blue", "clock"),
            "done": Look(N_("Done"), "green", "circle-check"),
            "failed": Look(N_("Failed"), "red", "alert-circle"),
        },
    },
    actions=RehearsalAction,
    topics={"policy.rehearsal": Topic("jobs.rehearsals.rehearse")},
    lists=("rehearsed-dealers",),
)
