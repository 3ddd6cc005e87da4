"""What replenishment adds to the portal: what waits for goods is asked of the ERP."""

from __future__ import annotations

from datetime import timedelta

from portal.kernel.errors import N_
from portal.kernel.manifest import Audience, Capability, Job, Look, MenuEntry, Recurring, Topic
from portal.orders.vocabulary import OrderRight
from portal.replenishment.rules import RequestState
from portal.replenishment.vocabulary import SupplyAction

CAPABILITY = Capability(
    name="replenishment",
    models="portal.replenishment.models",
    pages={Audience.STAFF: ("backoffice.blueprints.supply",)},
    resources=("backoffice.api.supply_requests",),
    menu=(
        MenuEntry(
            Audience.STAFF,
            Job.DELIVERING,
            "supply.index",
            N_("Supply requests"),
            "truck",
            (OrderRight.DESK,),
        ),
    ),
    statuses={
        "supply request": {
            RequestState.REQUESTED: Look(N_("Requested"), "amber", "clock"),
            RequestState.CONFIRMED: Look(N_("Confirmed"), "blue", "circle-check"),
            RequestState.IN_TRANSIT: Look(N_("In transit"), "teal", "truck"),
            RequestState.RECEIVED: Look(N_("Received"), "green", "checks"),
            RequestState.REJECTED: Look(N_("Rejected"), "red", "ban"),
        }
    },
    actions=SupplyAction,
    topics={"supply.requested": Topic("jobs.supply.tell")},
    schedule=(Recurring("jobs.supply.request", every=timedelta(minutes=5)),),
    lists=("supply-requests",),
    help={Audience.STAFF: ("replenishment",)},
)
