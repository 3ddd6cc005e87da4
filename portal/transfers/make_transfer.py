"""Say what shall go from one warehouse to another; nothing has left yet."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime

from sqlalchemy import insert
from sqlalchemy.orm import Session

from portal.audit import record as audit
from portal.kernel.actor import Actor
from portal.kernel.errors import N_, Fault, Invalid
from portal.kernel.numbering import new_number
from portal.stock.lots_here import LotHere, LotName, lots_here, unknown_lots
from portal.stock.serial_rules import serial_faults
from portal.stock.warehouses import warehouses_named
from portal.transfers.documents import lock_transfer, move_on
from portal.transfers.models import StockTransfer, StockTransferLine
from portal.transfers.rules import (
    LINES_MAX,
    NOTE_MAX,
    Moved,
    TransferState,
    quantity_fault,
    repeated_faults,
    require_state,
)
from portal.transfers.vocabulary import TransferAction, TransferRight


def make_transfer(
    session: Session,
    *,
    actor: Actor,
    origin: str,
    destination: str,
    lines: Sequence[Moved],
    expected_on: date | None = None,
    note: str = "",
    today: date,
    at: datetime,
) -> str:
    """Write a draft of lots that the warehouse `origin` has; its number.

    Serials may be named now or when it leaves. Raises Invalid with every fault, Forbidden.
    """
    actor.require(TransferRight.TRANSFER)
    leaving, arriving = warehouses_named(session, [(origin, "/from"), (destination, "/to")])
    known = lots_here(session, warehouse_id=leaving.id, names={line.name for line in lines})
    lines = [replace(one, lot_no=known[one.name].lot_no) if one.name in known else one for one in lines]
    here = {(lot.sku, lot.lot_no): lot for lot in known.values()}
    faults = _faults(lines, here, note, expected_on, today)
    if leaving.id == arriving.id:
        message, fix = N_("Goods go to another warehouse."), N_("Choose where they go.")
        faults.append(Fault("/to", "same_warehouse", message, fix))
    faults += unknown_lots([(line.name, line.pointer) for line in lines], here, origin)
    if faults:
        raise Invalid(faults=faults)
    number = new_number("TR", today)
    transfer_id = session.execute(
        insert(StockTransfer)
        .values(
            number=number,
            from_warehouse_id=leaving.id,
            to_warehouse_id=arriving.id,
            expected_on=expected_on,
            note=note.strip(),
            made_by=actor.key,
            made_by_label=actor.label,
            made_at=at,
        )
        .returning(StockTransfer.id)
    ).scalar_one()
    session.execute(insert(StockTransferLine), _rows(transfer_id, lines, here))
    after = {"from": origin, "to": destination, "lines": len(lines), "units": _units(lines)}
    audit.record(session, TransferAction.MADE, number, actor=actor, dealer_id=None, after=after)
    return number


def cancel_transfer(session: Session, *, actor: Actor, number: str) -> None:
    """Give up a draft. Raises Conflict once it has left, NotFound, Forbidden."""
    actor.require(TransferRight.TRANSFER)
    transfer = lock_transfer(session, number)
    require_state(transfer.state, TransferState.DRAFT)
    move_on(session, transfer, TransferState.CANCELLED)
    audit.record(session, TransferAction.CANCELLED, number, actor=actor, dealer_id=None)


def _faults(
    lines: Sequence[Moved],
    here: dict[LotName, LotHere],
    note: str,
    expected_on: date | None,
    today: date,
) -> list[Fault]:
    faults = repeated_faults(lines)
    if not 1 <= len(lines) <= LINES_MAX:
        message, fix = N_("A transfer has 1 to %(max)s lines."), N_("Name what shall go.")
        faults.append(Fault("/lines", "lines", message, fix, {"max": LINES_MAX}))
    if len(note) > NOTE_MAX:
        message, about = N_("At most %(max)s characters."), {"max": NOTE_MAX}
        faults.append(Fault("/note", "note_long", message, N_("Shorten it."), about))
    if expected_on is not None and expected_on < today:
        message = N_("Goods that are still to come cannot arrive in the past.")
        faults.append(Fault("/expected_on", "day_past", message, N_("Say today or a later day.")))
    for line in lines:
        faults += quantity_fault(line.pointer, line.quantity)
        lot = here.get(line.name)
        if lot is not None and line.serials:
            pointer, controlled = f"{line.pointer}/serials", lot.serial_controlled
            faults += serial_faults(
                pointer, line.sku, line.serials, units=line.quantity, controlled=controlled
            )
    return faults


def _rows(transfer_id: int, lines: Sequence[Moved], here: dict[LotName, LotHere]) -> list[dict[str, object]]:
    return [
        {
            "transfer_id": transfer_id,
            "line_no": place,
            "product_id": here[line.name].product_id,
            "lot_id": here[line.name].lot_id,
            "quantity": line.quantity,
            "serials": list(line.serials),
        }
        for place, line in enumerate(lines, start=1)
    ]


def _units(lines: Sequence[Moved]) -> int:
    return sum(line.quantity for line in lines)
