"""What orders and parcels lose when lots leave the sale: put back, cut, held and told.

Its callers have locked the orders, then the levels and the lots.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from typing import NamedTuple

from sqlalchemy import text
from sqlalchemy.orm import Session

from portal.audit import record as audit
from portal.kernel.actor import Actor
from portal.orders import lifecycle
from portal.orders.lifecycle import Act, Status
from portal.orders.locking import LockedOrder
from portal.orders.lose_stock import LineKey, OrderKey, lose_sources, lose_stock
from portal.orders.rules import STOCK
from portal.orders.vocabulary import OrderAction
from portal.shipping.vocabulary import ShippingAction
from portal.stock.fragments import FREE_LOTS
from portal.stock.retirement import LotKey
from portal.stock.rules import LevelKey, Reservation, Retirement


class PickedUnits(NamedTuple):
    """Units of a lot in a parcel that is being picked."""

    dealer_id: int
    order_id: int
    number: str
    warehouse_id: int
    lot_id: int
    quantity: int

    @property
    def order(self) -> OrderKey:
        """The order the parcel belongs to."""
        return self.dealer_id, self.order_id


def levels_to_wait_at(orders: Mapping[OrderKey, LockedOrder]) -> set[LevelKey]:
    """Where units that an order has in another warehouse would wait for goods: in its own."""
    return {
        (order.warehouse_id, line.product_id)
        for order in orders.values()
        if order.backorder
        for line in order.lines
        if line.elsewhere
    }


def units_by_lot(broken: Sequence[PickedUnits]) -> dict[LotKey, int]:
    """How many units of each lot, by warehouse, the parcels hold."""
    freed: dict[LotKey, int] = {}
    for unit in broken:
        freed[unit.warehouse_id, unit.lot_id] = freed.get((unit.warehouse_id, unit.lot_id), 0) + unit.quantity
    return freed


def reservations_of(
    orders: Mapping[OrderKey, LockedOrder], put_back: Collection[OrderKey]
) -> dict[LevelKey, list[Reservation]]:
    """Reservations that may give way.

    Those of an order that is still being picked may not: its units are in the parcel.
    """
    found: dict[LevelKey, list[Reservation]] = {}
    for key, order in orders.items():
        if order.status == Status.PICKING and key not in put_back:
            continue
        products = {line.line_no: line.product_id for line in order.lines}
        for warehouse_id in order.warehouses:
            for line_no, units in order.reserved_in(warehouse_id).items():
                reservation = Reservation(order.dealer_id, order.id, line_no, order.placed_at, units)
                found.setdefault((warehouse_id, products[line_no]), []).append(reservation)
    return found


def put_back_parcels(session: Session, broken: Sequence[PickedUnits]) -> None:
    """The parcels are gone, and what they held is free again."""
    freed = units_by_lot(broken)
    if not freed:
        return
    lots = {
        "warehouse_ids": [key[0] for key in freed],
        "lot_ids": [key[1] for key in freed],
        "units": list(freed.values()),
    }
    session.execute(_PUT_BACK, {**lots, **order_columns({unit.order for unit in broken})})


def write_orders(
    session: Session,
    orders: Mapping[OrderKey, LockedOrder],
    broken: Sequence[PickedUnits],
    decided: Retirement,
) -> dict[OrderKey, int]:
    """Write the lines and states of the orders concerned; returns the units that each held order lost."""
    lost: dict[OrderKey, int] = {}
    for _, cut in decided.cuts:
        key = (cut.reservation.dealer_id, cut.reservation.order_id)
        lost[key] = lost.get(key, 0) + cut.quantity
    put_back = {unit.order for unit in broken}
    moved = {
        key: _status_after(orders[key], key in put_back, key in lost)
        for key in sorted(put_back | lost.keys())
    }
    lose_stock(session, statuses=moved, units=_units_by_line(decided))
    lose_sources(session, units=_units_by_source(orders, decided))
    return lost


def _units_by_line(decided: Retirement) -> Counter[LineKey]:
    units: Counter[LineKey] = Counter()
    for _, cut in decided.cuts:
        line = cut.reservation
        units[line.dealer_id, line.order_id, line.line_no] += cut.quantity
    return units


def _units_by_source(
    orders: Mapping[OrderKey, LockedOrder], decided: Retirement
) -> Counter[tuple[LineKey, int]]:
    """Units lost in another warehouse than the order's, by line and warehouse."""
    units: Counter[tuple[LineKey, int]] = Counter()
    for (warehouse_id, _), cut in decided.cuts:
        line = cut.reservation
        if warehouse_id != orders[line.dealer_id, line.order_id].warehouse_id:
            units[(line.dealer_id, line.order_id, line.line_no), warehouse_id] += cut.quantity
    return units


def _status_after(order: LockedOrder, put_back: bool, cut: bool) -> Status:
    status = lifecycle.after(order.status, Act.UNPICK, order.progress) if put_back else Status(order.status)
    if not cut:
        return status
    held = replace(order.progress, holds={*order.holds, STOCK})
    return lifecycle.after(status, Act.HOLD, held)


def record_losses(
    session: Session,
    orders: Mapping[OrderKey, LockedOrder],
    parcels: Collection[tuple[str, OrderKey]],
    held: Mapping[OrderKey, int],
    actor: Actor,
) -> None:
    """Write down which parcels were put back, by number and order, and which orders are held."""
    for number, key in parcels:
        audit.record(
            session,
            ShippingAction.SHIPMENT_UNPICKED,
            number,
            actor=actor,
            dealer_id=key[0],
            before={"order": orders[key].number},
        )
    for key, units in held.items():
        after = {"holds": sorted({*orders[key].holds, STOCK}), "units_without_stock": units}
        audit.record(
            session,
            OrderAction.ORDER_HELD,
            orders[key].number,
            actor=actor,
            dealer_id=key[0],
            before={"status": orders[key].status, "holds": list(orders[key].holds)},
            after=after,
        )


def order_columns(keys: Collection[OrderKey]) -> dict[str, list[int]]:
    """The keys as parameters of a statement."""
    return {
        "dealer_ids": [dealer_id for dealer_id, _ in keys],
        "order_ids": [order_id for _, order_id in keys],
    }


_PUT_BACK = text(
    f"""
    WITH freed AS (
      {FREE_LOTS}
    )
    DELETE FROM shipment s
     USING unnest(CAST(:dealer_ids AS bigint[]), CAST(:order_ids AS bigint[])) AS w(dealer_id, order_id)
     WHERE (s.dealer_id, s.order_id) = (w.dealer_id, w.order_id) AND s.status = 'picking'
    """
)
