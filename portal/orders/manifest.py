"""What orders add to the portal: cart, orders, their release."""

from __future__ import annotations

from datetime import timedelta

from portal.identity.rules import DEALER_ROLES, Role
from portal.kernel.errors import N_, Conflict
from portal.kernel.manifest import (
    TOLD,
    Audience,
    Capability,
    Chapter,
    Emitted,
    Event,
    Finder,
    Job,
    Look,
    MenuEntry,
    Personal,
    Recurring,
    Topic,
)
from portal.orders.find import find_orders
from portal.orders.lifecycle import Status
from portal.orders.severity_rules import HOLD_LABELS, SEVERITY_LABELS, Severity
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

_HOLDS: dict[str, Look] = {kind: Look(label, "amber", "player-pause") for kind, label in HOLD_LABELS.items()}
_SEVERITIES: dict[str, Look] = {
    Severity.ERROR: Look(SEVERITY_LABELS[Severity.ERROR], "red", "ban"),
    Severity.HOLD: Look(SEVERITY_LABELS[Severity.HOLD], "amber", "player-pause"),
    Severity.WARNING: Look(SEVERITY_LABELS[Severity.WARNING], "blue", "info-circle"),
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
        Audience.STAFF: (
            "backoffice.blueprints.desk",
            "backoffice.blueprints.holds",
            "backoffice.blueprints.order_rules",
        ),
    },
    resources=(
        "portal.blueprints.api.orders",
        "backoffice.api.orders",
        "backoffice.api.holds",
        "backoffice.api.order_rules",
    ),
    chapters=(CHAPTER,),
    menu=(
        MenuEntry(
            Audience.DEALERS, Job.ORDERING, "cart.index", N_("Cart"), "shopping-cart", (OrderRight.WRITE,)
        ),
        MenuEntry(
            Audience.DEALERS,
            Job.DELIVERING,
            "orders.index",
            N_("Orders"),
            "clipboard-list",
            (OrderRight.READ,),
        ),
        MenuEntry(
            Audience.STAFF,
            Job.DELIVERING,
            "desk.index",
            N_("Orders"),
            "clipboard-list",
            (OrderRight.DESK, ShippingRight.SHIP),
        ),
        MenuEntry(
            Audience.STAFF,
            Job.DELIVERING,
            "holds.index",
            N_("Held orders"),
            "player-pause",
            (OrderRight.DESK,),
        ),
        MenuEntry(
            Audience.STAFF,
            Job.DELIVERING,
            "order_rules.index",
            N_("Order rules"),
            "scale",
            (OrderRight.RULES, OrderRight.DESK),
        ),
    ),
    rights={
        OrderRight.READ: DEALER_ROLES,
        OrderRight.WRITE: frozenset({Role.DEALER_BUYER, Role.DEALER_OWNER}),
        OrderRight.DESK: frozenset({Role.ORDER_DESK, Role.HQ_FINANCE}),
        OrderRight.RULES: frozenset({Role.QUALITY, Role.ADMINISTRATOR}),
    },
    statuses={
        "order": _STATUSES,
        # What a dealer sees confirmed is work to headquarters.
        "hold": _HOLDS,
        "severity": _SEVERITIES,
        "desk order": _STATUSES | {Status.CONFIRMED: Look(N_("To be picked"), "blue", "circle-check")},
    },
    actions=OrderAction,
    tells={
        "order.placed": Event(N_("Orders received"), Audience.DEALERS, frozenset({Role.DEALER_BUYER})),
        "order.filled": Event(
            N_("Goods that orders waited for"), Audience.DEALERS, frozenset({Role.DEALER_BUYER})
        ),
    },
    topics={
        "order.placed": Topic("jobs.mail.order_placed"),
        "order.filled": Topic("jobs.mail.order_filled"),
        "order.cancelled": TOLD,
    },
    emits={
        "order.placed": Emitted(
            N_("An order was placed"), (OrderRight.READ,), ("/orders/{number}", "/orders/{number}")
        ),
        "order.cancelled": Emitted(
            N_("An order was cancelled, or the rest of it"),
            (OrderRight.READ,),
            ("/orders/{number}", "/orders/{number}"),
        ),
    },
    schedule=(Recurring("jobs.upkeep.fill_waiting_orders", every=timedelta(minutes=5)),),
    refusals={
        "ck_order_line_within_quantity": Conflict(
            "line_settled", N_("More than the ordered quantity would be shipped or cancelled.")
        ),
    },
    owned={"orders": "order", "holds": "order"},
    lists=("orders", "desk", "holds"),
    finders=(Finder(Audience.DEALERS, N_("Orders"), "clipboard-list", (OrderRight.READ,), find_orders),),
    help={Audience.DEALERS: ("orders",), Audience.STAFF: ("orders",)},
    personal=(
        Personal(
            "cart_line",
            (
                "product_id",
                "quantity",
                "added_at",
            ),
            "user_id",
        ),
    ),
)
