"""What stock adds to the portal."""

from __future__ import annotations

from portal.identity.rules import DEALER_ROLES, Role
from portal.kernel.errors import N_, Conflict
from portal.kernel.manifest import Audience, Capability, Job, Look, MenuEntry
from portal.stock.rules import LotState, MovementKind, Supply
from portal.stock.serial_rules import SerialState
from portal.stock.vocabulary import StockAction, StockRight

CAPABILITY = Capability(
    name="stock",
    models="portal.stock.models",
    pages={
        Audience.DEALERS: ("portal.blueprints.region_stock",),
        Audience.STAFF: ("backoffice.blueprints.held_stock",),
    },
    resources=("portal.blueprints.api.stock", "backoffice.api.held_stock"),
    menu=(
        MenuEntry(
            Audience.DEALERS,
            Job.ORDERING,
            "region_stock.index",
            N_("Stock"),
            "building-warehouse",
            (StockRight.READ,),
        ),
        MenuEntry(
            Audience.STAFF,
            Job.DELIVERING,
            "held_stock.index",
            N_("Stock"),
            "building-warehouse",
            (StockRight.HEADQUARTERS,),
        ),
    ),
    rights={
        StockRight.READ: DEALER_ROLES,
        StockRight.HEADQUARTERS: frozenset({Role.ORDER_DESK, Role.QUALITY, Role.CHANNEL_MANAGER}),
        StockRight.PLACE: frozenset({Role.ORDER_DESK}),
    },
    actions=StockAction,
    statuses={
        "supply": {
            Supply.OUT: Look(N_("Out of stock"), "red", "circle-x"),
            Supply.LOW: Look(N_("Low stock"), "amber", "alert-triangle"),
            Supply.ENOUGH: Look(N_("In stock"), "green", "circle-check"),
        },
        "lot": {
            LotState.SALEABLE: Look(N_("Saleable"), "green", "circle-check"),
            LotState.EXPIRED: Look(N_("Expired"), "red", "alert-circle"),
            LotState.BLOCKED: Look(N_("Blocked"), "red", "lock"),
        },
        "movement": {
            MovementKind.RECEIPT: Look(N_("Receipt"), "green", "package"),
            MovementKind.INSPECTION: Look(N_("Inspection"), "green", "circle-check"),
            MovementKind.RESERVATION: Look(N_("Reservation"), "blue", "clipboard-list"),
            MovementKind.RELEASE: Look(N_("Release"), "grey", "x"),
            MovementKind.SHIPMENT: Look(N_("Shipping"), "teal", "truck"),
            MovementKind.RETURN: Look(N_("Return"), "violet", "arrow-left"),
            MovementKind.EXPIRY: Look(N_("Expired"), "red", "alert-circle"),
            MovementKind.QUARANTINE: Look(N_("Quarantine"), "red", "lock"),
            MovementKind.DISPATCH: Look(N_("Dispatch"), "teal", "truck"),
            MovementKind.TRANSFER: Look(N_("Transfer"), "teal", "truck-delivery"),
            MovementKind.COUNT: Look(N_("Stock count"), "blue", "clipboard-list"),
            MovementKind.SCRAP: Look(N_("Scrap"), "grey", "trash"),
            MovementKind.REPAIR: Look(N_("Repair"), "blue", "stethoscope"),
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
    lists=("stock", "held-stock"),
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
