"""The dealer says that a parcel has arrived."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import text
from sqlalchemy.orm import Session

from portal.audit import record as audit
from portal.kernel.actor import Actor
from portal.kernel.errors import N_, Conflict, Forbidden
from portal.orders import lifecycle
from portal.orders.lifecycle import Act, Status
from portal.orders.locking import LockedOrder, lock_order_of_shipment, set_status
from portal.orders.vocabulary import OrderRight
from portal.shipping.vocabulary import ShippingAction, ShippingRight


@dataclass(frozen=True, slots=True)
class Received:
    """When the parcel was confirmed first, and where its order stands.

    `repeated` for a confirmation that changed nothing.
    """

    received_at: datetime
    order_number: str
    order_status: Status
    repeated: bool


def confirm_receipt(session: Session, *, actor: Actor, shipment_number: str, at: datetime) -> Received:
    """Confirm a parcel once; to confirm it again is harmless and answers the first time.

    The order is received with the last of its parcels, when nothing of it is outstanding.
    Headquarters does not say so in a dealer's name either. Raises Conflict for a parcel that has not been
    shipped, NotFound, Forbidden.
    """
    actor.require(OrderRight.WRITE, ShippingRight.RECEIVE)
    if actor.is_staff or actor.acts_for_dealer:
        raise Forbidden("dealer_only", N_("Only the dealer confirms what the dealer received."))
    order = lock_order_of_shipment(session, shipment_number)
    key = {"dealer_id": order.dealer_id, "number": shipment_number}
    parcel = session.execute(_PARCEL, key).one()
    if parcel.received_at:
        return Received(parcel.received_at, order.number, Status(order.status), repeated=True)
    if parcel.status != "shipped":
        raise Conflict(
            "not_shipped",
            N_("This shipment has not been sent yet."),
            fix=N_("Confirm it when it has arrived."),
        )
    session.execute(_RECEIVE, {**key, "at": at, "actor": actor.key})
    status = _status_after(order)
    set_status(session, order, status, received_at=at if status is Status.RECEIVED else None)
    audit.record(
        session,
        ShippingAction.SHIPMENT_RECEIVED,
        shipment_number,
        actor=actor,
        dealer_id=order.dealer_id,
        before={"order_status": order.status},
        after={"order": order.number, "order_status": str(status)},
    )
    return Received(at, order.number, status, repeated=False)


def _status_after(order: LockedOrder) -> Status:
    progress = replace(order.progress, in_transit=order.in_transit - 1)
    return lifecycle.after(order.status, Act.RECEIVE, progress)


_PARCEL = text("SELECT status, received_at FROM shipment WHERE dealer_id = :dealer_id AND number = :number")
_RECEIVE = text(
    "UPDATE shipment SET status = 'received', received_at = :at, received_by = :actor"
    " WHERE dealer_id = :dealer_id AND number = :number"
)
