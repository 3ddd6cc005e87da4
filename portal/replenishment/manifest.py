"""What replenishment adds to the portal: what waits is asked of the ERP; what each warehouse should have."""

from __future__ import annotations

from datetime import timedelta

from portal.identity.rules import Role
from portal.kernel.errors import N_
from portal.kernel.manifest import Audience, Capability, Job, Look, MenuEntry, Recurring, Topic
from portal.orders.vocabulary import OrderRight
from portal.replenishment.forecast_rules import Method
from portal.replenishment.rules import RequestState
from portal.replenishment.vocabulary import ReplenishmentRight, SupplyAction

CAPABILITY = Capability(
    name="replenishment",
    models="portal.replenishment.models",
    pages={Audience.STAFF: ("backoffice.blueprints.supply", "backoffice.blueprints.replenishment")},
    resources=("backoffice.api.supply_requests", "backoffice.api.replenishment"),
    menu=(
        MenuEntry(
            Audience.STAFF,
            Job.DELIVERING,
            "supply.index",
            N_("Supply requests"),
            "truck",
            (OrderRight.DESK,),
        ),
        MenuEntry(
            Audience.STAFF,
            Job.DELIVERING,
            "replenishment.index",
            N_("Replenishment"),
            "refresh",
            (OrderRight.DESK,),
        ),
    ),
    rights={ReplenishmentRight.SET: frozenset({Role.ORDER_DESK})},
    statuses={
        "supply request": {
            RequestState.REQUESTED: Look(N_("Requested"), "amber", "clock"),
            RequestState.CONFIRMED: Look(N_("Confirmed"), "blue", "circle-check"),
            RequestState.IN_TRANSIT: Look(N_("In transit"), "teal", "truck"),
            RequestState.RECEIVED: Look(N_("Received"), "green", "checks"),
            RequestState.REJECTED: Look(N_("Rejected"), "red", "ban"),
        },
        "forecast": {
            Method.NONE: Look(N_("No demand"), "grey", "minus"),
            Method.NEW: Look(N_("Little known"), "amber", "clock"),
            Method.LEVEL: Look(N_("Recent level"), "green", "chart-bar"),
        },
    },
    actions=SupplyAction,
    topics={"supply.requested": Topic("jobs.supply.tell")},
    schedule=(
        Recurring("jobs.supply.request", every=timedelta(minutes=5)),
        # Looks every hour and finds work after midnight, or where terms were set since.
        Recurring("jobs.advice.advise_warehouses", every=timedelta(hours=1), patience=timedelta(minutes=30)),
    ),
    lists=("supply-requests", "replenishment"),
    help={Audience.STAFF: ("replenishment", "stock-advice")},
)
