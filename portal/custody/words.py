"""How places and movements are named on pages and in files."""

from __future__ import annotations

from portal.custody.rules import CustodyKind, PlaceKind
from portal.kernel.errors import N_

PLACES = {
    PlaceKind.WAREHOUSE: N_("Warehouse"),
    PlaceKind.CARRIER: N_("Between warehouses"),
    PlaceKind.DEALER: N_("Dealer"),
    PlaceKind.HOSPITAL: N_("Hospital"),
    PlaceKind.USED: N_("Used"),
    PlaceKind.DESTROYED: N_("Destroyed"),
    PlaceKind.OUTSIDE: N_("Outside"),
}

KINDS = {
    CustodyKind.RECEIPT: N_("Receipt"),
    CustodyKind.SHIPMENT: N_("Shipping"),
    CustodyKind.RETURN: N_("Return"),
    CustodyKind.INSPECTION: N_("Given back after inspection"),
    CustodyKind.EXPIRY: N_("Expired"),
    CustodyKind.QUARANTINE: N_("Quarantine"),
    CustodyKind.DISPATCH: N_("Dispatch"),
    CustodyKind.TRANSFER: N_("Transfer"),
    CustodyKind.COUNT: N_("Stock count"),
    CustodyKind.SCRAP: N_("Scrap"),
    CustodyKind.REPAIR: N_("Repair"),
    CustodyKind.LOST: N_("Lost"),
    CustodyKind.SELL_OUT: N_("Sold to a hospital"),
    CustodyKind.HOSPITAL_RETURN: N_("Came back from a hospital"),
    CustodyKind.USE: N_("Used"),
    CustodyKind.REVERSAL: N_("Report reversed"),
}
