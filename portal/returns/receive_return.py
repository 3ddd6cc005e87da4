"""Goods of an approved return arrive in the warehouse and wait there to be inspected."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import text
from sqlalchemy.orm import Session

from portal.audit import record as audit
from portal.kernel.actor import Actor
from portal.kernel.errors import N_, Fault, Invalid
from portal.returns.locked import LockedLine, LockedReturn, lock_return
from portal.returns.rules import LotKey, ReturnAct, ReturnState, after
from portal.returns.vocabulary import ReturnAction, ReturnRight
from portal.shipping.asked_back import change_asked_back
from portal.stock.move_lots import LotMove, move_lots
from portal.stock.rules import MovementKind
from portal.stock.serial_rules import SerialState, plain_serials
from portal.stock.serials import Place, Serials, bring_in


@dataclass(frozen=True, slots=True)
class Arrived:
    """Units of a product and lot that came. `pointer` says where somebody named them."""

    sku: str
    lot_no: str
    quantity: int
    pointer: str
    serials: tuple[str, ...] = ()


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
    units, serials = _units(found, arrived)
    move_lots(
        session,
        warehouse_id=found.warehouse_id,
        moves=[LotMove(lot_id, inspecting=more) for lot_id, more in _by_lot(units).items()],
        kind=MovementKind.RETURN,
        document=number,
        actor=actor,
        at=at,
        dealer_id=found.dealer_id,
    )
    _take_serials(session, found, serials)
    _write(session, found, units, serials, actor, at)
    missing = {line.key: units.get(line.key, 0) - line.quantity for line in found.lines}
    change_asked_back(session, dealer_id=found.dealer_id, shipment_id=found.shipment_id, units=missing)
    audit.record(
        session,
        ReturnAction.RECEIVED,
        number,
        actor=actor,
        dealer_id=found.dealer_id,
        before={"state": found.state, "units": sum(found.asked.values())},
        after={"state": str(state), "units": sum(units.values())},
    )
    return state


Named = Mapping[LotKey, tuple[str, tuple[str, ...]]]
"""Pointer and serials by order line and lot."""


def _units(found: LockedReturn, arrived: Sequence[Arrived] | None) -> tuple[dict[LotKey, int], Named]:
    if arrived is None:
        arrived = [
            Arrived(line.sku, line.lot_no, line.quantity, "/lines", line.serials) for line in found.lines
        ]
    left = {line.key: line.quantity for line in found.lines}
    units: Counter[LotKey] = Counter()
    serials: dict[LotKey, tuple[str, tuple[str, ...]]] = {}
    faults: list[Fault] = []
    for one in arrived:
        lines = [line for line in found.lines if (line.sku, line.lot_no) == (one.sku, one.lot_no)]
        most = sum(left[line.key] for line in lines)
        if not lines or not 0 <= one.quantity <= most:
            faults.append(_beyond(one, most, known=bool(lines)))
            continue
        given, open_units = plain_serials(one.serials), one.quantity
        if wrong := _serial_fault(one, given, lines):
            faults.append(wrong)
            continue
        for line in lines:
            taken = min(open_units, left[line.key])
            left[line.key] -= taken
            open_units -= taken
            units[line.key] += taken
            if mine := given[:taken]:
                serials[line.key] = (f"{one.pointer}/serials", tuple(mine))
                given = given[taken:]
    if not faults and not sum(units.values()):
        fix = N_("Enter what came, or reject the return.")
        faults.append(Fault("/lines", "nothing_received", N_("Nothing came back yet."), fix))
    if faults:
        raise Invalid(faults=faults)
    return {key: more for key, more in units.items() if more}, serials


def _serial_fault(one: Arrived, given: Sequence[str], lines: Sequence[LockedLine]) -> Fault | None:
    """Units that left by their serial numbers come back by them."""
    pointer, sent = f"{one.pointer}/serials", {serial for line in lines for serial in line.serials_sent}
    if one.quantity and (given or sent) and not len(given) == len(set(given)) == one.quantity:
        message, fix = N_("Name one serial number for each unit."), N_("Scan each unit once.")
        return Fault(pointer, "serial_count", message, fix)
    if unknown := [serial for serial in given if sent and serial not in sent]:
        message, fix = N_("Serial number %(serial)s is not in this shipment."), N_("Scan it again.")
        return Fault(pointer, "serial_elsewhere", message, fix, {"serial": unknown[0]})
    return None


def _beyond(one: Arrived, most: int, *, known: bool) -> Fault:
    if not known:
        message, fix = N_("The return holds no %(sku)s of this lot."), N_("Receive only what is asked back.")
        return Fault(f"{one.pointer}/sku", "not_asked_back", message, fix, {"sku": one.sku})
    message, fix = (
        N_("At most %(most)s units are asked back."),
        N_("Enter a whole number from 0 to %(most)s."),
    )
    return Fault(f"{one.pointer}/quantity", "quantity_out_of_range", message, fix, {"most": most})


def _by_lot(units: Mapping[LotKey, int]) -> Counter[int]:
    lots: Counter[int] = Counter()
    for (_, lot_id), more in units.items():
        lots[lot_id] += more
    return lots


def _take_serials(session: Session, found: LockedReturn, serials: Named) -> None:
    lines: dict[LotKey, LockedLine] = {line.key: line for line in found.lines}
    faults = bring_in(
        session,
        [
            Serials(lines[key].product_id, key[1], values, pointer)
            for key, (pointer, values) in serials.items()
        ],
        dealer_id=found.dealer_id,
        shipment_no=found.shipment_no,
        to=Place(SerialState.INSPECTING, found.warehouse_id),
        document=found.number,
    )
    if faults:
        raise Invalid(faults=faults)


def _write(
    session: Session,
    found: LockedReturn,
    units: Mapping[LotKey, int],
    serials: Named,
    actor: Actor,
    at: datetime,
) -> None:
    mine = {"dealer_id": found.dealer_id, "id": found.id}
    session.execute(_RECEIVE, {**mine, "label": actor.label, "at": at})
    session.execute(
        _LINES,
        [
            {
                **mine,
                "line_no": line_no,
                "lot_id": lot_id,
                "received": more,
                "serials": list(serials.get((line_no, lot_id), ("", ()))[1]),
            }
            for (line_no, lot_id), more in units.items()
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
