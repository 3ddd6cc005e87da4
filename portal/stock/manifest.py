"""What stock adds to the portal."""

from __future__ import annotations

from portal.identity.rules import DEALER_ROLES
from portal.kernel.errors import N_, Conflict
from portal.kernel.manifest import Audience, Capability, Job, Look, MenuEntry
from portal.stock.rules import Supply
from portal.stock.serial_rules import SerialState
from portal.stock.vocabulary import StockRight

CAPABILITY = Capability(
    name="stock",
    models="portal.stock.models",
    pages={Audience.DEALERS: ("portal.blueprints.region_stock",)},
    resources=("portal.blueprints.api.stock",),
    menu=(
        MenuEntry(
            Audience.DEALERS,
            Job.ORDERING,
            "region_stock.index",
            N_("Stock"),
            "building-warehouse",
            (StockRight.READ,),
        ),
    ),
    rights={StockRight.READ: DEALER_ROLES},
    statuses={
        "supply": {
            Supply.OUT: Look(N_("Out of stock"), "red", "circle-x"),
            Supply.LOW: Look(N_("Low stock"), "amber", "alert-triangle"),
            Supply.ENOUGH: Look(N_("In stock"), "green", "circle-check"),
        },
        "serial": {
            SerialState.INSPECTING: Look(N_("In inspection"), "amber", "clock"),
            SerialState.SALEABLE: Look(N_("In stock"), "green", "circle-check"),
            SerialState.QUARANTINED: Look(N_("Quarantined"), "red", "lock"),
            SerialState.IN_TRANSIT: Look(N_("In transit"), "teal", "truck-delivery"),
            SerialState.SHIPPED: Look(N_("Shipped"), "teal", "truck"),
            SerialState.SCRAPPED: Look(N_("Scrapped"), "grey", "trash"),
        },
    },
    lists=("stock",),
    refusals={
        "ck_stock_level_available": Conflict(
            "stock_short", N_("The stock has just been taken by another order.")
        ),
        "ck_lot_stock_available": Conflict(
            "lot_short", N_("The lot has just been allocated to another shipment.")
        ),
        "ck_lot_stock_set_apart": Conflict(
            "not_set_apart", N_("So many units of the lot are not in inspection or quarantine here any more.")
        ),
        "TL003": Conflict("lot_not_saleable", N_("A lot that is expired or blocked cannot be shipped.")),
    },
)
