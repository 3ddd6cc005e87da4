"""A dealer asks to send goods of a shipment back."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import text
from sqlalchemy.orm import Session

from portal.audit import record as audit
from portal.files.attach import attach_files
from portal.files.rules import Owner
from portal.kernel import money, numbering
from portal.kernel.actor import Actor
from portal.kernel.db import Record
from portal.kernel.errors import N_, Fault, Invalid
from portal.notifications.tell import announce
from portal.orders.locking import LockedOrder, lock_order
from portal.orders.vocabulary import OrderRight
from portal.returns.evidence import Read, TemperatureFile, read_evidence
from portal.returns.gift_rules import DueGift, Kept
from portal.returns.plan_return import Plan, plan_return
from portal.returns.read_files import OWNER_KIND
from portal.returns.rules import Asked, Coming, Evidence, ReturnState, ShippedLot, note_faults
from portal.returns.vocabulary import ReturnAction, ReturnRight
from portal.shipping.asked_back import change_asked_back


@dataclass(frozen=True, slots=True)
class Requested:
    """The return that was asked for. `units` over all lines, gifts too.

    also: returns of other shipments by which gifts come back that had left with those.
    """

    number: str
    state: ReturnState
    units: int
    also: tuple[str, ...] = ()


def request_return(
    session: Session,
    *,
    actor: Actor,
    order_number: str,
    shipment_number: str,
    lines: Sequence[Asked],
    note: str,
    kept: Sequence[Kept] = (),
    seen: Mapping[int, int] | None = None,
    files: Sequence[str] = (),
    temperatures: TemperatureFile | None = None,
    today: date,
    at: datetime,
) -> Requested:
    """Ask to return units of a shipment that has left; they cannot be asked back a second time.

    Gifts that the units kept no longer earn come back with them, but for those that are `kept` and billed.
    seen: the units of gifts that somebody was shown, by order line; others are shown first.
    files: ids of uploaded ones. temperatures: which of them tells how cold goods were kept since the sale;
    what it leaves in doubt waits for quality. Raises Invalid with
    every fault, Conflict for a shipment that has not left, NotFound, Forbidden.
    """
    actor.require(OrderRight.WRITE, ReturnRight.HANDLE)
    order = lock_order(session, order_number)
    plan, faults = plan_return(
        session,
        order,
        shipment_number=shipment_number,
        lines=lines,
        kept=kept,
        has_temperatures=temperatures is not None,
        may_exceed=actor.is_staff,
    )
    faults += note_faults("/note", note) + _unattached(temperatures, files)
    faults = faults or _unseen(plan, seen)
    if faults:
        raise Invalid("return_refused", N_("The return cannot be requested as it is."), faults=faults)
    read = _read(session, actor, temperatures, plan.shipped, plan.coming, plan.parcel, at)
    number = numbering.new_number("RT", today)
    asking = _Asking(order, actor, at)
    head = {"note": note.strip(), "evidence": read, "temperature_file": temperatures and temperatures.id}
    _open(session, asking, number, plan.parcel, plan.coming, head)
    _write_gifts(session, order.dealer_id, number, plan.gifts)
    also = _open_elsewhere(session, asking, number, plan, today)
    attach_files(session, actor=actor, ids=files, owner=Owner(OWNER_KIND, number, order.dealer_id))
    return Requested(number, ReturnState.REQUESTED, _told(session, asking, number, plan, read, also), also)


@dataclass(frozen=True, slots=True)
class _Asking:
    """Who asks for goods of which order, and when."""

    order: LockedOrder
    actor: Actor
    at: datetime


def _told(session: Session, asking: _Asking, number: str, plan: Plan, read: Read, also: Sequence[str]) -> int:
    """Audit and announce what was asked for; the units."""
    order, units = asking.order, sum(line.quantity for line in plan.coming)
    audit.record(
        session,
        ReturnAction.REQUESTED,
        number,
        actor=asking.actor,
        dealer_id=order.dealer_id,
        after={
            "order": order.number,
            "shipment": plan.parcel.number,
            "units": units,
            "evidence": str(read.evidence),
        }
        | ({"gifts_kept": money.as_text(plan.charge)} if plan.charge else {})
        | ({"gifts_by": list(also)} if also else {}),
    )
    announce(
        session,
        event="return.requested",
        dealer_id=order.dealer_id,
        path=f"/hq/returns/{number}",
        facts={"number": number, "order": order.number, "units": units},
        but=asking.actor.user_id,
    )
    return units


def _open_elsewhere(
    session: Session, asking: _Asking, number: str, plan: Plan, today: date
) -> tuple[str, ...]:
    """A return for each other shipment that gifts left with: a return is of one shipment."""
    also = []
    for shipment_id, coming in plan.elsewhere.items():
        parcel = session.execute(_SHIPMENT, {"dealer_id": asking.order.dealer_id, "id": shipment_id}).one()
        mine = numbering.new_number("RT", today)
        head = {"note": "", "evidence": Read(Evidence.NOT_NEEDED), "gifts_of": number}
        _open(session, asking, mine, parcel, coming, head)
        _told(session, asking, mine, Plan(parcel, (), coming), Read(Evidence.NOT_NEEDED), ())
        also.append(mine)
    return tuple(also)


def _unseen(plan: Plan, seen: Mapping[int, int] | None) -> list[Fault]:
    due = {one.line.line_no: one.units for one in plan.gifts}
    if seen is None or due == dict(seen):
        return []
    if not due:
        message = N_("No gifts go back with these goods any more.")
        return [Fault("/gifts", "gifts_changed", message, N_("Send the request again."))]
    message = N_("Gifts go back with these goods: what stays does not earn them.")
    return [Fault("/gifts", "gifts_changed", message, N_("Look at the gifts, then send the request again."))]


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


def _open(
    session: Session,
    asking: _Asking,
    number: str,
    parcel: Record,
    coming: Sequence[Coming],
    head: Mapping[str, object],
) -> None:
    """Write a return with its lines, and hold back what it asks for."""
    order, read = asking.order, head["evidence"]
    assert isinstance(read, Read)
    columns = {
        "dealer_id": order.dealer_id,
        "number": number,
        "order_id": order.id,
        "shipment_id": parcel.id,
        "warehouse_id": parcel.warehouse_id,
        "gifts_of": None,
        "temperature_file": None,
        "findings": json.dumps(list(read.findings)),
        "actor": asking.actor.key,
        "label": asking.actor.label,
        "at": asking.at,
    }
    return_id = session.execute(_REQUEST, {**columns, **head, "evidence": str(read.evidence)}).scalar_one()
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
    units = {(line.line_no, line.lot_id): line.quantity for line in coming}
    change_asked_back(session, dealer_id=order.dealer_id, shipment_id=parcel.id, units=units)


def _write_gifts(session: Session, dealer_id: int, number: str, gifts: Sequence[DueGift]) -> None:
    if not gifts:
        return
    rows = [
        {
            "dealer_id": dealer_id,
            "number": number,
            "line_no": one.line.line_no,
            "due": one.units,
            "kept": one.kept,
            "charge": one.charge,
        }
        for one in gifts
    ]
    session.execute(_GIFTS, rows)


_SHIPMENT = text("SELECT id, number, warehouse_id FROM shipment WHERE dealer_id = :dealer_id AND id = :id")
_GIFTS = text(
    """
    INSERT INTO return_gift (dealer_id, return_id, line_no, due, kept, charge)
    SELECT :dealer_id, id, :line_no, :due, :kept, :charge FROM return_request
     WHERE dealer_id = :dealer_id AND number = :number
    """
)
_REQUEST = text(
    """
    INSERT INTO return_request (dealer_id, number, order_id, shipment_id, warehouse_id, state, note, asked_by,
                                asked_by_label, asked_at, evidence, temperature_file, evidence_findings,
                                gifts_of)
    VALUES (:dealer_id, :number, :order_id, :shipment_id, :warehouse_id, 'requested', :note, :actor, :label,
            :at, :evidence, :temperature_file, CAST(:findings AS jsonb), :gifts_of)
    RETURNING id
    """
)
_LINES = text(
    """
    INSERT INTO return_line (dealer_id, return_id, line_no, lot_id, quantity, reason, remedy, serials)
    VALUES (:dealer_id, :return_id, :line_no, :lot_id, :quantity, :reason, :remedy, :serials)
    """
)
