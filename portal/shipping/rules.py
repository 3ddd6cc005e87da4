"""Which lots serve which order lines, and what a parcel must say of itself. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum

from portal.kernel.errors import N_, Fault, Invalid
from portal.kernel.lots import named_as
from portal.stock.rules import sells_on


class ShipmentStatus(StrEnum):
    """Where a parcel stands."""

    PICKING = "picking"
    SHIPPED = "shipped"
    RECEIVED = "received"


@dataclass(frozen=True, slots=True)
class Need:
    """Units that one order line still waits for."""

    line_no: int
    product_id: int
    quantity: int


@dataclass(frozen=True, slots=True)
class LotUnits:
    """A lot in the order's warehouse. `free` units are neither shipped nor allocated to a shipment."""

    lot_id: int
    product_id: int
    lot_no: str
    expires_on: date | None
    free: int
    saleable: bool = True


@dataclass(frozen=True, slots=True)
class LotChoice:
    """A lot that a person wants for a line in place of the one that expires first, and why.

    `pointer` says where they did.
    """

    line_no: int
    lot_no: str
    quantity: int
    reason: str
    pointer: str


@dataclass(frozen=True, slots=True)
class LineUnits:
    """Units of an order line that somebody wants shipped; `pointer` says where they named them."""

    line_no: int
    quantity: int
    pointer: str


@dataclass(frozen=True, slots=True)
class Allocation:
    """Units of one lot for one order line."""

    line_no: int
    lot_id: int
    quantity: int


@dataclass(frozen=True, slots=True)
class Shortage:
    """Units of a line for which no lot is left."""

    line_no: int
    product_id: int
    missing: int


@dataclass(frozen=True, slots=True)
class Plan:
    """A picking plan. It may be carried out when there are neither shortages nor faults."""

    allocations: tuple[Allocation, ...]
    shortages: tuple[Shortage, ...]
    faults: tuple[Fault, ...] = ()


def units_named(wanted: Sequence[LineUnits], choices: Sequence[LotChoice]) -> dict[int, int] | None:
    """Units by order line of what is to be shipped in one go.

    The sum of what is `wanted`, else of the lots chosen; None for all.

    So lots alone ship exactly what they name. Raises Invalid for less than one unit, which would take away
    from another of its line.
    """
    faults = [
        Fault(
            f"{one.pointer}/quantity",
            "quantity_not_positive",
            N_("A quantity is at least 1."),
            N_("Enter 1 or more, or remove the line."),
        )
        for one in wanted
        if one.quantity < 1
    ]
    if faults:
        raise Invalid(faults=faults)
    units: Counter[int] = Counter()
    for one in wanted or choices:
        units[one.line_no] += one.quantity
    return dict(units) or None


def allocate_fefo(
    needs: Sequence[Need], lots: Sequence[LotUnits], ship_date: date, min_days: int
) -> tuple[list[Allocation], list[Shortage]]:
    """Serve each need, in the order given, from the lots that expire first.

    Only saleable lots with more than `min_days` before expiry count; equal expiry goes by lot number, lots
    that never expire come last. A line may split over lots. Returns the allocations and, per line, what is
    missing.
    """
    free = {lot.lot_id: lot.free for lot in lots}
    queues = _queues(lots, ship_date, min_days)
    allocations: list[Allocation] = []
    shortages: list[Shortage] = []
    for need in needs:
        missing = need.quantity
        for lot in queues.get(need.product_id, ()):
            taken = min(missing, free[lot.lot_id])
            if taken > 0:
                allocations.append(Allocation(need.line_no, lot.lot_id, taken))
                free[lot.lot_id] -= taken
                missing -= taken
        if missing > 0:
            shortages.append(Shortage(need.line_no, need.product_id, missing))
    return allocations, shortages


def plan_picking(
    needs: Sequence[Need],
    lots: Sequence[LotUnits],
    choices: Sequence[LotChoice],
    ship_date: date,
    min_days: int,
) -> Plan:
    """Chosen lots first, by the same rules as any lot.

    What they leave open is served first-expired-first-out.
    """
    open_needs = {need.line_no: need for need in needs}
    stock = {(lot.product_id, lot.lot_no): lot for lot in lots}
    chosen: list[Allocation] = []
    faults: list[Fault] = []
    for choice in choices:
        need = open_needs.get(choice.line_no)
        lot = stock.get(named_as((need.product_id, choice.lot_no), stock.keys())) if need else None
        found = _choose(choice, need, lot, ship_date, min_days)
        if isinstance(found, Fault):
            faults.append(found)
        elif need and lot:
            chosen.append(found)
            open_needs[need.line_no] = replace(need, quantity=need.quantity - found.quantity)
            stock[lot.product_id, lot.lot_no] = replace(lot, free=lot.free - found.quantity)
    allocations, shortages = allocate_fefo(
        list(open_needs.values()), list(stock.values()), ship_date, min_days
    )
    return Plan(_merged([*chosen, *allocations]), tuple(shortages), tuple(faults))


def by_expiry(lot: LotUnits) -> tuple[bool, date, str]:
    """Sort key of first-expired-first-out."""
    return lot.expires_on is None, lot.expires_on or date.max, lot.lot_no


def _queues(lots: Sequence[LotUnits], ship_date: date, min_days: int) -> dict[int, list[LotUnits]]:
    queues: dict[int, list[LotUnits]] = {}
    for lot in sorted(lots, key=by_expiry):
        if lot.saleable and sells_on(lot.expires_on, ship_date, min_days):
            queues.setdefault(lot.product_id, []).append(lot)
    return queues


def _choose(
    choice: LotChoice, need: Need | None, lot: LotUnits | None, ship_date: date, min_days: int
) -> Allocation | Fault:
    pointer = choice.pointer
    if need is None:
        return Fault(
            f"{pointer}/line",
            "unknown_line",
            N_("Line %(line)s has nothing left to pick."),
            params={"line": choice.line_no},
        )
    about = {"line": choice.line_no, "lot": choice.lot_no, "day": str(ship_date)}
    choose_another = N_("Choose another lot, or leave the choice to the system.")
    if lot is None:
        return Fault(
            f"{pointer}/lot",
            "unknown_lot",
            N_("Lot %(lot)s is not in this warehouse."),
            choose_another,
            about,
        )
    if not lot.saleable:
        return Fault(
            f"{pointer}/lot",
            "lot_not_saleable",
            N_("Lot %(lot)s is expired or blocked."),
            choose_another,
            about,
        )
    if not sells_on(lot.expires_on, ship_date, min_days):
        too_near = N_("Lot %(lot)s may not be shipped on %(day)s: its expiry is too near.")
        return Fault(f"{pointer}/lot", "lot_expired", too_near, choose_another, about)
    if not choice.reason.strip():
        return Fault(
            f"{pointer}/reason",
            "reason_missing",
            N_("Give a reason for using lot %(lot)s out of order."),
            params=about,
        )
    limit = min(lot.free, need.quantity)
    if not 1 <= choice.quantity <= limit:
        return Fault(
            f"{pointer}/quantity",
            "quantity_out_of_range",
            N_("Take between 1 and %(limit)s units of lot %(lot)s for line %(line)s."),
            choose_another,
            {**about, "limit": limit},
        )
    return Allocation(choice.line_no, lot.lot_id, choice.quantity)


def _merged(allocations: Sequence[Allocation]) -> tuple[Allocation, ...]:
    # A chosen lot may also be the next by expiry: one line of the parcel per order line and lot.
    units: dict[tuple[int, int], int] = {}
    for allocation in allocations:
        key = (allocation.line_no, allocation.lot_id)
        units[key] = units.get(key, 0) + allocation.quantity
    return tuple(Allocation(line_no, lot_id, quantity) for (line_no, lot_id), quantity in units.items())
