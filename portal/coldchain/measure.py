"""Who packs cold goods, and the temperatures before loading, at departure and on arrival."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from portal.audit import record as audit
from portal.coldchain.cold_goods import range_of_shipment
from portal.coldchain.judged import judge, lock_shipment, open_record, record_if_any
from portal.coldchain.rules import Finding, RecordState, Tolerance, Transport
from portal.coldchain.vocabulary import ColdChainAction
from portal.kernel.actor import Actor
from portal.kernel.db import Record
from portal.kernel.errors import N_, Conflict, Fault, Invalid
from portal.orders.vocabulary import OrderRight
from portal.shipping.vocabulary import ShippingRight

COLDEST, HOTTEST = Decimal(-90), Decimal(60)
"""°C that a thermometer of a box or van shows; anything else is a slip."""


@dataclass(frozen=True, slots=True)
class Measured:
    """Where a record stands after an entry, and what speaks against the transport by now."""

    state: RecordState
    findings: list[Finding]


def pack_cold_goods(
    session: Session,
    *,
    actor: Actor,
    number: str,
    transport: str,
    box: str,
    celsius: Decimal,
    tolerance: Tolerance,
    at: datetime,
) -> Measured:
    """Begin the record of a shipment: who packed it now, into what, and how cold that was before loading.

    Raises NotFound, Invalid, Conflict for goods that are not cold and for a record that there is already.
    """
    actor.require(ShippingRight.SHIP)
    faults = celsius_faults(celsius)
    if transport not in list(Transport):
        faults.append(
            Fault("/transport", "transport", N_("Choose how the goods travel."), N_("Take one of the list."))
        )
    if faults:
        raise Invalid(faults=faults)
    parcel = lock_shipment(session, number)
    bounds = range_of_shipment(session, dealer_id=parcel.dealer_id, shipment_id=parcel.id)
    if bounds is None:
        raise Conflict("no_cold_goods", N_("There are no cold goods in this shipment."))
    if record_if_any(session, parcel) is not None:
        raise Conflict("packed_already", N_("The packing of this shipment is recorded already."))
    columns = {"low": bounds.low, "high": bounds.high, "transport": transport, "box": box.strip()[:60]}
    session.execute(_PACK, {**_key(parcel), **columns, "celsius": celsius, **_by(actor, at)})
    return _told(session, parcel, ColdChainAction.PACKED, actor, tolerance, {"celsius": str(celsius)})


def depart_cold_goods(
    session: Session, *, actor: Actor, number: str, celsius: Decimal, tolerance: Tolerance, at: datetime
) -> Measured:
    """Say that the goods leave now, and how cold box or van is. Once."""
    actor.require(ShippingRight.SHIP)
    if faults := celsius_faults(celsius):
        raise Invalid(faults=faults)
    parcel = lock_shipment(session, number)
    kept = open_record(session, parcel)
    if kept.departed_at is not None:
        raise Conflict("departed_already", N_("The departure is recorded already."))
    if kept.arrived_at is not None:
        raise Conflict("arrived_already", N_("The goods have arrived; a departure cannot be recorded now."))
    session.execute(_DEPART, {**_key(parcel), "celsius": celsius, **_by(actor, at)})
    return _told(session, parcel, ColdChainAction.DEPARTED, actor, tolerance, {"celsius": str(celsius)})


def arrive_cold_goods(
    session: Session, *, actor: Actor, number: str, celsius: Decimal, tolerance: Tolerance, at: datetime
) -> Measured:
    """Say that the goods are there now, and how cold they came: the dealer, or headquarters for it. Once.

    It works without a departure, which nobody at the other end can make up for: the record then stays open.
    """
    actor.require(ShippingRight.SHIP if actor.is_staff else OrderRight.WRITE)
    if faults := celsius_faults(celsius):
        raise Invalid(faults=faults)
    parcel = lock_shipment(session, number)
    kept = open_record(session, parcel)
    if parcel.status == "picking":
        raise Conflict("not_shipped", N_("This shipment has not been sent yet."))
    if kept.arrived_at is not None:
        raise Conflict("arrived_already", N_("The arrival is recorded already."))
    session.execute(_ARRIVE, {**_key(parcel), "celsius": celsius, **_by(actor, at)})
    return _told(session, parcel, ColdChainAction.ARRIVED, actor, tolerance, {"celsius": str(celsius)})


def celsius_faults(celsius: Decimal, pointer: str = "/celsius") -> list[Fault]:
    """What is wrong with a temperature that somebody read off."""
    if celsius.is_finite() and COLDEST <= celsius <= HOTTEST:
        return []
    return [
        Fault(
            pointer,
            "celsius",
            N_("This is no temperature of a transport."),
            N_("Enter what the thermometer shows, in °C."),
        )
    ]


def _told(
    session: Session,
    parcel: Record,
    action: ColdChainAction,
    actor: Actor,
    tolerance: Tolerance,
    after: dict[str, Any],
) -> Measured:
    state, findings = judge(session, parcel, tolerance)
    audit.record(
        session,
        action,
        parcel.number,
        actor=actor,
        dealer_id=parcel.dealer_id,
        after={**after, "state": str(state)},
    )
    return Measured(state, findings)


def _key(parcel: Record) -> dict[str, int]:
    return {"dealer_id": parcel.dealer_id, "shipment_id": parcel.id}


def _by(actor: Actor, at: datetime) -> dict[str, Any]:
    return {"actor": actor.key, "actor_label": actor.label, "at": at}


_PACK = text(
    """
    INSERT INTO cold_record (dealer_id, shipment_id, low, high, transport, box, box_celsius, packed_at,
                             packed_by, packed_by_label)
    VALUES (:dealer_id, :shipment_id, :low, :high, :transport, :box, :celsius, :at, :actor, :actor_label)
    """
)
_DEPART = text(
    """
    UPDATE cold_record SET departed_at = :at, departure_celsius = :celsius, departure_by = :actor,
                           departure_by_label = :actor_label
     WHERE dealer_id = :dealer_id AND shipment_id = :shipment_id
    """
)
_ARRIVE = text(
    """
    UPDATE cold_record SET arrived_at = :at, arrival_celsius = :celsius, arrival_by = :actor,
                           arrival_by_label = :actor_label
     WHERE dealer_id = :dealer_id AND shipment_id = :shipment_id
    """
)
