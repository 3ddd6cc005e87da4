"""Units leave one warehouse and are on their way to another: never any that are promised to an order."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date, datetime

from sqlalchemy import text
from sqlalchemy.orm import Session

from portal.audit import record as audit
from portal.kernel.actor import Actor
from portal.kernel.errors import N_, Fault, Invalid
from portal.kernel.lots import named_as
from portal.stock.backorders import add_on_the_way, ensure_levels, lock_levels
from portal.stock.lots_here import LotHere, LotName, lots_here
from portal.stock.move_lots import LotMove, move_lots
from portal.stock.reservations import lock_available
from portal.stock.rules import MovementKind, sells_on
from portal.stock.serial_rules import SerialState, serial_faults
from portal.stock.serials import Place, Serials, move_serials
from portal.transfers.documents import LockedTransfer, lock_transfer
from portal.transfers.rules import Line, TransferState, require_state
from portal.transfers.vocabulary import TransferAction, TransferRight


def dispatch_transfer(
    session: Session,
    *,
    actor: Actor,
    number: str,
    serials: Mapping[LotName, Sequence[str]] | None = None,
    expected_on: date | None = None,
    today: date,
    at: datetime,
    margin_days: int = 1,
) -> None:
    """Take the units of a draft out of stock; what reaches the other warehouse is said by its receipt.

    serials: where they were not named in the draft. Locks the transfer, the levels of both warehouses, the
    lots. Raises Invalid with a fault for each line, by its number, that is not free to go, Conflict,
    NotFound, Forbidden.
    """
    actor.require(TransferRight.TRANSFER)
    transfer = lock_transfer(session, number)
    require_state(transfer.state, TransferState.DRAFT)
    known = {line.name for line in transfer.lines}
    given = {named_as(name, known): one for name, one in (serials or {}).items()}
    named = {line.line_no: list(given.get(line.name) or line.serials) for line in transfer.lines}
    _lock_levels(session, transfer)
    faults = _faults(session, transfer, named, today, margin_days)
    if expected_on is not None and expected_on < today:
        message = N_("Goods that are still to come cannot arrive in the past.")
        faults.append(Fault("/expected_on", "day_past", message, N_("Say today or a later day.")))
    if faults:
        raise Invalid(faults=faults)
    _leave(session, transfer, named, actor, at)
    units = Counter[int]()
    for line in transfer.lines:
        units[line.product_id] += line.quantity
    arrives_on = expected_on or transfer.expected_on
    add_on_the_way(session, warehouse_id=transfer.to_warehouse_id, units=units, expected_on=arrives_on)
    about = {"id": transfer.id, "expected_on": arrives_on, "actor": actor.key, "label": actor.label, "at": at}
    session.execute(_DISPATCHED, about)
    after = {"units": units.total(), "expected_on": arrives_on.isoformat() if arrives_on else None}
    audit.record(session, TransferAction.DISPATCHED, number, actor=actor, dealer_id=None, after=after)


def _lock_levels(session: Session, transfer: LockedTransfer) -> None:
    """The levels of both warehouses, in one order for goods that go either way."""
    places = sorted((transfer.from_warehouse_id, transfer.to_warehouse_id))
    products = sorted({line.product_id for line in transfer.lines})
    for warehouse_id in places:
        ensure_levels(session, warehouse_id=warehouse_id, products=products)
    lock_levels(session, [(warehouse_id, product_id) for warehouse_id in places for product_id in products])


def _faults(
    session: Session,
    transfer: LockedTransfer,
    named: Mapping[int, Sequence[str]],
    today: date,
    margin_days: int,
) -> list[Fault]:
    products = {line.product_id for line in transfer.lines}
    origin = transfer.from_warehouse_id
    free = lock_available(
        session, warehouse_id=origin, products=products, today=today, margin_days=margin_days
    )
    here = lots_here(session, warehouse_id=origin, names=[line.name for line in transfer.lines])
    faults = []
    for line in transfer.lines:
        lot, pointer = here[line.name], f"/lines/{line.line_no}"
        faults += _short(line, lot, free.get(line.product_id, 0), pointer, today, margin_days)
        free[line.product_id] = free.get(line.product_id, 0) - line.quantity
        faults += serial_faults(
            f"{pointer}/serials",
            line.sku,
            named[line.line_no],
            units=line.quantity,
            controlled=line.serial_controlled,
        )
    return faults


def _short(line: Line, lot: LotHere, free: int, pointer: str, today: date, margin_days: int) -> list[Fault]:
    about = {"sku": line.sku, "lot": line.lot_no, "free": max(0, min(lot.free, free))}
    if not lot.is_saleable or not sells_on(lot.expires_on, today, margin_days):
        message = N_("Lot %(lot)s of %(sku)s is expired or blocked.")
        fix = N_("Make the transfer again with a lot that may be sold.")
        return [Fault(f"{pointer}/lot", "lot_not_saleable", message, fix, about)]
    if line.quantity > min(lot.free, free):
        message = N_("Of %(sku)s, lot %(lot)s only %(free)s units are promised to nobody.")
        fix = N_("Make the transfer again with fewer, or release what orders hold.")
        return [Fault(f"{pointer}/quantity", "not_free", message, fix, about)]
    return []


def _leave(
    session: Session,
    transfer: LockedTransfer,
    named: Mapping[int, Sequence[str]],
    actor: Actor,
    at: datetime,
) -> None:
    origin, by_lot = transfer.from_warehouse_id, Counter[int]()
    for line in transfer.lines:
        by_lot[line.lot_id] += line.quantity
    move_lots(
        session,
        warehouse_id=origin,
        moves=[LotMove(lot_id, on_hand=-units) for lot_id, units in by_lot.items()],
        kind=MovementKind.DISPATCH,
        document=transfer.number,
        actor=actor,
        at=at,
    )
    serials = [
        Serials(line.product_id, line.lot_id, named[line.line_no], f"/lines/{line.line_no}/serials")
        for line in transfer.lines
    ]
    gone, here = Place(SerialState.IN_TRANSIT), Place(SerialState.SALEABLE, origin)
    if faults := move_serials(session, serials, of=here, to=gone, document=transfer.number):
        raise Invalid(faults=faults)
    lines = [{"id": transfer.id, "line_no": no, "serials": list(own)} for no, own in named.items() if own]
    for one in lines:
        session.execute(_SERIALS, one)


_DISPATCHED = text(
    """
    UPDATE stock_transfer
       SET state = 'in_transit', expected_on = :expected_on, dispatched_by = :actor,
           dispatched_by_label = :label, dispatched_at = :at
     WHERE id = :id
    """
)
_SERIALS = text(
    """
    UPDATE stock_transfer_line SET serials = to_jsonb(CAST(:serials AS text[]))
     WHERE transfer_id = :id AND line_no = :line_no
    """
)
