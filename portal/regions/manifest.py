"""What regions add to the portal: the tree of sales areas and provinces, and how it is changed."""

from __future__ import annotations

from portal.dealers.vocabulary import DealerRight
from portal.identity.rules import Role
from portal.kernel.errors import N_, Conflict
from portal.kernel.manifest import Audience, Capability, Job, Look, MenuEntry
from portal.regions.rules import Stage
from portal.regions.vocabulary import RegionAction, RegionRight
from portal.regions.waiting import work

CAPABILITY = Capability(
    name="regions",
    models="portal.regions.models",
    pages={Audience.STAFF: ("backoffice.blueprints.regions",)},
    resources=("backoffice.api.regions",),
    menu=(
        MenuEntry(
            Audience.STAFF,
            Job.PARTNERS,
            "regions.index",
            N_("Sales areas"),
            "map-pin",
            (DealerRight.HEADQUARTERS,),
        ),
    ),
    rights={RegionRight.ORGANISE: frozenset({Role.CHANNEL_MANAGER, Role.ADMINISTRATOR})},
    statuses={
        "region move": {
            Stage.WAITING: Look(N_("To be approved"), "amber", "hourglass"),
            Stage.COMING: Look(N_("Approved, not begun"), "blue", "calendar-check"),
            Stage.APPROVED: Look(N_("In force"), "green", "circle-check"),
            Stage.REJECTED: Look(N_("Rejected"), "grey", "circle-x"),
            Stage.WITHDRAWN: Look(N_("Withdrawn"), "grey", "x"),
        },
    },
    actions=RegionAction,
    refusals={
        "TL110": Conflict("decided", N_("Somebody has decided on this meanwhile.")),
        "TL111": Conflict("cycle", N_("A province lies in a sales area; the tree would have a circle.")),
        "uq_region_move_waiting": Conflict(
            "waits_already", N_("Another move of this province waits for a decision.")
        ),
        "uq_region_move_day": Conflict(
            "same_day", N_("Another move of this province counts from the same day on.")
        ),
    },
    work=work,
)
