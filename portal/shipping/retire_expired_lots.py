"""Take lots that came too near their expiry out of the sale, every night, with all that follows from it.

A parcel that is being picked with such a lot is put back. Where too little stock is left for what is
reserved, the latest orders give way and are held (`stock`) until somebody releases or cancels them. It lives
above stock and orders because it changes both.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import text
from sqlalchemy.orm import Session

from portal.audit import record as audit
from portal.kernel.actor import SYSTEM, Actor
from portal.orders.locking import lock_orders
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
from portal.stock.rules import retirement


@dataclass(frozen=True, slots=True)
class Retired:
    """What one run did. `postponed`: levels that were in use at that moment; the next run takes them up."""

    lots: int
    units: int
    parcels_put_back: tuple[str, ...]
    orders_held: tuple[str, ...]
    postponed: int


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
    levels = stock.lock_levels(session, deadline=deadline, more=levels_to_wait_at(orders))
    due = stock.lock_due_lots(session, deadline=deadline, levels=levels, freed=units_by_lot(broken))
    decided = retirement(due, levels, reservations_of(orders, {unit.order for unit in broken}))
    put_back_parcels(session, broken)
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
    held = write_orders(session, orders, broken, decided)
    parcels = dict.fromkeys((unit.number, unit.order) for unit in broken)
    _tell_lots(session, expired, actor)
    record_losses(session, orders, parcels, held, actor)
    return Retired(
        len(decided.lots),
        sum(lot.units for lot in decided.lots),
        tuple(number for number, _ in parcels),
        tuple(orders[key].number for key in held),
        len(decided.postponed),
    )


def _parcels_to_put_back(session: Session, orders: Collection[OrderKey], deadline: date) -> list[PickedUnits]:
    """All units of the locked orders' parcels that hold a lot which is due."""
    return [
        PickedUnits(**row._mapping)
        for row in session.execute(_BROKEN, {**order_columns(orders), "deadline": deadline})
    ]


def _tell_lots(session: Session, expired: Sequence[stock.GoneLot], actor: Actor) -> None:
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
