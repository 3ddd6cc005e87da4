"""Block lots in every warehouse at once, for a recall, with all that follows from it.

As when lots expire (`retire_expired_lots`): parcels that are being picked with them are put back, and where
too little is left the latest orders give way and are held. But nothing is left for later: it all happens in
the transaction of whoever decided, or nothing does. What comes of these lots afterwards is set apart, since
they are blocked where it arrives.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import text
from sqlalchemy.orm import Session

from portal.audit import record as audit
from portal.kernel import locks
from portal.kernel.actor import Actor
from portal.kernel.errors import N_, Conflict
from portal.orders.lifecycle import Status
from portal.orders.locking import LockedOrder, lock_orders
from portal.orders.lose_stock import OrderKey
from portal.shipping.lots_leaving import (
    PickedUnits,
    levels_to_wait_at,
    order_columns,
    put_back_parcels,
    record_losses,
    reservations_of,
    units_by_lot,
    write_orders,
)
from portal.shipping.vocabulary import ShippingAction
from portal.stock import retirement as stock
from portal.stock.retirement import LotKey
from portal.stock.rules import DueLot, Level, LevelKey, LotState, MovementKind, Retirement, retirement


@dataclass(frozen=True, slots=True)
class Blocked:
    """What was blocked: units that were for sale, parcels and orders that gave way."""

    units: int
    parcels_put_back: tuple[str, ...]
    orders_held: tuple[str, ...]


def block_lots(
    session: Session, *, lots: Collection[int], document: str, actor: Actor, at: datetime
) -> Blocked:
    """Block lots wherever they lie. Its caller has the right; the session sees all dealers.

    Waits for the orders that are being placed, then locks every order that has or picks such goods, their
    levels in all warehouses, the lots. Raises Conflict in the rare moment in which an order got such goods
    meanwhile.
    """
    if not lots:
        return Blocked(0, (), ())
    locks.close_gate(session)
    touched = session.execute(_TOUCHED, {"lots": list(lots)}).all()
    orders = {(order.dealer_id, order.id): order for order in lock_orders(session, touched)}
    picked = _picked(session, orders)
    everywhere = stock.levels_everywhere(session, lots) | levels_to_wait_at(orders)
    levels = stock.lock_levels(session, deadline=None, more=everywhere)
    due, allocated = stock.lock_blocked_lots(session, lots=lots, held=units_by_lot(picked))
    broken, decided = _decided(due, allocated, picked, orders, levels, frozenset(lots))
    put_back_parcels(session, broken)
    gone = stock.write_retirement(
        session,
        decided,
        numbers={order.id: order.number for order in orders.values()},
        homes={order.id: order.warehouse_id for order in orders.values() if order.backorder},
        actor=actor,
        document=document,
        at=at,
        state=LotState.BLOCKED,
        kind=MovementKind.QUARANTINE,
    )
    held = write_orders(session, orders, broken, decided)
    parcels = dict.fromkeys((unit.number, unit.order) for unit in broken)
    for lot in gone:
        after = {"warehouse": lot.warehouse, "units": lot.units, "document": document}
        subject = f"{lot.sku}/{lot.lot_no}"
        audit.record(session, ShippingAction.LOT_BLOCKED, subject, actor=actor, dealer_id=None, after=after)
    record_losses(session, orders, parcels, held, actor)
    return Blocked(
        sum(lot.units for lot in gone),
        tuple(number for number, _ in parcels),
        tuple(orders[key].number for key in held),
    )


def _decided(
    due: Collection[DueLot],
    allocated: Mapping[LotKey, int],
    picked: Collection[PickedUnits],
    orders: Mapping[OrderKey, LockedOrder],
    levels: Mapping[LevelKey, Level],
    lots: frozenset[int],
) -> tuple[list[PickedUnits], Retirement]:
    """The parcels that are put back, and what becomes of lots and reservations.

    Parcels without such a lot are put back only where too little is left otherwise.
    """
    holding = {unit.order for unit in picked if unit.lot_id in lots}
    for given_up in (holding, {unit.order for unit in picked}):
        broken = [unit for unit in picked if unit.order in given_up]
        freed = units_by_lot(broken)
        free = [replace(lot, picked=allocated[lot.key] - freed.get(lot.key, 0)) for lot in due]
        decided = retirement(free, levels, reservations_of(orders, given_up))
        if not decided.postponed:
            return broken, decided
    raise Conflict(
        "stock_moving",
        N_("An order took such goods in this moment. Nothing was blocked."),
        fix=N_("Decide again."),
    )


def _picked(session: Session, orders: Mapping[OrderKey, LockedOrder]) -> list[PickedUnits]:
    """All units of the parcels that are being picked for the locked orders."""
    picking = [key for key, order in orders.items() if order.status == Status.PICKING]
    return [PickedUnits(**row._mapping) for row in session.execute(_PICKED, order_columns(picking))]


# Orders that have reserved of the products in any warehouse, and those that are picking the lots.
_TOUCHED = text(
    """
    WITH goods AS (SELECT id, product_id FROM lot WHERE id = ANY (CAST(:lots AS bigint[])))
    SELECT l.dealer_id, l.order_id FROM order_line l
     WHERE l.reserved > 0 AND l.product_id IN (SELECT product_id FROM goods)
     UNION
    SELECT s.dealer_id, s.order_id FROM shipment s
      JOIN shipment_line l ON l.dealer_id = s.dealer_id AND l.shipment_id = s.id
     WHERE s.status = 'picking' AND l.lot_id IN (SELECT id FROM goods)
    """
)
_PICKED = text(
    """
    SELECT s.dealer_id, s.order_id, s.number, s.warehouse_id, l.lot_id, l.quantity
      FROM unnest(CAST(:dealer_ids AS bigint[]), CAST(:order_ids AS bigint[])) AS w(dealer_id, order_id)
      JOIN shipment s ON (s.dealer_id, s.order_id) = (w.dealer_id, w.order_id) AND s.status = 'picking'
      JOIN shipment_line l ON l.dealer_id = s.dealer_id AND l.shipment_id = s.id
     ORDER BY s.dealer_id, s.id, l.line_no, l.lot_id
    """
)
