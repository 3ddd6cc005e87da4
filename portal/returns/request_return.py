"""A dealer asks to send goods of a shipment back."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import text
from sqlalchemy.orm import Session

from portal.audit import record as audit
from portal.coldchain.rules import COLD_MAX
from portal.files.attach import attach_files
from portal.files.rules import Owner
from portal.kernel import numbering
from portal.kernel.actor import Actor
from portal.kernel.db import Record, value_of
from portal.kernel.errors import N_, Conflict, Fault, Invalid
from portal.notifications.tell import announce
from portal.orders.locking import LockedOrder, lock_order
from portal.orders.vocabulary import OrderRight
from portal.returns.evidence import Read, TemperatureFile, read_evidence
from portal.returns.read_files import OWNER_KIND
from portal.returns.rules import Asked, Coming, Evidence, ReturnState, ShippedLot, note_faults, planned
from portal.returns.vocabulary import ReturnAction, ReturnRight
from portal.shipping.asked_back import change_asked_back


@dataclass(frozen=True, slots=True)
class Requested:
    """The return that was asked for. `units` over all lines."""

    number: str
    state: ReturnState
    units: int


def request_return(
    session: Session,
    *,
    actor: Actor,
    order_number: str,
    shipment_number: str,
    lines: Sequence[Asked],
    note: str,
    files: Sequence[str] = (),
    temperatures: TemperatureFile | None = None,
    today: date,
    at: datetime,
) -> Requested:
    """Ask to return units of a shipment that has left; they cannot be asked back a second time.

    files: ids of uploaded ones. temperatures: which of them tells how cold goods were kept since the sale;
    what it leaves in doubt waits for quality. Raises Invalid with
    every fault, Conflict for a shipment that has not left, NotFound, Forbidden.
    """
    actor.require(OrderRight.WRITE, ReturnRight.HANDLE)
    order = lock_order(session, order_number)
    parcel = _parcel(session, order, shipment_number)
    shipped = _shipped(session, order, parcel)
    coming, faults = planned(lines, shipped, has_temperatures=temperatures is not None)
    faults += note_faults("/note", note) + _unattached(temperatures, files)
    if faults:
        raise Invalid("return_refused", N_("The return cannot be requested as it is."), faults=faults)
    read = _read(session, actor, temperatures, shipped, coming, parcel, at)
    number = numbering.new_number("RT", today)
    _write(session, actor, order, parcel, number, coming, note.strip(), temperatures, read, at)
    change_asked_back(
        session,
        dealer_id=order.dealer_id,
        shipment_id=parcel.id,
        units={(line.line_no, line.lot_id): line.quantity for line in coming},
    )
    attach_files(session, actor=actor, ids=files, owner=Owner(OWNER_KIND, number, order.dealer_id))
    units = sum(line.quantity for line in coming)
    audit.record(
        session,
        ReturnAction.REQUESTED,
        number,
        actor=actor,
        dealer_id=order.dealer_id,
        after={
            "order": order.number,
            "shipment": shipment_number,
            "units": units,
            "evidence": str(read.evidence),
        },
    )
    announce(
        session,
        event="return.requested",
        dealer_id=order.dealer_id,
        path=f"/hq/returns/{number}",
        facts={"number": number, "order": order.number, "units": units},
        but=actor.user_id,
    )
    return Requested(number, ReturnState.REQUESTED, units)


def _parcel(session: Session, order: LockedOrder, number: str) -> Record:
    about = {"dealer_id": order.dealer_id, "order_id": order.id, "number": number.strip()}
    parcel = session.execute(_PARCEL, about).one_or_none()
    if parcel is None:
        message, fix = N_("The order has no shipment of this number."), N_("Name a shipment of this order.")
        raise Invalid(faults=[Fault("/shipment", "unknown_shipment", message, fix)])
    if parcel.status == "picking":
        message, fix = N_("This shipment has not been sent yet."), N_("Cancel the order instead.")
        raise Conflict("not_shipped", message, fix=fix)
    return parcel


def _shipped(session: Session, order: LockedOrder, parcel: Record) -> list[ShippedLot]:
    about = {"dealer_id": order.dealer_id, "shipment_id": parcel.id, "cold": COLD_MAX}
    rows = session.execute(_SHIPPED, about)
    return [value_of(ShippedLot, row, serials=tuple(row.serials)) for row in rows]


def _unattached(temperatures: TemperatureFile | None, files: Sequence[str]) -> list[Fault]:
    if temperatures is None or temperatures.id in files:
        return []
    message, fix = N_("The temperature record is not among the files."), N_("Attach it, and name it again.")
    return [Fault("/temperature_file", "not_attached", message, fix)]


def _read(
    session: Session,
    actor: Actor,
    temperatures: TemperatureFile | None,
    shipped: Sequence[ShippedLot],
    coming: Sequence[Coming],
    parcel: Record,
    at: datetime,
) -> Read:
    """What is known of the temperatures of the cold goods among those that come back."""
    keys = {(line.line_no, line.lot_id) for line in coming}
    cold = sorted({lot.product_id for lot in shipped if lot.is_cold and lot.key in keys})
    if not cold or temperatures is None:
        return Read(Evidence.NOT_NEEDED)
    return read_evidence(
        session, actor=actor, file=temperatures, products=cold, since=parcel.shipped_at, at=at
    )


def _write(
    session: Session,
    actor: Actor,
    order: LockedOrder,
    parcel: Record,
    number: str,
    coming: Sequence[Coming],
    note: str,
    temperatures: TemperatureFile | None,
    read: Read,
    at: datetime,
) -> None:
    head = {
        "dealer_id": order.dealer_id,
        "number": number,
        "order_id": order.id,
        "shipment_id": parcel.id,
        "warehouse_id": parcel.warehouse_id,
        "note": note,
        "evidence": str(read.evidence),
        "temperature_file": temperatures.id if temperatures else None,
        "findings": json.dumps(list(read.findings)),
        "actor": actor.key,
        "label": actor.label,
        "at": at,
    }
    return_id = session.execute(_REQUEST, head).scalar_one()
    session.execute(
        _LINES,
        [
            {
                "dealer_id": order.dealer_id,
                "return_id": return_id,
                "line_no": line.line_no,
                "lot_id": line.lot_id,
                "quantity": line.quantity,
                "reason": line.reason,
                "remedy": str(line.remedy),
                "serials": list(line.serials),
            }
            for line in coming
        ],
    )


_PARCEL = text(
    """
    SELECT id, status, warehouse_id, shipped_at FROM shipment
     WHERE dealer_id = :dealer_id AND order_id = :order_id AND number = :number
    """
)
_SHIPPED = text(
    """
    SELECT l.line_no, l.lot_id, l.product_id, p.sku, l.lot_no, l.serials,
           l.quantity - l.returned - l.asked_back AS left,
           coalesce(p.storage_max <= :cold, false) AS is_cold, p.serial_controlled
      FROM shipment_line l JOIN product p ON p.id = l.product_id
     WHERE l.dealer_id = :dealer_id AND l.shipment_id = :shipment_id
     ORDER BY l.line_no, l.lot_no
    """
)
_REQUEST = text(
    """
    INSERT INTO return_request (dealer_id, number, order_id, shipment_id, warehouse_id, state, note, asked_by,
                                asked_by_label, asked_at, evidence, temperature_file, evidence_findings)
    VALUES (:dealer_id, :number, :order_id, :shipment_id, :warehouse_id, 'requested', :note, :actor, :label,
            :at, :evidence, :temperature_file, CAST(:findings AS jsonb))
    RETURNING id
    """
)
_LINES = text(
    """
    INSERT INTO return_line (dealer_id, return_id, line_no, lot_id, quantity, reason, remedy, serials)
    VALUES (:dealer_id, :return_id, :line_no, :lot_id, :quantity, :reason, :remedy, :serials)
    """
)
