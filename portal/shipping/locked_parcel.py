"""A parcel that is being picked, read under the lock of its order."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import text
from sqlalchemy.orm import Session

from portal.kernel.db import value_of
from portal.kernel.errors import N_, Conflict, NotFound
from portal.orders.locking import LockedOrder, lock_order_of_shipment
from portal.shipping.fragments import REVIEWED
from portal.shipping.review_rules import PackedUnits
from portal.shipping.rules import ShipmentStatus


@dataclass(frozen=True, slots=True)
class LockedParcel:
    """A parcel nobody else can change until the commit. pickers: who picked any of it (`Actor.key`)."""

    order: LockedOrder
    id: int
    number: str
    warehouse_id: int
    pickers: frozenset[str]
    units: tuple[PackedUnits, ...]


def lock_parcel(session: Session, number: str) -> LockedParcel:
    """Lock a parcel with its order.

    Raises Conflict when it has left, NotFound when there is none in scope or it was put back.
    """
    order = lock_order_of_shipment(session, number)
    rows = session.execute(_UNITS, {"dealer_id": order.dealer_id, "number": number}).all()
    if not rows:
        raise NotFound()
    head = rows[0]
    if head.status != ShipmentStatus.PICKING:
        raise Conflict(
            "already_shipped", N_("This shipment has already been sent."), fix=N_("Check the order.")
        )
    pickers = {row.taken_by for row in rows if row.taken_by} | {head.picked_by}
    units = tuple(value_of(PackedUnits, row, serials=tuple(row.reviewed_serials)) for row in rows)
    return LockedParcel(order, head.id, number, head.warehouse_id, frozenset(pickers), units)


# Bins come first, then the order of the lines: as somebody walks.
_UNITS = text(
    f"""
    SELECT s.id, s.status, s.warehouse_id, s.picked_by, l.taken_by, l.line_no, l.lot_id, l.product_id,
           l.lot_no, l.expires_on, p.sku, l.quantity, v.passed, v.reviewed_serials, p.serial_controlled
      FROM shipment s
      JOIN shipment_line l ON l.dealer_id = s.dealer_id AND l.shipment_id = s.id
      JOIN product p ON p.id = l.product_id
      {REVIEWED}
     WHERE s.dealer_id = :dealer_id AND s.number = :number
     ORDER BY l.line_no, l.lot_no
    """
)
