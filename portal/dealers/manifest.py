"""What dealers add to the portal: who they are, and what their rights rest on."""

from __future__ import annotations

from portal.dealers.find import find_dealers
from portal.dealers.rules import DealerState
from portal.dealers.vocabulary import DealerRight
from portal.identity.rules import STAFF_ROLES
from portal.kernel.errors import N_
from portal.kernel.manifest import Audience, Capability, Finder, Job, Look, MenuEntry

CAPABILITY = Capability(
    name="dealers",
    models="portal.dealers.models",
    pages={Audience.STAFF: ("backoffice.blueprints.dealers",)},
    menu=(
        MenuEntry(
            Audience.STAFF,
            Job.PARTNERS,
            "dealers.index",
            N_("Dealers"),
            "building-store",
            (DealerRight.HEADQUARTERS,),
        ),
    ),
    rights={DealerRight.HEADQUARTERS: STAFF_ROLES},
    statuses={
        "dealer": {
            DealerState.ACTIVE: Look(N_("Active"), "green", "circle-check"),
            DealerState.SUSPENDED: Look(N_("Suspended"), "red", "ban"),
            DealerState.CLOSED: Look(N_("Account closed"), "red", "circle-x"),
        },
    },
    owned={"dealers": "dealer"},
    lists=("dealers",),
    finders=(
        Finder(Audience.STAFF, N_("Dealers"), "building-store", (DealerRight.HEADQUARTERS,), find_dealers),
    ),
)
