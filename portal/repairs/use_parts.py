"""Parts leave the stock into a device: out of which lots, with which serial numbers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from portal.kernel.actor import Actor
from portal.kernel.errors import N_, Fault, Invalid
from portal.kernel.lots import named_as
from portal.repairs.locked import LockedRepair
from portal.repairs.note_device import note_part
from portal.repairs.queries import lots_for
from portal.repairs.report_rules import LotForPart, Used
from portal.service.locked import LockedRequest
from portal.stock.move_lots import LotMove, move_lots
from portal.stock.reservations import release_units
from portal.stock.rules import MovementKind
from portal.stock.serial_rules import plain_serials, serial_faults
from portal.stock.serials import Serials, overnumbered, send_out


def held_of(session: Session, repair: LockedRepair) -> dict[str, int]:
    """Units that are held for a repair, by SKU."""
    return {row.sku: row.reserved for row in session.execute(_HELD, repair.key)}


def use_parts(
    session: Session,
    request: LockedRequest,
    repair: LockedRepair,
    visit_no: int,
    used: Sequence[Used],
    *,
    actor: Actor,
    today: date,
    margin_days: int,
    at: datetime,
) -> list[str]:
    """Take the units of a checked report out of stock and into the device; what was used, in words.

    Raises Invalid for serial numbers that are not there.
    """
    if not used or repair.warehouse_id is None:
        return []
    found = lots_for(session, repair.dealer_id, repair.id, today=today, margin_days=margin_days)
    lots = {(one.sku, one.lot_no): one for one in found}
    named = [(one, named_as((one.sku, one.lot_no), lots.keys())) for one in used]
    rows = [(replace(one, lot_no=name[1]), lots[name], plain_serials(one.serials)) for one, name in named]
    _take(session, repair, rows, actor=actor, at=at)
    for line_no, (one, lot, serials) in enumerate(rows, start=1):
        session.execute(
            _USED,
            repair.key
            | {
                "visit_no": visit_no,
                "line_no": line_no,
                "product_id": lot.product_id,
                "lot_id": lot.lot_id,
                "warehouse_id": repair.warehouse_id,
                "quantity": one.quantity,
                "serials": serials,
            },
        )
    for one, _, serials in rows:
        note_part(session, request, one, serials, actor=actor, today=today, at=at)
    return [f"{one.sku} × {one.quantity} ({one.lot_no})" for one, _, _ in rows]


Row = tuple[Used, LotForPart, list[str]]


def _take(session: Session, repair: LockedRepair, rows: Sequence[Row], *, actor: Actor, at: datetime) -> None:
    faults, units = [], Counter[int]()
    for one, lot, serials in rows:
        pointer, quantity = f"{one.pointer}/serials", one.quantity or 0
        units[lot.product_id] += quantity
        faults += serial_faults(pointer, one.sku, serials, units=quantity, controlled=lot.serial_controlled)
    if faults:
        raise Invalid(faults=faults)
    warehouse_id = repair.warehouse_id or 0
    about: dict[str, Any] = {
        "dealer_id": repair.dealer_id,
        "document": repair.number,
        "actor": actor,
        "at": at,
    }
    release_units(session, warehouse_id=warehouse_id, units=units, **about)
    moves = [LotMove(lot.lot_id, on_hand=-(one.quantity or 0)) for one, lot, _ in rows]
    move_lots(session, warehouse_id=warehouse_id, moves=moves, kind=MovementKind.REPAIR, **about)
    for product_id, quantity in units.items():
        session.execute(_COUNT, repair.key | {"product_id": product_id, "units": quantity})
    named = [
        Serials(lot.product_id, lot.lot_id, serials, f"{one.pointer}/serials")
        for one, lot, serials in rows
        if serials
    ]
    faults = send_out(
        session, named, warehouse_id=warehouse_id, dealer_id=repair.dealer_id, shipment_no=repair.number
    )
    faults += _unaccounted(session, warehouse_id, rows)
    if faults:
        raise Invalid(faults=faults)


def _unaccounted(session: Session, warehouse_id: int, rows: Sequence[Row]) -> list[Fault]:
    """No number may outlive its unit, as with a shipment."""
    controlled = [(one, lot) for one, lot, _ in rows if lot.serial_controlled]
    lots = overnumbered(session, warehouse_id=warehouse_id, lots=[lot.lot_id for _, lot in controlled])
    message = N_(
        "Lot %(lot)s has serial numbers; those of the units that leave are not named, or never came."
    )
    fix = N_("Read the numbers on the parts again.")
    return [
        Fault(f"{one.pointer}/serials", "serials_unaccounted", message, fix, {"lot": lot.lot_no})
        for one, lot in controlled
        if lot.lot_id in lots
    ]


_HELD = text(
    """
    SELECT p.sku, n.reserved FROM repair_part n JOIN product p ON p.id = n.product_id
     WHERE n.dealer_id = :dealer_id AND n.repair_id = :repair_id AND n.reserved > 0
    """
)
_COUNT = text(
    """
    UPDATE repair_part SET reserved = reserved - :units, used = used + :units
     WHERE dealer_id = :dealer_id AND repair_id = :repair_id AND product_id = :product_id
    """
)
_USED = text(
    """
    INSERT INTO repair_part_used (dealer_id, repair_id, visit_no, line_no, product_id, lot_id, warehouse_id,
                                  quantity, serials)
    VALUES (:dealer_id, :repair_id, :visit_no, :line_no, :product_id, :lot_id, :warehouse_id, :quantity,
            :serials)
    """
)
