"""Report units that may not be sold: those in quarantine, or saleable ones that are set apart with it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import insert
from sqlalchemy.orm import Session

from portal.audit import record as audit
from portal.kernel.actor import Actor
from portal.kernel.errors import N_, Fault, Invalid
from portal.kernel.numbering import new_number
from portal.nonconforming.documents import reported_units, serials_reported
from portal.nonconforming.models import NonconformingReport
from portal.nonconforming.rules import Source, quantity_faults, reason_faults
from portal.nonconforming.vocabulary import NonconformingAction, NonconformingRight, QualityRight
from portal.stock.lots_here import LotHere, lock_lots, lots_here, unknown_lots
from portal.stock.move_lots import LotMove, move_lots
from portal.stock.rules import MovementKind
from portal.stock.serial_rules import SerialState, serial_faults
from portal.stock.serials import Place, Serials, move_serials
from portal.stock.warehouses import warehouses_named


@dataclass(frozen=True, slots=True)
class Goods:
    """Units of a lot in a warehouse that do not conform."""

    warehouse: str
    sku: str
    lot_no: str
    quantity: int
    serials: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class LotUnits:
    """Units of a lot that is known."""

    product_id: int
    lot_id: int
    sku: str
    lot_no: str
    quantity: int
    serials: Sequence[str] = ()


def report_goods(
    session: Session, *, actor: Actor, goods: Goods, source: Source, reason: str, today: date, at: datetime
) -> str:
    """Report units that lie in quarantine and in no other report; the number of the report.

    Locks the level and the lot. Raises Invalid with every fault, Forbidden.
    """
    actor.require(NonconformingRight.REPORT, QualityRight.DECIDE)
    lot, warehouse_id = _locked(session, goods)
    faults = _unreported(session, goods, lot, warehouse_id) + _faults(goods, lot, reason)
    if faults:
        raise Invalid(faults=faults)
    number = new_number("NC", today)
    named = [Serials(lot.product_id, lot.lot_id, goods.serials, "/serials")]
    apart = Place(SerialState.QUARANTINED, warehouse_id)
    if faults := move_serials(session, named, of=apart, to=apart, document=number):
        raise Invalid(faults=faults)
    return _keep(session, number, goods, lot, warehouse_id, source, reason, actor, at)


def set_apart(
    session: Session, *, actor: Actor, goods: Goods, source: Source, reason: str, today: date, at: datetime
) -> str:
    """Quarantine saleable units that no order holds, and report them; the number of the report.

    Locks the level and the lot. Raises Invalid with every fault, Conflict (``stock_short``, ``lot_short``)
    for units that are promised, Forbidden.
    """
    actor.require(NonconformingRight.REPORT, QualityRight.DECIDE)
    lot, warehouse_id = _locked(session, goods)
    faults = quantity_faults("/quantity", goods.quantity, lot.free) + _faults(goods, lot, reason)
    if faults:
        raise Invalid(faults=faults)
    number = new_number("NC", today)
    move_lots(
        session,
        warehouse_id=warehouse_id,
        moves=[LotMove(lot.lot_id, on_hand=-goods.quantity, quarantined=goods.quantity)],
        kind=MovementKind.QUARANTINE,
        document=number,
        actor=actor,
        at=at,
    )
    named = [Serials(lot.product_id, lot.lot_id, goods.serials, "/serials")]
    of, to = Place(SerialState.SALEABLE, warehouse_id), Place(SerialState.QUARANTINED, warehouse_id)
    if faults := move_serials(session, named, of=of, to=to, document=number):
        raise Invalid(faults=faults)
    return _keep(session, number, goods, lot, warehouse_id, source, reason, actor, at)


def report_found(
    session: Session,
    *,
    actor: Actor,
    warehouse_id: int,
    lot: LotUnits,
    source: Source,
    document: str,
    reason: str,
    today: date,
    at: datetime,
) -> str:
    """Report units that another verb has just put into quarantine, with its document; the number.

    Part of that verb, which has judged them and holds the locks of level, lot and serials. Raises Invalid
    for a serial number that is not in quarantine there.
    """
    number = new_number("NC", today)
    apart = Place(SerialState.QUARANTINED, warehouse_id)
    named = [Serials(lot.product_id, lot.lot_id, lot.serials, "/serials")]
    if faults := move_serials(session, named, of=apart, to=apart, document=number):
        raise Invalid(faults=faults)
    _insert(session, number, lot, warehouse_id, source, reason.strip(), actor, at, document)
    after = {"sku": lot.sku, "lot": lot.lot_no, "quantity": lot.quantity, "document": document}
    audit.record(
        session,
        NonconformingAction.REPORTED,
        number,
        actor=actor,
        dealer_id=None,
        after=after | {"source": str(source)},
        reason=reason.strip(),
    )
    return number


def _locked(session: Session, goods: Goods) -> tuple[LotHere, int]:
    (warehouse,) = warehouses_named(session, [(goods.warehouse, "/warehouse")])
    name = (goods.sku, goods.lot_no)
    here = lots_here(session, warehouse_id=warehouse.id, names=[name])
    if faults := unknown_lots([(name, "")], here, goods.warehouse):
        raise Invalid(faults=faults)
    name = (goods.sku, here[name].lot_no)
    lock_lots(session, warehouse_id=warehouse.id, lots=[lot.lot_id for lot in here.values()])
    return lots_here(session, warehouse_id=warehouse.id, names=[name])[name], warehouse.id


def _unreported(session: Session, goods: Goods, lot: LotHere, warehouse_id: int) -> list[Fault]:
    reported = reported_units(session, warehouse_id=warehouse_id, lots=[lot.lot_id]).get(lot.lot_id, 0)
    twice = serials_reported(session, product_id=lot.product_id, serials=goods.serials)
    message, fix = N_("Serial number %(serial)s is in another report."), N_("Report it once only.")
    return [
        *quantity_faults("/quantity", goods.quantity, lot.quarantined - reported),
        *(Fault("/serials", "serial_reported", message, fix, {"serial": one}) for one in sorted(twice)),
    ]


def _faults(goods: Goods, lot: LotHere, reason: str) -> list[Fault]:
    units, controlled = goods.quantity, lot.serial_controlled
    return [
        *reason_faults("/reason", reason.strip()),
        *serial_faults("/serials", goods.sku, goods.serials, units=units, controlled=controlled),
    ]


def _keep(
    session: Session,
    number: str,
    goods: Goods,
    lot: LotHere,
    warehouse_id: int,
    source: Source,
    reason: str,
    actor: Actor,
    at: datetime,
) -> str:
    units = LotUnits(lot.product_id, lot.lot_id, goods.sku, lot.lot_no, goods.quantity, goods.serials)
    _insert(session, number, units, warehouse_id, source, reason.strip(), actor, at)
    after = {
        "warehouse": goods.warehouse,
        "sku": goods.sku,
        "lot": lot.lot_no,
        "quantity": goods.quantity,
        "source": str(source),
    }
    audit.record(
        session,
        NonconformingAction.REPORTED,
        number,
        actor=actor,
        dealer_id=None,
        after=after,
        reason=reason.strip(),
    )
    return number


def _insert(
    session: Session,
    number: str,
    lot: LotUnits,
    warehouse_id: int,
    source: Source,
    reason: str,
    actor: Actor,
    at: datetime,
    document: str = "",
) -> None:
    session.execute(
        insert(NonconformingReport).values(
            number=number,
            warehouse_id=warehouse_id,
            product_id=lot.product_id,
            lot_id=lot.lot_id,
            quantity=lot.quantity,
            source=str(source),
            document=document,
            reason=reason,
            serials=list(lot.serials),
            reported_by=actor.key,
            reported_by_label=actor.label,
            reported_at=at,
        )
    )
