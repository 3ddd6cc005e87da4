"""What the dealer's own stock adds to the portal."""

from __future__ import annotations

from portal.dealerstock.queries import Shelf
from portal.dealerstock.rules import Finding
from portal.dealerstock.vocabulary import DealerStockAction, DealerStockRight
from portal.identity.rules import Role
from portal.kernel.errors import N_
from portal.kernel.manifest import Audience, Capability, Job, Look, MenuEntry

CAPABILITY = Capability(
    name="dealerstock",
    models="portal.dealerstock.models",
    pages={
        Audience.DEALERS: ("portal.blueprints.own_stock",),
        Audience.STAFF: ("backoffice.blueprints.dealer_stock",),
    },
    resources=("portal.blueprints.api.own_stock",),
    menu=(
        MenuEntry(
            Audience.STAFF,
            Job.PARTNERS,
            "dealer_stock.index",
            N_("Dealers' stock"),
            "building-warehouse",
            (DealerStockRight.HEADQUARTERS,),
        ),
    ),
    rights={
        DealerStockRight.REPORT: frozenset({Role.DEALER_BUYER, Role.DEALER_SERVICE, Role.DEALER_OWNER}),
        DealerStockRight.HEADQUARTERS: frozenset({Role.CHANNEL_MANAGER, Role.ORDER_DESK, Role.QUALITY}),
    },
    statuses={
        "shelf": {
            Shelf.GOOD: Look(N_("Usable"), "green", "circle-check"),
            Shelf.SHORT: Look(N_("Short-dated"), "amber", "alert-triangle"),
            Shelf.EXPIRED: Look(N_("Expired"), "red", "ban"),
        },
        "finding": {
            Finding.NONE: Look(N_("In order"), "green", "circle-check"),
            Finding.COUNTED_SINCE: Look(N_("Counted since"), "grey", "clock"),
            Finding.UNKNOWN_PRODUCT: Look(N_("Unknown article"), "red", "circle-x"),
            Finding.NOT_BOUGHT: Look(N_("Not bought from us"), "red", "circle-x"),
            Finding.MORE_THAN_BOUGHT: Look(N_("More than bought"), "amber", "alert-triangle"),
            Finding.MORE_THAN_HELD: Look(N_("More than held"), "amber", "alert-triangle"),
        },
    },
    actions=DealerStockAction,
    owned={"inventory-reports": "inventory report"},
    lists=("own-stock", "inventory-reports", "dealer-stock"),
    help={Audience.DEALERS: ("dealer-stock",), Audience.STAFF: ("dealer-stock",)},
)
