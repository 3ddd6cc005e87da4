"""What is wrong with a delivery, all at once; and what it is about where nothing is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from portal.kernel.errors import N_, Fault, Invalid
from portal.kernel.lots import lot_key
from portal.receiving.named import articles_named, known_dates, supplier_named, warehouse_named
from portal.receiving.rules import TEXT_MAX, Article, Delivered, Terms, delivery_faults, plain_lot, repeated
from portal.stock.serial_rules import plain_serials


@dataclass(frozen=True, slots=True)
class Delivery:
    """What arrived. reference: what the sender calls it; the number of a purchase order is understood as one.

    supplier: a code, of who brought it where no purchase order tells. supply_request: what it answers.
    """

    warehouse: str
    lines: Sequence[Delivered]
    reference: str = ""
    supplier: str = ""
    purchase_order: str = ""
    supply_request: str = ""


@dataclass(frozen=True, slots=True)
class Checked:
    """A delivery without a fault: whose goods they are, where they are, and its lines as they are kept.

    requested_sku: of the supply request, None without one.
    """

    warehouse_id: int
    supplier_id: int | None
    order_id: int | None
    requested_sku: str | None
    lines: Sequence[Delivered]
    articles: Mapping[str, Article]


def check_delivery(session: Session, delivery: Delivery, terms: Terms) -> Checked:
    """The delivery as it is kept. Locks the purchase order that it names. Raises Invalid with every fault."""
    faults = _texts(delivery)
    warehouse_id = warehouse_named(session, delivery.warehouse, faults)
    supplier_id = supplier_named(session, delivery.supplier, faults) if delivery.supplier.strip() else None
    articles = articles_named(session, [line.sku for line in delivery.lines], faults)
    lines = _kept(session, delivery.lines, articles)
    for line in lines:
        if line.sku in articles:
            faults += delivery_faults(line, articles[line.sku], terms)
    faults += repeated([line for line in lines if line.sku in articles])
    order = _order(session, delivery, faults)
    if order is not None:
        faults += _beside_order(session, order, warehouse_id, supplier_id, lines, articles)
    requested = _request(session, delivery, lines, faults) if delivery.supply_request.strip() else None
    if faults:
        raise Invalid(faults=faults)
    if order is not None:
        supplier_id = order.supplier_id
    order_id = order.id if order is not None else None
    return Checked(warehouse_id, supplier_id, order_id, requested, lines, articles)


def _texts(delivery: Delivery) -> list[Fault]:
    message, fix = N_("At most %(max)s printable characters."), N_("Write it shorter.")
    texts = {"/reference": delivery.reference}
    for line in delivery.lines:
        texts[f"{line.pointer}/contract_maker"] = line.contract_maker
        texts[f"{line.pointer}/contract_maker_licence"] = line.contract_maker_licence
    faults = [
        Fault(pointer, "text_long", message, fix, {"max": TEXT_MAX})
        for pointer, value in texts.items()
        if len(value) > TEXT_MAX or not value.isprintable()
    ]
    if not delivery.lines:
        message, fix = N_("Nothing was received."), N_("Scan at least one label.")
        faults.append(Fault("/lines", "no_lines", message, fix))
    return faults


def _kept(
    session: Session, lines: Sequence[Delivered], articles: Mapping[str, Article]
) -> Sequence[Delivered]:
    """The lines with lots as they are known and plain serials; a date that is not said is that of the lot."""
    plain = [
        replace(
            line,
            lot=plain_lot(line.lot, controlled=articles[line.sku].lot_controlled)
            if line.sku in articles
            else line.lot,
            serials=plain_serials(line.serials),
            contract_maker=line.contract_maker.strip(),
            contract_maker_licence=line.contract_maker_licence.strip(),
        )
        for line in lines
    ]
    keys = [(articles[line.sku].id, line.lot) for line in plain if line.sku in articles]
    known = known_dates(session, keys)
    first: dict[tuple[str, str], str] = {}

    def dated(line: Delivered) -> Delivered:
        lot = known.get((articles[line.sku].id, line.lot)) if line.sku in articles else None
        if lot is None:  # one that comes for the first time is written as its first line writes it
            return replace(line, lot=first.setdefault((line.sku, lot_key(line.lot)), line.lot))
        return replace(
            line,
            lot=lot.lot_no,
            expires_on=line.expires_on or lot.expires_on,
            produced_on=line.produced_on or lot.produced_on,
        )

    return [dated(line) for line in plain]


def _order(session: Session, delivery: Delivery, faults: list[Fault]) -> Any:
    """The purchase order that is meant, locked; None where none is."""
    named = delivery.purchase_order.strip()
    found = session.execute(_ORDER, {"number": named or delivery.reference.strip()}).one_or_none()
    if named and found is None:
        message = N_("There is no such purchase order.")
        fix = N_("Check the number, or leave it out and name the supplier.")
        faults.append(Fault("/purchase_order", "unknown_purchase_order", message, fix))
    return found


def _beside_order(
    session: Session,
    order: Any,
    warehouse_id: int,
    supplier_id: int | None,
    lines: Sequence[Delivered],
    articles: Mapping[str, Article],
) -> list[Fault]:
    faults = []
    if warehouse_id and warehouse_id != order.warehouse_id:
        message, fix = (
            N_("The purchase order is for another warehouse."),
            N_("Choose its warehouse, or leave the purchase order out."),
        )
        faults.append(Fault("/warehouse", "other_warehouse", message, fix))
    if supplier_id and supplier_id != order.supplier_id:
        message, fix = N_("The purchase order has another supplier."), N_("Leave the supplier out.")
        faults.append(Fault("/supplier", "other_supplier", message, fix))
    ordered = set(session.execute(_ORDERED, {"order_id": order.id}).scalars())
    for line in lines:
        if line.sku in articles and articles[line.sku].id not in ordered:
            message = N_("%(sku)s is not on the purchase order.")
            fix = N_("Receive it without the purchase order, or have the order sent again with it.")
            faults.append(Fault(f"{line.pointer}/sku", "not_ordered", message, fix, {"sku": line.sku}))
    return faults


def _request(
    session: Session, delivery: Delivery, lines: Sequence[Delivered], faults: list[Fault]
) -> str | None:
    """The SKU of the supply request that is meant."""
    found = session.execute(_REQUEST, {"number": delivery.supply_request.strip()}).one_or_none()
    if found is None:
        message, fix = N_("There is no such supply request."), N_("Check the number, or leave it out.")
        faults.append(Fault("/supply_request", "unknown_supply_request", message, fix))
        return None
    if found.warehouse != delivery.warehouse.strip() or found.sku not in {line.sku for line in lines}:
        message = N_("The supply request is for %(sku)s in %(warehouse)s, which is not what arrived.")
        about = {"sku": found.sku, "warehouse": found.warehouse}
        fix = N_("Leave the supply request out.")
        faults.append(Fault("/supply_request", "other_goods", message, fix, about))
    return str(found.sku)


_ORDER = text(
    "SELECT id, supplier_id, warehouse_id FROM purchase_order WHERE number = :number FOR NO KEY UPDATE"
)
_ORDERED = text("SELECT product_id FROM purchase_order_line WHERE purchase_order_id = :order_id")
_REQUEST = text(
    """
    SELECT w.code AS warehouse, p.sku
      FROM supply_request q JOIN warehouse w ON w.id = q.warehouse_id JOIN product p ON p.id = q.product_id
     WHERE q.number = :number
    """
)
