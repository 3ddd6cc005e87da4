"""Goods of an approved return arrive in the warehouse and wait there to be inspected."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import text
from sqlalchemy.orm import Session

from portal.audit import record as audit
from portal.devices.register import take_back
from portal.kernel.actor import Actor
from portal.kernel.errors import N_, Fault, Invalid
from portal.returns.locked import LockedReturn, lock_return
from portal.returns.rules import Holder, LotKey, ReturnAct, ReturnState, after, portions, unplaced
from portal.returns.vocabulary import ReturnAction, ReturnRight
from portal.shipping.asked_back import change_asked_back
from portal.stock.move_lots import LotMove, move_lots
from portal.stock.rules import MovementKind
from portal.stock.serial_rules import SerialState, plain_serials, serial_faults, serial_twice
from portal.stock.serials import Place, Serials, bring_in


@dataclass(frozen=True, slots=True)
class Arrived:
    """Units of a product and lot that came. `pointer` says where somebody named them.

    line_no: the order line that they belong to; without it the first line of the lot gets them first.
    """

    sku: str
    lot_no: str
    quantity: int
    pointer: str
    serials: tuple[str, ...] = ()
    line_no: int | None = None


def receive_return(
    session: Session, *, actor: Actor, number: str, arrived: Sequence[Arrived] | None, at: datetime
) -> ReturnState:
    """Take in what came, at most what was asked back; None for all of it.

    What did not come stays with the dealer. Units wait in inspection; those with serial numbers are named
    one by one where the shipment named them. Raises Invalid with every fault, Conflict when the return is not
    approved or has come already, NotFound, Forbidden.
    """
    actor.require(ReturnRight.HANDLE)
    found = lock_return(session, number)
    state = after(found.state, ReturnAct.RECEIVE)
    came = _units(found, arrived)
    move_lots(
        session,
        warehouse_id=found.warehouse_id,
        moves=[LotMove(lot_id, inspecting=more) for lot_id, more in _by_lot(came).items()],
        kind=MovementKind.RETURN,
        document=number,
        actor=actor,
        at=at,
        dealer_id=found.dealer_id,
    )
    _take_serials(session, found, came, actor, at)
    _write(session, found, came, actor, at)
    missing = {
        line.key: (came[line.key].units if line.key in came else 0) - line.quantity for line in found.lines
    }
    change_asked_back(session, dealer_id=found.dealer_id, shipment_id=found.shipment_id, units=missing)
    audit.record(
        session,
        ReturnAction.RECEIVED,
        number,
        actor=actor,
        dealer_id=found.dealer_id,
        before={"state": found.state, "units": sum(found.asked.values())},
        after={"state": str(state), "units": sum(line.units for line in came.values())},
    )
    return state


@dataclass(slots=True)
class _Came:
    """What came of an order line and lot. `pointer` says where its last serials were named."""

    units: int = 0
    serials: list[str] = field(default_factory=list)
    pointer: str = ""


_Units = Mapping[LotKey, _Came]


def _units(found: LockedReturn, arrived: Sequence[Arrived] | None) -> _Units:
    if arrived is None:
        arrived = [
            Arrived(line.sku, line.lot_no, line.quantity, "/lines", line.serials, line.line_no)
            for line in found.lines
        ]
    came = {line.key: _Came() for line in found.lines}
    faults: list[Fault] = []
    for one in arrived:
        lines = found.named(one.sku, one.lot_no, one.line_no)
        holders = [
            Holder(line.key, line.quantity - came[line.key].units, line.serials_sent) for line in lines
        ]
        most, serials = sum(holder.left for holder in holders), plain_serials(one.serials)
        if not lines or not 0 <= one.quantity <= most:
            faults.append(_beyond(one, most, known=bool(lines)))
            continue
        pointer = f"{one.pointer}/serials"
        controlled = any(line.serial_controlled or line.serials_sent for line in lines)
        placed = portions(one.quantity, serials, holders)
        wrong = serial_faults(pointer, one.sku, serials, units=one.quantity, controlled=controlled)
        wrong = wrong or unplaced(pointer, serials, placed)
        if again := [serial for line in lines for serial in came[line.key].serials if serial in serials]:
            wrong = wrong or serial_twice(pointer, again[0])
        faults += wrong
        for key, (units, mine) in placed.items():
            came[key].units += units
            came[key].serials += mine
            came[key].pointer = pointer
    if not faults and not any(line.units for line in came.values()):
        fix = N_("Enter what came, or reject the return.")
        faults.append(Fault("/lines", "nothing_received", N_("Nothing came back yet."), fix))
    if faults:
        raise Invalid(faults=faults)
    return {key: line for key, line in came.items() if line.units}


def _beyond(one: Arrived, most: int, *, known: bool) -> Fault:
    if not known:
        message, fix = N_("The return holds no %(sku)s of this lot."), N_("Receive only what is asked back.")
        return Fault(f"{one.pointer}/sku", "not_asked_back", message, fix, {"sku": one.sku})
    message, fix = (
        N_("At most %(most)s units are asked back."),
        N_("Enter a whole number from 0 to %(most)s."),
    )
    return Fault(f"{one.pointer}/quantity", "quantity_out_of_range", message, fix, {"most": most})


def _by_lot(came: _Units) -> Counter[int]:
    lots: Counter[int] = Counter()
    for (_, lot_id), line in came.items():
        lots[lot_id] += line.units
    return lots


def _take_serials(session: Session, found: LockedReturn, came: _Units, actor: Actor, at: datetime) -> None:
    products = {line.key: line.product_id for line in found.lines}
    back = [
        Serials(products[key], key[1], line.serials, line.pointer)
        for key, line in came.items()
        if line.serials
    ]
    faults = bring_in(
        session,
        back,
        dealer_id=found.dealer_id,
        shipment_no=found.shipment_no,
        to=Place(SerialState.INSPECTING, found.warehouse_id),
        document=found.number,
    )
    if faults:
        raise Invalid(faults=faults)
    take_back(session, back, actor=actor, dealer_id=found.dealer_id, document=found.number, at=at)


def _write(session: Session, found: LockedReturn, came: _Units, actor: Actor, at: datetime) -> None:
    mine = {"dealer_id": found.dealer_id, "id": found.id}
    session.execute(_RECEIVE, {**mine, "label": actor.label, "at": at})
    session.execute(
        _LINES,
        [
            {**mine, "line_no": line_no, "lot_id": lot_id, "received": line.units, "serials": line.serials}
            for (line_no, lot_id), line in came.items()
        ],
    )


_RECEIVE = text(
    """
    UPDATE return_request SET state = 'received', received_by_label = :label, received_at = :at
     WHERE dealer_id = :dealer_id AND id = :id
    """
)
_LINES = text(
    """
    UPDATE return_line SET received = :received, serials = :serials
     WHERE dealer_id = :dealer_id AND return_id = :id AND line_no = :line_no AND lot_id = :lot_id
    """
)
