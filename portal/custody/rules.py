"""Where goods can be, and why they go from one place to another. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum


class PlaceKind(StrEnum):
    """What a place of goods is. Outside is all that we do not follow: suppliers, and where units get lost."""

    WAREHOUSE = "warehouse"
    CARRIER = "carrier"
    DEALER = "dealer"
    HOSPITAL = "hospital"
    USED = "used"
    DESTROYED = "destroyed"
    OUTSIDE = "outside"


class CustodyKind(StrEnum):
    """Why goods went from one place to another; those of the stock have its names."""

    RECEIPT = "receipt"
    SHIPMENT = "shipment"
    RETURN = "return"
    INSPECTION = "inspection"
    EXPIRY = "expiry"
    QUARANTINE = "quarantine"
    DISPATCH = "dispatch"
    TRANSFER = "transfer"
    COUNT = "count"
    SCRAP = "scrap"
    REPAIR = "repair"
    LOST = "lost"
    SELL_OUT = "sell_out"
    HOSPITAL_RETURN = "hospital_return"
    USE = "use"
    REVERSAL = "reversal"


OUT_THERE = frozenset({PlaceKind.DEALER, PlaceKind.HOSPITAL})
"""Places beyond our own that hold goods: those a recall has to ask."""


@dataclass(frozen=True, slots=True)
class Totals:
    """Units of a lot. shipped: to dealers, ever; returned: to us, and kept. The others are where they are.

    here: in our warehouses and between them.
    """

    shipped: int = 0
    returned: int = 0
    here: int = 0
    held: int = 0
    used: int = 0
    destroyed: int = 0


def totals(held: Iterable[tuple[str, int]], moved: Mapping[str, int]) -> Totals:
    """Add up what lies where, by kind of place, and what moved, by kind of movement, ever."""
    lying: dict[str, int] = {}
    for kind, quantity in held:
        lying[kind] = lying.get(kind, 0) + quantity
    return Totals(
        shipped=moved.get(CustodyKind.SHIPMENT, 0),
        # What an inspection refuses is the dealer's again.
        returned=moved.get(CustodyKind.RETURN, 0) - moved.get(CustodyKind.INSPECTION, 0),
        here=lying.get(PlaceKind.WAREHOUSE, 0) + lying.get(PlaceKind.CARRIER, 0),
        held=sum(quantity for kind, quantity in lying.items() if kind in OUT_THERE),
        used=lying.get(PlaceKind.USED, 0),
        destroyed=lying.get(PlaceKind.DESTROYED, 0),
    )
