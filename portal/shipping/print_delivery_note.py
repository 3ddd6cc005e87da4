"""Hand out the delivery note of a parcel; every print is on record, and all but the first are marked."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import text
from sqlalchemy.orm import Session

from portal.audit import record as audit
from portal.kernel.actor import Actor
from portal.kernel.errors import N_, Conflict
from portal.orders.locking import lock_order_of_shipment
from portal.orders.vocabulary import OrderRight
from portal.shipping.parcel_papers import Paper, delivery_note_of
from portal.shipping.parcel_sheet import parcel_sheet
from portal.shipping.rules import ShipmentStatus
from portal.shipping.seller import Seller
from portal.shipping.vocabulary import ShippingAction, ShippingRight


def print_delivery_note(
    session: Session,
    *,
    actor: Actor,
    shipment_number: str,
    seller: Seller,
    sign_at: str = "",
    locale: str,
    at: datetime,
) -> Paper:
    """The delivery note in a language, Chinese for one that it is not printed in.

    sign_at: the address where somebody at the door signs for the parcel, printed as a QR code, or empty.

    Raises Conflict before the parcel has left: ship date and waybill are part of it. NotFound, Forbidden.
    """
    actor.require(OrderRight.READ, OrderRight.DESK, ShippingRight.SHIP, ShippingRight.REVIEWS)
    lock_order_of_shipment(session, shipment_number)  # so that two prints at once are two copies
    sheet = parcel_sheet(session, shipment_number)
    if sheet.status == ShipmentStatus.PICKING:
        raise Conflict(
            "not_shipped",
            N_("This shipment has not been sent yet."),
            fix=N_("Print the delivery note when it has left."),
        )
    where = {"dealer_id": sheet.dealer_id, "shipment_id": sheet.id}
    about = {"at": at, "actor": actor.key, "label": actor.label}
    copy = session.execute(_PRINT, {**where, **about}).scalar_one()
    reviewers = list(
        session.execute(_REVIEWERS, {"dealer_id": sheet.dealer_id, "number": sheet.number}).scalars()
    )
    audit.record(
        session,
        ShippingAction.SHIPMENT_PRINTED,
        shipment_number,
        actor=actor,
        dealer_id=sheet.dealer_id,
        after={"paper": "delivery_note", "copy": copy, "locale": locale, "link": bool(sign_at)},
    )
    return delivery_note_of(
        sheet, seller, reviewers=reviewers, sign_at=sign_at, copy=copy, locale=locale, at=at
    )


_PRINT = text(
    """
    INSERT INTO delivery_note_print (dealer_id, shipment_id, copy, printed_at, printed_by, printed_by_label)
    SELECT :dealer_id, :shipment_id, coalesce(max(copy), 0) + 1, :at, :actor, :label
      FROM delivery_note_print WHERE dealer_id = :dealer_id AND shipment_id = :shipment_id
    RETURNING copy
    """
)
_REVIEWERS = text(
    """
    SELECT DISTINCT reviewed_by_label FROM outbound_review
     WHERE dealer_id = :dealer_id AND shipment_no = :number AND outcome = 'passed' ORDER BY reviewed_by_label
    """
)
