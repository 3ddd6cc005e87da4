"""What tracking adds to the portal: where parcels are, when they are expected, and what carriers tell."""

from __future__ import annotations

from portal.kernel.errors import N_
from portal.kernel.manifest import TOLD, Audience, Capability, Emitted, Job, Look, MenuEntry
from portal.orders.vocabulary import OrderRight
from portal.shipping.vocabulary import ShippingRight
from portal.tracking.rules import EventCode
from portal.tracking.vocabulary import TrackingAction
from portal.tracking.waiting import work

CAPABILITY = Capability(
    name="tracking",
    models="portal.tracking.models",
    pages={
        Audience.DEALERS: ("portal.blueprints.tracking",),
        Audience.STAFF: ("backoffice.blueprints.tracking_desk", "backoffice.blueprints.carriers"),
        Audience.BEARERS: ("backoffice.blueprints.carrier_push",),
    },
    resources=("backoffice.api.shipment_events",),
    menu=(
        MenuEntry(
            Audience.STAFF,
            Job.DELIVERING,
            "tracking_desk.index",
            N_("Tracking"),
            "truck-delivery",
            (ShippingRight.SHIP,),
        ),
    ),
    statuses={
        "parcel": {
            EventCode.ANNOUNCED: Look(N_("Announced"), "grey", "clock"),
            EventCode.ACCEPTED: Look(N_("Picked up"), "blue", "package"),
            EventCode.IN_TRANSIT: Look(N_("In transit"), "teal", "truck"),
            EventCode.ARRIVED_AT_HUB: Look(N_("At a hub"), "teal", "building-warehouse"),
            EventCode.IN_CUSTOMS: Look(N_("In customs"), "teal", "clipboard-check"),
            EventCode.OUT_FOR_DELIVERY: Look(N_("Out for delivery"), "blue", "truck-delivery"),
            EventCode.READY_FOR_PICKUP: Look(N_("Waits to be collected"), "amber", "clock"),
            EventCode.EXCEPTION: Look(N_("Delivery trouble"), "red", "alert-triangle"),
            EventCode.REFUSED: Look(N_("Delivery refused"), "red", "ban"),
            EventCode.DELIVERED: Look(N_("Delivered"), "green", "checks"),
            EventCode.RETURNING: Look(N_("Goes back"), "amber", "arrow-left"),
            EventCode.RETURNED: Look(N_("Back at the sender"), "grey", "arrow-left"),
            EventCode.ESTIMATED: Look(N_("Delivery expected"), "grey", "calendar"),
        }
    },
    actions=TrackingAction,
    topics={"shipment.event": TOLD},
    emits={
        "shipment.event": Emitted(
            N_("A carrier told where a shipment is"),
            (OrderRight.READ,),
            ("/shipments/{number}/events", "/shipments/{number}/events"),
        )
    },
    owned={"tracking": "shipment"},
    lists=("tracked-parcels",),
    work=work,
    help={Audience.STAFF: ("tracking",)},
)
