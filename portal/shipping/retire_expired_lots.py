"""Take lots that came too near their expiry out of the sale, every night, with all that follows from it.

A parcel that is being picked with such a lot is put back. Where too little stock is left for what is
reserved, the latest orders give way and are held (`stock`) until somebody releases or cancels them. It lives
above stock and orders because it changes both.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import NamedTuple

from sqlalchemy import text
from sqlalchemy.orm import Session

from portal.audit import record as audit
from portal.kernel.actor import SYSTEM, Actor
from portal.orders import lifecycle
from portal.orders.lifecycle import Act, Status
from portal.orders.locking import LockedOrder, lock_orders
from portal.orders.lose_stock import LineKey, OrderKey, lose_sources, lose_stock
from portal.orders.rules import STOCK
from portal.orders.vocabulary import OrderAction
from portal.shipping.vocabulary import ShippingAction
from portal.stock import retirement as stock
from portal.stock.fragments import FREE_LOTS
from portal.stock.rules import LevelKey, Reservation, Retirement, retirement


@dataclass(frozen=True, slots=True)
class Retired:
    """What one run did. `postponed`: levels that were in use at that moment; the next run takes them up."""

    lots: int
    units: int
    parcels_put_back: tuple[str, ...]
    orders_held: tuple[str, ...]
    postponed: int


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


def retire_expired_lots(
    session: Session, *, today: date, at: datetime, margin_days: int = 1, actor: Actor = SYSTEM
) -> Retired:
    """Retire every lot that has at most `margin_days` left on business date `today`. Needs a system session.

    To run it again is harmless. Locks the orders concerned, then levels, then lots, each kind in a fixed
    order.
    """
    deadline = today + timedelta(days=margin_days)
    touched = session.execute(_TOUCHED, {"deadline": deadline}).all()
    orders = {(order.dealer_id, order.id): order for order in lock_orders(session, touched)}
    broken = _parcels_to_put_back(session, orders, deadline)
    levels = stock.lock_levels(session, deadline=deadline, more=_levels_to_wait_at(orders))
    due = stock.lock_due_lots(session, deadline=deadline, levels=levels, freed=_units_by_lot(broken))
    decided = retirement(due, levels, _reservations(orders, {unit.order for unit in broken}))
    _put_back(session, broken)
    numbers = {order.id: order.number for order in orders.values()}
    expired = stock.write_retirement(
        session,
        decided,
        numbers=numbers,
        homes={order.id: order.warehouse_id for order in orders.values() if order.backorder},
        actor=actor,
        document=f"EXPIRY-{today}",
        at=at,
    )
    held = _write_orders(session, orders, broken, decided)
    parcels = dict.fromkeys((unit.number, unit.order) for unit in broken)
    _tell(session, orders, parcels, expired, held, actor)
    return Retired(
        len(decided.lots),
        sum(lot.units for lot in decided.lots),
        tuple(number for number, _ in parcels),
        tuple(orders[key].number for key in held),
        len(decided.postponed),
    )


def _levels_to_wait_at(orders: Mapping[OrderKey, LockedOrder]) -> set[LevelKey]:
    """Where units that an order has in another warehouse would wait for goods: in its own."""
    return {
        (order.warehouse_id, line.product_id)
        for order in orders.values()
        if order.backorder
        for line in order.lines
        if line.elsewhere
    }


def _parcels_to_put_back(session: Session, orders: Collection[OrderKey], deadline: date) -> list[PickedUnits]:
    """All units of the locked orders' parcels that hold a lot which is due."""
    return [
        PickedUnits(**row._mapping)
        for row in session.execute(_BROKEN, {**_columns(orders), "deadline": deadline})
    ]


def _units_by_lot(broken: Sequence[PickedUnits]) -> dict[stock.LotKey, int]:
    freed: dict[stock.LotKey, int] = {}
    for unit in broken:
        freed[unit.warehouse_id, unit.lot_id] = freed.get((unit.warehouse_id, unit.lot_id), 0) + unit.quantity
    return freed


def _reservations(
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


def _put_back(session: Session, broken: Sequence[PickedUnits]) -> None:
    freed = _units_by_lot(broken)
    if not freed:
        return
    lots = {
        "warehouse_ids": [key[0] for key in freed],
        "lot_ids": [key[1] for key in freed],
        "units": list(freed.values()),
    }
    session.execute(_PUT_BACK, {**lots, **_columns({unit.order for unit in broken})})


def _write_orders(
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


def _tell(
    session: Session,
    orders: Mapping[OrderKey, LockedOrder],
    parcels: Collection[tuple[str, OrderKey]],
    expired: Sequence[stock.ExpiredLot],
    held: Mapping[OrderKey, int],
    actor: Actor,
) -> None:
    for lot in expired:
        after = {"warehouse": lot.warehouse, "expires_on": str(lot.expires_on), "units": lot.units}
        audit.record(
            session,
            ShippingAction.LOT_EXPIRED,
            f"{lot.sku}/{lot.lot_no}",
            actor=actor,
            dealer_id=None,
            after=after,
        )
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


def _columns(keys: Collection[OrderKey]) -> dict[str, list[int]]:
    return {
        "dealer_ids": [dealer_id for dealer_id, _ in keys],
        "order_ids": [order_id for _, order_id in keys],
    }


# Orders with a due lot in a parcel, and those with reservations on a level that will be short.
_TOUCHED = text(
    """
    WITH due AS MATERIALIZED (
      SELECT k.warehouse_id, k.product_id, k.lot_id, k.on_hand FROM lot_stock k JOIN lot l ON l.id = k.lot_id
       WHERE k.state = 'saleable' AND l.expires_on <= :deadline
    ), short AS (
      SELECT s.warehouse_id, s.product_id FROM stock_level s
        JOIN (SELECT warehouse_id, product_id, sum(on_hand) AS units
                FROM due GROUP BY warehouse_id, product_id) d
          ON (d.warehouse_id, d.product_id) = (s.warehouse_id, s.product_id)
       WHERE s.reserved > s.on_hand - d.units
    )
    SELECT s.dealer_id, s.order_id FROM shipment s
      JOIN shipment_line l ON l.dealer_id = s.dealer_id AND l.shipment_id = s.id
      JOIN due ON (due.warehouse_id, due.lot_id) = (s.warehouse_id, l.lot_id)
     WHERE s.status = 'picking'
     UNION
    SELECT l.dealer_id, l.order_id FROM short
      JOIN order_line l ON l.product_id = short.product_id AND l.reserved > 0
      JOIN sales_order o ON (o.dealer_id, o.id) = (l.dealer_id, l.order_id)
       AND o.warehouse_id = short.warehouse_id
     UNION
    SELECT x.dealer_id, x.order_id FROM short
      JOIN order_line_source x ON x.warehouse_id = short.warehouse_id AND x.reserved > 0
      JOIN order_line l ON (l.dealer_id, l.order_id, l.line_no) = (x.dealer_id, x.order_id, x.line_no)
       AND l.product_id = short.product_id
    """
)

_BROKEN = text(
    """
    SELECT s.dealer_id, s.order_id, s.number, s.warehouse_id, l.lot_id, l.quantity
      FROM unnest(CAST(:dealer_ids AS bigint[]), CAST(:order_ids AS bigint[])) AS w(dealer_id, order_id)
      JOIN shipment s ON (s.dealer_id, s.order_id) = (w.dealer_id, w.order_id) AND s.status = 'picking'
      JOIN shipment_line l ON l.dealer_id = s.dealer_id AND l.shipment_id = s.id
     WHERE EXISTS (
             SELECT FROM shipment_line x JOIN lot t ON t.id = x.lot_id
              WHERE x.dealer_id = s.dealer_id AND x.shipment_id = s.id AND t.expires_on <= :deadline)
     ORDER BY s.dealer_id, s.id, l.line_no, l.lot_id
    """
)

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
