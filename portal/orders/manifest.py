"""What orders add to the portal: cart, orders, their release."""

from __future__ import annotations

from datetime import timedelta

from portal.identity.rules import DEALER_ROLES, Role
from portal.kernel.errors import N_, Conflict
from portal.kernel.manifest import (
    Audience,
    Capability,
    Chapter,
    Finder,
    Job,
    Look,
    MenuEntry,
    Recurring,
    Topic,
)
from portal.orders.find import find_orders
from portal.orders.lifecycle import Status
from portal.orders.vocabulary import OrderAction, OrderRight
from portal.shipping.vocabulary import ShippingRight

CHAPTER = Chapter("orders", N_("Orders"))

_STATUSES: dict[str, Look] = {
    Status.CONFIRMED: Look(N_("Confirmed"), "blue", "circle-check"),
    Status.BACKORDERED: Look(N_("Waiting for goods"), "amber", "clock"),
    Status.ON_HOLD: Look(N_("On hold"), "amber", "player-pause"),
    Status.PICKING: Look(N_("Being picked"), "violet", "package"),
    Status.PARTIALLY_SHIPPED: Look(N_("Partly shipped"), "teal", "truck"),
    Status.SHIPPED: Look(N_("Shipped"), "teal", "truck-delivery"),
    Status.RECEIVED: Look(N_("Received"), "green", "checks"),
    Status.CANCELLED: Look(N_("Cancelled"), "grey", "ban"),
}

CAPABILITY = Capability(
    name="orders",
    models="portal.orders.models",
    pages={
        Audience.DEALERS: (
            "portal.blueprints.cart",
            "portal.blueprints.orders",
            "portal.blueprints.order_change",
        ),
        Audience.STAFF: ("backoffice.blueprints.desk",),
    },
    resources=("portal.blueprints.api.orders", "backoffice.api.orders"),
    chapters=(CHAPTER,),
    menu=(
        MenuEntry(
            Audience.DEALERS, Job.ORDERING, "cart.index", N_("Cart"), "shopping-cart", (OrderRight.WRITE,)
        ),
        MenuEntry(
            Audience.DEALERS, Job.ORDERING, "orders.index", N_("Orders"), "clipboard-list", (OrderRight.READ,)
        ),
        MenuEntry(
            Audience.STAFF,
            Job.DELIVERING,
            "desk.index",
            N_("Orders"),
            "clipboard-list",
            (OrderRight.DESK, ShippingRight.SHIP),
        ),
    ),
    rights={
        OrderRight.READ: DEALER_ROLES,
        OrderRight.WRITE: frozenset({Role.DEALER_BUYER, Role.DEALER_OWNER}),
        OrderRight.DESK: frozenset({Role.ORDER_DESK, Role.HQ_FINANCE}),
    },
    statuses={
        "order": _STATUSES,
        # What a dealer sees confirmed is work to headquarters.
        "desk order": _STATUSES | {Status.CONFIRMED: Look(N_("To be picked"), "blue", "circle-check")},
    },
    actions=OrderAction,
    topics={
        "order.placed": Topic("jobs.mail.order_placed", is_letter=True),
        "order.filled": Topic("jobs.mail.order_filled", is_letter=True),
    },
    schedule=(Recurring("jobs.upkeep.fill_waiting_orders", every=timedelta(minutes=5)),),
    refusals={
        "ck_order_line_within_quantity": Conflict(
            "line_settled", N_("More than the ordered quantity would be shipped or cancelled.")
        ),
    },
    owned={"orders": "order"},
    lists=("orders", "desk"),
    finders=(Finder(Audience.DEALERS, N_("Orders"), "clipboard-list", (OrderRight.READ,), find_orders),),
    help={Audience.DEALERS: ("orders",), Audience.STAFF: ("orders",)},
)
