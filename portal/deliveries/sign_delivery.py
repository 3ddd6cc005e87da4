"""Somebody takes a shipment over: at the door by a link, in the portal, or by a program.

The receipt is confirmed by the one verb that does that (`portal.shipping.confirm_receipt`); here is kept who
took over what, and every difference opens a case.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import bindparam, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Session

from portal.audit import record as audit
from portal.deliveries.links import Claim, closed, state_of
from portal.deliveries.open_cases import open_cases
from portal.deliveries.photos import PROOF
from portal.deliveries.rules import (
    Arrival,
    Counted,
    Difference,
    LinkState,
    Shipped,
    Way,
    arrivals,
    differences,
    name_fault,
    note_fault,
    photos_fault,
    plain_name,
)
from portal.deliveries.vocabulary import DeliveryAction
from portal.files.attach import attach_files
from portal.files.rules import Owner
from portal.kernel.actor import Actor
from portal.kernel.db import Record
from portal.kernel.errors import N_, Conflict, Invalid
from portal.kernel.lots import lot_key
from portal.kernel.signature_rules import Strokes, signature_of
from portal.orders.locking import lock_order_of_shipment
from portal.orders.vocabulary import OrderRight
from portal.shipping.confirm_receipt import Received, confirm_receipt
from portal.shipping.vocabulary import ShippingRight


@dataclass(frozen=True, slots=True)
class Handover:
    """What somebody says who takes a shipment over.

    counted: lots that were counted; the others arrived as they were shipped. signed_name: empty for the name
    of the account. signature: strokes as text, which may be empty. form_key: of the form that was sent, so
    that a second sending of it is known. photos: ids of uploaded pictures.
    """

    counted: tuple[Counted, ...] = ()
    signed_name: str = ""
    signature: str = ""
    note: str = ""
    form_key: str = ""
    photos: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Signed:
    """The receipt as it was confirmed first, and the numbers of the cases it opened."""

    received: Received
    cases: tuple[str, ...]


def sign_by_link(
    session: Session, *, actor: Actor, claim: Claim, handover: Handover, today: date, at: datetime
) -> Signed:
    """The same by a link, while it is open. The form that used it up may be sent again.

    Raises Conflict for a link that opens nothing any more, Invalid, NotFound.
    """
    actor.require(OrderRight.WRITE, ShippingRight.RECEIVE)
    lock_order_of_shipment(session, claim.shipment_number)  # nobody revokes it meanwhile
    state = state_of(session, claim, at=at)
    if state is LinkState.OPEN or (state is LinkState.USED and _is_sent_again(session, claim, handover)):
        return sign_delivery(
            session,
            actor=actor,
            shipment_number=claim.shipment_number,
            handover=handover,
            way=Way.LINK,
            today=today,
            at=at,
        )
    raise closed(state)


def sign_delivery(
    session: Session,
    *,
    actor: Actor,
    shipment_number: str,
    handover: Handover,
    way: Way,
    today: date,
    at: datetime,
) -> Signed:
    """Confirm a shipment with what arrived of it; differences open cases.

    To confirm again what was confirmed is harmless and answers the first time. Raises Conflict when other
    quantities were confirmed before, or it has not been sent; Invalid, NotFound, Forbidden.
    """
    actor.require(OrderRight.WRITE, ShippingRight.RECEIVE)
    received = confirm_receipt(session, actor=actor, shipment_number=shipment_number, at=at)
    parcel = session.execute(_PARCEL, {"number": shipment_number}).one()
    arrived, faults = arrivals(_shipped(session, parcel), handover.counted)
    strokes = signature_of(handover.signature, faults)
    name, note = plain_name(handover.signed_name) or plain_name(actor.label), handover.note.strip()
    if way is Way.LINK:
        name = plain_name(handover.signed_name)
    told = (name_fault("/signed_by", name), note_fault("/note", note), photos_fault(len(handover.photos)))
    faults += filter(None, told)
    if faults:
        raise Invalid(faults=faults)
    if received.repeated:
        return Signed(received, _repeated(session, parcel, arrived, handover))
    _keep(session, parcel, arrived, _proof(actor, handover, way, name, note, strokes, at))
    proof = Owner(PROOF, shipment_number, parcel.dealer_id)
    attach_files(session, actor=actor, ids=handover.photos, owner=proof)
    found = differences(arrived)
    audit.record(
        session,
        DeliveryAction.SIGNED,
        shipment_number,
        actor=actor,
        dealer_id=parcel.dealer_id,
        after=_told(name, way, found),
    )
    cases = open_cases(
        session,
        actor=actor,
        dealer_id=parcel.dealer_id,
        shipment_id=parcel.id,
        shipment_number=shipment_number,
        found=found,
        today=today,
        at=at,
    )
    return Signed(received, cases)


def _is_sent_again(session: Session, claim: Claim, handover: Handover) -> bool:
    if not handover.form_key:
        return False
    parcel = session.execute(_PARCEL, {"number": claim.shipment_number}).one()
    return bool(parcel.form_key == handover.form_key)


def _shipped(session: Session, parcel: Record) -> list[Shipped]:
    key = {"dealer_id": parcel.dealer_id, "shipment_id": parcel.id}
    return [Shipped(**row._mapping) for row in session.execute(_SHIPPED, key)]


def _repeated(
    session: Session, parcel: Record, arrived: Sequence[Arrival], handover: Handover
) -> tuple[str, ...]:
    """The cases of the first confirmation, if this one says the same of the goods."""
    key = {"dealer_id": parcel.dealer_id, "shipment_id": parcel.id}
    rows = session.execute(_LINES, key)
    kept = sorted((row.product_id, lot_key(row.lot_no), row.received, row.damaged) for row in rows)
    said = sorted((one.lot[0], lot_key(one.lot[1]), one.received, one.damaged) for one in arrived)
    if not kept:  # confirmed before proofs were kept: all of it arrived
        kept = sorted((one.lot[0], lot_key(one.lot[1]), one.shipped, 0) for one in arrived if one.shipped)
    is_plain = not handover.counted  # asks for nothing but that it be confirmed, which it is
    if not is_plain and kept != said:
        raise Conflict(
            "received_otherwise",
            N_("Receipt of this shipment was confirmed before, with other quantities."),
            fix=N_("What was confirmed stands. Tell headquarters what is different now."),
        )
    return tuple(session.execute(_CASES, key).scalars())


def _proof(
    actor: Actor, handover: Handover, way: Way, name: str, note: str, strokes: Strokes | None, at: datetime
) -> dict[str, Any]:
    return {
        "way": str(way),
        "name": name,
        "actor": actor.key,
        "label": actor.label,
        "at": at,
        "address": audit.address.get(),
        "form_key": handover.form_key[:64],
        "signature": strokes,
        "note": note,
    }


def _keep(session: Session, parcel: Record, arrived: Sequence[Arrival], proof: dict[str, Any]) -> None:
    key = {"dealer_id": parcel.dealer_id, "shipment_id": parcel.id}
    session.execute(_PROVE, {**key, **proof})
    columns = {
        "products": [one.lot.product_id for one in arrived],
        "lots": [one.lot.lot_no for one in arrived],
        "shipped": [one.shipped for one in arrived],
        "received": [one.received for one in arrived],
        "damaged": [one.damaged for one in arrived],
    }
    session.execute(_COUNT, {**key, **columns})


def _told(name: str, way: Way, found: Sequence[Difference]) -> dict[str, Any]:
    units: dict[str, int] = {}
    for one in found:
        units[str(one.kind)] = units.get(str(one.kind), 0) + one.quantity
    return {"signed_name": name, "way": str(way), "differences": units}


_PARCEL = text(
    """
    SELECT s.dealer_id, s.id, p.form_key
      FROM shipment s
      LEFT JOIN delivery_proof p ON (p.dealer_id, p.shipment_id) = (s.dealer_id, s.id)
     WHERE s.number = :number
    """
)
_SHIPPED = text(
    """
    SELECT l.product_id, p.sku, l.lot_no, CAST(sum(l.quantity) AS integer) AS quantity
      FROM shipment_line l JOIN product p ON p.id = l.product_id
     WHERE l.dealer_id = :dealer_id AND l.shipment_id = :shipment_id
     GROUP BY l.product_id, p.sku, l.lot_no
     ORDER BY min(l.line_no), l.lot_no
    """
)
_PROVE = text(
    """
    INSERT INTO delivery_proof (dealer_id, shipment_id, way, signed_name, signed_by, signed_by_label,
                                signed_at, address, form_key, signature, note)
    VALUES (:dealer_id, :shipment_id, :way, :name, :actor, :label, :at, :address, :form_key, :signature,
            :note)
    """
).bindparams(bindparam("signature", type_=JSONB(none_as_null=True)))
_COUNT = text(
    """
    INSERT INTO delivery_proof_line (dealer_id, shipment_id, product_id, lot_no, shipped, received, damaged)
    SELECT :dealer_id, :shipment_id, *
      FROM unnest(CAST(:products AS bigint[]), CAST(:lots AS text[]), CAST(:shipped AS integer[]),
                  CAST(:received AS integer[]), CAST(:damaged AS integer[]))
    """
)
_LINES = text(
    "SELECT product_id, lot_no, received, damaged FROM delivery_proof_line"
    " WHERE dealer_id = :dealer_id AND shipment_id = :shipment_id"
)
_CASES = text(
    "SELECT number FROM delivery_case WHERE dealer_id = :dealer_id AND shipment_id = :shipment_id"
    " ORDER BY kind"
)
