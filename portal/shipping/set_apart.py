"""Units that failed the outbound review leave the parcel for quarantine.

The parcel goes on without them while the order keeps its stock: what is missing is picked later, from other
lots. When it cannot keep it, or nothing is left in the parcel, the whole parcel is put back, and an order
that lost units is held (`stock`) as after an expiry.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from sqlalchemy import text
from sqlalchemy.orm import Session

from portal.audit import record as audit
from portal.kernel import locks
from portal.kernel.actor import Actor
from portal.kernel.errors import N_, Invalid
from portal.kernel.locks import Rank
from portal.orders import lifecycle
from portal.orders.lifecycle import Act, Status
from portal.orders.locking import set_status
from portal.orders.lose_stock import lose_sources, lose_stock
from portal.orders.rules import STOCK
from portal.orders.vocabulary import OrderAction
from portal.shipping.locked_parcel import LockedParcel
from portal.shipping.review_rules import Check, PackedUnits
from portal.shipping.unpick_order import put_back
from portal.stock.backorders import change_backordered, ensure_levels, lock_levels
from portal.stock.fragments import FREE_LOTS
from portal.stock.move_lots import LotMove, move_lots
from portal.stock.reservations import release_units
from portal.stock.rules import MovementKind
from portal.stock.serial_rules import SerialState
from portal.stock.serials import Place, Serials, move_serials, take_in

Found = Sequence[tuple[PackedUnits, Check]]


def set_apart(
    session: Session, *, actor: Actor, parcel: LockedParcel, found: Found, at: datetime
) -> tuple[Status, bool]:
    """Quarantine what was found wrong; where the order stands then, and whether the parcel was put back."""
    order = parcel.order
    products = sorted({unit.product_id for unit, _ in found})
    ensure_levels(session, warehouse_id=order.warehouse_id, products=products)
    lock_levels(
        session, {(place, one) for place in (order.warehouse_id, parcel.warehouse_id) for one in products}
    )
    lots = sorted(unit.lot_id for unit in parcel.units)
    locks.take(session, Rank.LOT, [(parcel.warehouse_id, lot_id) for lot_id in lots])
    session.execute(_LOCK_LOTS, {"warehouse_id": parcel.warehouse_id, "lots": lots})
    _take_out(session, parcel, found)
    short = _short(session, parcel, found)
    status, is_empty = Status(order.status), all(not left for left in _left(parcel, found).values())
    goes_back = is_empty or bool(short)
    if goes_back:
        put_back(session, order)
        status = lifecycle.after(order.status, Act.UNPICK, order.progress)
    if short:
        status = _lose(session, actor, parcel, short, status, at)
    elif goes_back:
        set_status(session, order, status)
    _quarantine(session, actor, parcel, found, at)
    return status, goes_back


def _left(parcel: LockedParcel, found: Found) -> Counter[tuple[int, int]]:
    left = Counter({(unit.line_no, unit.lot_id): unit.quantity for unit in parcel.units})
    left.subtract(_taken(found))
    return left


def _taken(found: Found) -> Counter[tuple[int, int]]:
    taken: Counter[tuple[int, int]] = Counter()
    for unit, check in found:
        taken[unit.line_no, unit.lot_id] += check.quantity
    return taken


def _take_out(session: Session, parcel: LockedParcel, found: Found) -> None:
    """The units leave the parcel and its packages, and their lots are free of them."""
    taken = _taken(found)
    by_lot: Counter[int] = Counter()
    for (_, lot_id), units in taken.items():
        by_lot[lot_id] += units
    session.execute(
        _FREE,
        {
            "warehouse_ids": [parcel.warehouse_id] * len(by_lot),
            "lot_ids": list(by_lot),
            "units": list(by_lot.values()),
        },
    )
    lines = {
        "dealer_id": parcel.order.dealer_id,
        "shipment_id": parcel.id,
        "line_nos": [line_no for line_no, _ in taken],
        "line_lots": [lot_id for _, lot_id in taken],
        "line_units": list(taken.values()),
    }
    session.execute(_UNPACK, lines)
    session.execute(_DROP, lines)
    session.execute(_LESSEN, lines)


def _short(session: Session, parcel: LockedParcel, found: Found) -> dict[int, int]:
    """Units by order line that the order cannot keep, because nothing else in the warehouse covers them."""
    going: Counter[int] = Counter()
    for unit, check in found:
        going[unit.product_id] += check.quantity
    levels = session.execute(_COVERED, {"warehouse_id": parcel.warehouse_id, "products": list(going)}).all()
    missing = {row.product_id: max(going[row.product_id] - row.free, 0) for row in levels}
    short: dict[int, int] = {}
    for unit, check in found:
        units = min(check.quantity, missing[unit.product_id])
        if units:
            short[unit.line_no] = short.get(unit.line_no, 0) + units
            missing[unit.product_id] -= units
    return short


def _lose(
    session: Session,
    actor: Actor,
    parcel: LockedParcel,
    short: Mapping[int, int],
    status: Status,
    at: datetime,
) -> Status:
    """The lines lose what they cannot keep, and the order is held."""
    order = parcel.order
    by_product: Counter[int] = Counter()
    for line in order.lines_of(short.keys()):
        by_product[line.product_id] += short[line.line_no]
    release_units(
        session,
        warehouse_id=parcel.warehouse_id,
        units=by_product,
        dealer_id=order.dealer_id,
        document=order.number,
        actor=actor,
        at=at,
    )
    if order.backorder:
        change_backordered(session, warehouse_id=order.warehouse_id, units=by_product)
    holds = {*order.holds, STOCK}
    held = lifecycle.after(status, Act.HOLD, replace(order.progress, holds=holds))
    units = {(order.dealer_id, order.id, line_no): lost for line_no, lost in short.items()}
    lose_stock(session, statuses={(order.dealer_id, order.id): held}, units=units)
    if parcel.warehouse_id != order.warehouse_id:
        lose_sources(session, units={(line, parcel.warehouse_id): lost for line, lost in units.items()})
    audit.record(
        session,
        OrderAction.ORDER_HELD,
        order.number,
        actor=actor,
        dealer_id=order.dealer_id,
        before={"status": order.status, "holds": list(order.holds)},
        after={"holds": sorted(holds), "units_without_stock": sum(short.values())},
    )
    return held


def _quarantine(session: Session, actor: Actor, parcel: LockedParcel, found: Found, at: datetime) -> None:
    units: Counter[int] = Counter()
    for unit, check in found:
        units[unit.lot_id] += check.quantity
    move_lots(
        session,
        warehouse_id=parcel.warehouse_id,
        moves=[
            LotMove(lot_id, on_hand=-quantity, quarantined=quantity)
            for lot_id, quantity in sorted(units.items())
        ],
        kind=MovementKind.QUARANTINE,
        document=parcel.number,
        actor=actor,
        at=at,
        dealer_id=parcel.order.dealer_id,
    )
    _quarantine_serials(session, parcel, found)


def _quarantine_serials(session: Session, parcel: LockedParcel, found: Found) -> None:
    """Serials go along; one that was never recorded is recorded where it lies now."""
    named = [
        Serials(unit.product_id, unit.lot_id, [serial], f"{check.pointer}/serials")
        for unit, check in found
        for serial in check.serials
    ]
    here = Place(SerialState.SALEABLE, parcel.warehouse_id)
    apart = Place(SerialState.QUARANTINED, parcel.warehouse_id)
    elsewhere = move_serials(session, named, of=here, to=apart, document=parcel.number)
    unknown = {(fault.pointer, fault.params["serial"]) for fault in elsewhere}
    new = [one for one in named if (one.pointer, one.serials[0]) in unknown]
    faults = take_in(session, new, to=apart, document=parcel.number)
    if faults:
        raise Invalid("review_refused", N_("Not recorded: some entries need attention."), faults=faults)


_LOCK_LOTS = text(
    """
    SELECT FROM lot_stock WHERE warehouse_id = :warehouse_id AND lot_id = ANY (CAST(:lots AS bigint[]))
     ORDER BY lot_id FOR NO KEY UPDATE
    """
)
_FREE = text(FREE_LOTS)
_UNPACK = text("DELETE FROM package WHERE dealer_id = :dealer_id AND shipment_id = :shipment_id")
_OF_LINES = """
  unnest(CAST(:line_nos AS smallint[]), CAST(:line_lots AS bigint[]), CAST(:line_units AS integer[]))
    AS t(line_no, lot_id, units)
 WHERE l.dealer_id = :dealer_id AND l.shipment_id = :shipment_id AND l.line_no = t.line_no
   AND l.lot_id = t.lot_id
"""
_DROP = text(f"DELETE FROM shipment_line l USING {_OF_LINES} AND l.quantity = t.units")
_LESSEN = text(f"UPDATE shipment_line l SET quantity = l.quantity - t.units FROM {_OF_LINES}")
_COVERED = text(
    """
    SELECT product_id, on_hand - reserved AS free FROM stock_level
     WHERE warehouse_id = :warehouse_id AND product_id = ANY (CAST(:products AS bigint[]))
    """
)
