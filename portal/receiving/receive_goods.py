"""Receive goods: by lot, with dates and serial numbers, accepted at once or left for inspection."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import insert
from sqlalchemy.orm import Session

from portal.audit import record as audit
from portal.kernel.actor import Actor
from portal.kernel.errors import Invalid
from portal.kernel.numbering import new_number
from portal.receiving.accept import Decision, write_records
from portal.receiving.acceptable import require_acceptable
from portal.receiving.check_delivery import Checked, Delivery, check_delivery
from portal.receiving.models import GoodsReceipt, GoodsReceiptLine
from portal.receiving.record_purchase import count_received
from portal.receiving.rules import Article, Delivered, ReceiptState, Terms, receipt_state
from portal.receiving.vocabulary import ReceivingAction, ReceivingRight
from portal.replenishment.record_progress import record_progress
from portal.replenishment.rules import Report, RequestState
from portal.stock.lots import NamedLot, ensure_lots
from portal.stock.move_lots import LotMove, move_lots
from portal.stock.rules import MovementKind
from portal.stock.serial_rules import SerialState
from portal.stock.serials import Place, Serials, take_in


@dataclass(frozen=True, slots=True)
class Received:
    """The receipt that was written."""

    number: str
    state: ReceiptState


@dataclass(frozen=True, slots=True)
class _Arrived:
    """A line with the lot that it is of."""

    line_no: int
    product_id: int
    lot_id: int
    line: Delivered


def receive_goods(
    session: Session, *, actor: Actor, delivery: Delivery, terms: Terms, at: datetime
) -> Received:
    """Write a receipt and take the units into stock: for inspection, or accepted with their record.

    All or nothing. Locks the purchase order, makes lots, then locks what a report on the supply request
    does, levels, lots and serials. Raises Invalid with every fault, Conflict where the request is settled.
    """
    actor.require(ReceivingRight.RECEIVE)
    checked = check_delivery(session, delivery, terms)
    arrived = _with_lots(session, checked)
    if delivery.supply_request.strip():
        _report(session, delivery, checked, arrived, actor, terms, at)
    at_once = [one for one in arrived if not one.line.inspection]
    require_acceptable(
        session,
        warehouse_id=checked.warehouse_id,
        accepted=[((one.line.sku, one.line.lot), f"{one.line.pointer}/lot") for one in at_once],
        today=terms.today,
    )
    number = new_number("GR", terms.today)
    state = receipt_state(
        inspecting=sum(line.quantity for line in checked.lines if line.inspection),
        accepted=sum(line.quantity for line in checked.lines if not line.inspection),
        refused=0,
    )
    receipt_id = _write(session, delivery, checked, arrived, Received(number, state), actor, at)
    _take_in(session, checked.warehouse_id, arrived, number, actor, at)
    if checked.order_id is not None:
        units: Counter[int] = Counter()
        for one in arrived:
            units[one.product_id] += one.line.quantity
        count_received(session, order_id=checked.order_id, units=units)
    decisions = [Decision(one.line_no, one.line.quantity, 0) for one in at_once]
    write_records(session, receipt_id=receipt_id, decisions=decisions, actor=actor, at=at)
    _tell(session, delivery, checked, Received(number, state), actor)
    return Received(number, state)


def _with_lots(session: Session, checked: Checked) -> Sequence[_Arrived]:
    named = [_named(line, checked.articles[line.sku]) for line in checked.lines]
    ids, faults = ensure_lots(session, named)
    if faults:
        raise Invalid(faults=faults)
    return [
        _Arrived(line_no, lot.product_id, ids[lot.product_id, lot.lot_no], line)
        for line_no, (lot, line) in enumerate(zip(named, checked.lines, strict=True), start=1)
    ]


def _named(line: Delivered, article: Article) -> NamedLot:
    """The lot of a line. The one lot of a product without lot control has no dates of its own."""
    if not article.lot_controlled:
        return NamedLot(article.id, line.lot, None, None, line.pointer)
    return NamedLot(article.id, line.lot, line.produced_on, line.expires_on, line.pointer)


def _report(
    session: Session,
    delivery: Delivery,
    checked: Checked,
    arrived: Sequence[_Arrived],
    actor: Actor,
    terms: Terms,
    at: datetime,
) -> None:
    """The request is received, with the units that came; what still lacks is asked for anew."""
    units = sum(line.quantity for line in checked.lines if line.sku == checked.requested_sku)
    record_progress(
        session,
        actor=actor,
        number=delivery.supply_request.strip(),
        report=Report(RequestState.RECEIVED, quantity=units),
        today=terms.today,
        at=at,
        levels={(checked.warehouse_id, one.product_id) for one in arrived},
    )


def _write(
    session: Session,
    delivery: Delivery,
    checked: Checked,
    arrived: Sequence[_Arrived],
    receipt: Received,
    actor: Actor,
    at: datetime,
) -> int:
    header = insert(GoodsReceipt).returning(GoodsReceipt.id)
    receipt_id: int = session.execute(
        header,
        {
            "number": receipt.number,
            "warehouse_id": checked.warehouse_id,
            "reference": delivery.reference.strip(),
            "supplier_id": checked.supplier_id,
            "purchase_order_id": checked.order_id,
            "supply_request_no": delivery.supply_request.strip(),
            "state": str(receipt.state),
            "received_at": at,
            "received_by": actor.key,
            "received_by_label": actor.label,
        },
    ).scalar_one()
    session.execute(
        insert(GoodsReceiptLine),
        [
            {
                "receipt_id": receipt_id,
                "line_no": one.line_no,
                "product_id": one.product_id,
                "lot_id": one.lot_id,
                "quantity": one.line.quantity,
                "inspecting": one.line.quantity if one.line.inspection else 0,
                "accepted": 0 if one.line.inspection else one.line.quantity,
                "serials": list(one.line.serials),
                "contract_maker": one.line.contract_maker,
                "contract_maker_licence": one.line.contract_maker_licence,
            }
            for one in arrived
        ],
    )
    return receipt_id


def _take_in(
    session: Session, warehouse_id: int, arrived: Sequence[_Arrived], number: str, actor: Actor, at: datetime
) -> None:
    moves = [
        LotMove(one.lot_id, inspecting=one.line.quantity)
        if one.line.inspection
        else LotMove(one.lot_id, on_hand=one.line.quantity)
        for one in arrived
    ]
    barred = move_lots(
        session,
        warehouse_id=warehouse_id,
        moves=moves,
        kind=MovementKind.RECEIPT,
        document=number,
        actor=actor,
        at=at,
    )
    faults = []
    for one in sorted(arrived, key=lambda one: (one.product_id, one.lot_id)):
        state = SerialState.QUARANTINED if one.lot_id in barred else SerialState.SALEABLE
        place = Place(SerialState.INSPECTING if one.line.inspection else state, warehouse_id)
        named = Serials(one.product_id, one.lot_id, one.line.serials, f"{one.line.pointer}/serials")
        faults += take_in(session, [named], to=place, document=number)
    if faults:
        raise Invalid(faults=faults)


def _tell(session: Session, delivery: Delivery, checked: Checked, receipt: Received, actor: Actor) -> None:
    lines = [
        {"sku": line.sku, "lot": line.lot, "quantity": line.quantity, "inspection": line.inspection}
        for line in checked.lines
    ]
    audit.record(
        session,
        ReceivingAction.GOODS_RECEIVED,
        receipt.number,
        actor=actor,
        dealer_id=None,
        after={"warehouse": delivery.warehouse, "reference": delivery.reference, "lines": lines},
    )
