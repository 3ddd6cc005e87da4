"""What custody adds to the portal: who holds a lot, and the life of a unit."""

from __future__ import annotations

from portal.custody.vocabulary import TraceRight
from portal.identity.rules import DEALER_ROLES, Role
from portal.kernel.errors import N_, Conflict
from portal.kernel.manifest import Audience, Capability, Chapter, Job, MenuEntry

CHAPTER = Chapter("trace", N_("Traceability"))

CAPABILITY = Capability(
    name="custody",
    models="portal.custody.models",
    pages={
        Audience.DEALERS: ("portal.blueprints.trace",),
        Audience.STAFF: ("backoffice.blueprints.trace",),
    },
    resources=("portal.blueprints.api.trace", "backoffice.api.trace"),
    chapters=(CHAPTER,),
    menu=(
        MenuEntry(
            Audience.DEALERS, Job.ORDERING, "trace.index", N_("Trace lots"), "map-pin", (TraceRight.READ,)
        ),
        MenuEntry(
            Audience.STAFF,
            Job.DELIVERING,
            "hq_trace.index",
            N_("Traceability"),
            "map-pin",
            (TraceRight.HEADQUARTERS,),
        ),
    ),
    rights={
        TraceRight.READ: DEALER_ROLES,
        TraceRight.HEADQUARTERS: frozenset({Role.QUALITY, Role.ORDER_DESK, Role.CHANNEL_MANAGER}),
    },
    refusals={
        "ck_holding_quantity": Conflict("not_held", N_("So many units of the lot are not there any more.")),
        "TL120": Conflict("not_held", N_("So many units of the lot are not there any more.")),
    },
    lists=("lot-holders", "lot-movements"),
    help={Audience.STAFF: ("traceability",)},
)
