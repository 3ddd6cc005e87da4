"""What shipping adds to the portal: picking, shipments, receipts."""

from __future__ import annotations

from datetime import timedelta

from portal.identity.rules import Role
from portal.kernel.errors import N_, Conflict
from portal.kernel.manifest import (
    Audience,
    Capability,
    Chapter,
    Emitted,
    Event,
    Finder,
    Job,
    Look,
    MenuEntry,
    Recurring,
    Topic,
)
from portal.orders.vocabulary import OrderRight
from portal.shipping.find import find_desk_orders, find_shipments
from portal.shipping.review_rules import Outcome
from portal.shipping.rules import ShipmentStatus
from portal.shipping.vocabulary import ShippingAction, ShippingRight
from portal.shipping.waiting import work

CHAPTER = Chapter("shipments", N_("Shipments"))

CAPABILITY = Capability(
    name="shipping",
    models="portal.shipping.models",
    pages={
        Audience.STAFF: (
            "backoffice.blueprints.outbound_reviews",
            "backoffice.blueprints.parcels",
            "backoffice.blueprints.waves",
        ),
    },
    menu=(
        MenuEntry(
            Audience.STAFF,
            Job.DELIVERING,
            "outbound_reviews.index",
            N_("Outbound reviews"),
            "clipboard-check",
            (ShippingRight.REVIEWS,),
        ),
    ),
    lists=("outbound-reviews", "parcels", "waves"),
    resources=("portal.blueprints.api.shipments", "backoffice.api.shipments"),
    chapters=(CHAPTER,),
    rights={
        ShippingRight.SHIP: frozenset({Role.ORDER_DESK}),
        # No role's: a link at the door carries it, and a dealer's program may have it without buying.
        ShippingRight.RECEIVE: frozenset(),
        ShippingRight.REVIEWS: frozenset({Role.QUALITY, Role.ORDER_DESK}),
    },
    statuses={
        "shipment": {
            ShipmentStatus.PICKING: Look(N_("Being picked"), "violet", "package"),
            ShipmentStatus.SHIPPED: Look(N_("In transit"), "teal", "truck-delivery"),
            ShipmentStatus.RECEIVED: Look(N_("Received"), "green", "checks"),
        },
        "outbound review": {
            Outcome.PASSED: Look(N_("Passed"), "green", "circle-check"),
            Outcome.DAMAGED: Look(N_("Damaged"), "red", "ban"),
            Outcome.BAD_LABEL: Look(N_("Bad label"), "red", "ban"),
            Outcome.EXPIRED: Look(N_("Expired"), "red", "ban"),
        },
    },
    actions=ShippingAction,
    emits={
        "order.shipped": Emitted(
            N_("A shipment has left"), (OrderRight.READ,), ("/shipments/{shipment}", "/shipments/{shipment}")
        )
    },
    tells={
        "order.shipped": Event(N_("Shipments"), Audience.DEALERS, frozenset({Role.DEALER_BUYER})),
    },
    topics={"order.shipped": Topic("jobs.mail.order_shipped")},
    # By the hour: the day turns where the business is, not where this runs.
    schedule=(Recurring("jobs.upkeep.retire_expired", every=timedelta(hours=1)),),
    help={Audience.STAFF: ("shipping",)},
    refusals={
        "ck_shipment_line_asked_back": Conflict(
            "returned_twice", N_("These units were returned or asked back already.")
        ),
        "uq_shipment_picking": Conflict("already_picking", N_("This order is already being picked.")),
    },
    owned={"shipments": "shipment", "parcels": "shipment"},
    work=work,
    finders=(
        Finder(Audience.DEALERS, N_("Shipments"), "truck", (OrderRight.READ,), find_shipments),
        Finder(
            Audience.STAFF,
            N_("Orders"),
            "clipboard-list",
            (OrderRight.DESK, ShippingRight.SHIP),
            find_desk_orders,
        ),
    ),
)
