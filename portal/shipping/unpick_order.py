"""Put a picked parcel back: its lots are free again and the shipment is gone."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import text
from sqlalchemy.orm import Session

from portal.audit import record as audit
from portal.kernel import locks
from portal.kernel.actor import Actor
from portal.kernel.db import Record
from portal.kernel.errors import N_, Conflict
from portal.kernel.locks import Rank
from portal.orders import lifecycle
from portal.orders.lifecycle import Act, Status
from portal.orders.locking import LockedOrder, lock_order, set_status
from portal.shipping.vocabulary import ShippingAction, ShippingRight
from portal.stock.fragments import FREE


def unpick_order(session: Session, *, actor: Actor, number: str, at: datetime) -> Status:
    """Take back the picking of an order; its reservation stays. Returns where the order stands then.

    `at` is part of every verb's call; this one writes no time. Raises Conflict when nothing is being picked,
    NotFound, Forbidden.
    """
    actor.require(ShippingRight.SHIP)
    order = lock_order(session, number)
    if order.status != Status.PICKING:
        raise Conflict("not_picking", N_("This order is not being picked."), fix=N_("Check the order."))
    parcel = put_back(session, order)
    status = lifecycle.after(order.status, Act.UNPICK, order.progress)
    set_status(session, order, status)
    audit.record(
        session,
        ShippingAction.SHIPMENT_UNPICKED,
        parcel.number,
        actor=actor,
        dealer_id=order.dealer_id,
        before={"order": number, "units": parcel.units},
        after={"status": str(status)},
    )
    return status


def put_back(session: Session, order: LockedOrder) -> Record:
    """Free the lots of a locked order's parcel and drop it: its `number` and how many `units` it held.

    What was reviewed of it stays on record; it counts for no other parcel.
    """
    parcel = session.execute(_PUT_BACK, {"dealer_id": order.dealer_id, "order_id": order.id}).one()
    locks.take(session, Rank.LOT, [(parcel.warehouse_id, lot_id) for lot_id in parcel.lots])
    return parcel


# Lots are locked in the order of their ids before any changes (see pick_order). The lines go with their
# shipment.
_PUT_BACK = text(
    f"""
    WITH parcel AS (
      SELECT id, number, warehouse_id FROM shipment
       WHERE dealer_id = :dealer_id AND order_id = :order_id AND status = 'picking'
    ), units AS (
      SELECT p.warehouse_id, l.lot_id, sum(l.quantity) AS quantity
        FROM parcel p JOIN shipment_line l ON l.dealer_id = :dealer_id AND l.shipment_id = p.id
       GROUP BY p.warehouse_id, l.lot_id
    ), {FREE}, gone AS (
      DELETE FROM shipment s USING parcel p WHERE s.dealer_id = :dealer_id AND s.id = p.id
    )
    SELECT (SELECT number FROM parcel) AS number, (SELECT warehouse_id FROM parcel) AS warehouse_id,
           (SELECT sum(quantity)::int FROM units) AS units,
           ARRAY(SELECT lot_id FROM held) AS lots
    """
)
