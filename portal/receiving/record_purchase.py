"""Purchase orders as the ERP sends them: written by its number, and again as often as it changes them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import text
from sqlalchemy.orm import Session

from portal.audit import record as audit
from portal.kernel.actor import Actor
from portal.kernel.errors import N_, Fault, Invalid
from portal.receiving.named import articles_named, supplier_named, warehouse_named
from portal.receiving.rules import QUANTITY_MAX, PurchaseState, purchase_state
from portal.receiving.vocabulary import ReceivingAction, ReceivingRight


@dataclass(frozen=True, slots=True)
class Purchase:
    """What the ERP says of an order to a supplier. lines: SKU and units; those of one SKU add up."""

    number: str
    supplier: str
    warehouse: str
    expected_on: date
    lines: Sequence[tuple[str, int]]


def record_purchase(session: Session, *, actor: Actor, purchase: Purchase, at: datetime) -> PurchaseState:
    """Write down a purchase order as it is now; what has come of it stays. Raises Invalid.

    The same order again changes nothing. Locks the purchase order.
    """
    actor.require(ReceivingRight.RECEIVE)
    faults: list[Fault] = []
    warehouse_id = warehouse_named(session, purchase.warehouse, faults)
    supplier_id = supplier_named(session, purchase.supplier, faults)
    articles = articles_named(session, [sku for sku, _ in purchase.lines], faults)
    units: Counter[int] = Counter()
    for place, (sku, quantity) in enumerate(purchase.lines):
        if not 1 <= quantity <= QUANTITY_MAX:
            message, fix = N_("A line has 1 to %(max)s units."), N_("Say how many units are ordered.")
            about = {"max": QUANTITY_MAX}
            faults.append(Fault(f"/lines/{place}/quantity", "quantity_range", message, fix, about))
        elif sku in articles:
            units[articles[sku].id] += quantity
    if faults:
        raise Invalid(faults=faults)
    header = {
        "number": purchase.number,
        "supplier_id": supplier_id,
        "warehouse_id": warehouse_id,
        "expected_on": purchase.expected_on,
        "at": at,
    }
    order_id = session.execute(_HEADER, header).scalar_one()
    came = {row.product_id: row.received for row in session.execute(_CAME, {"order_id": order_id})}
    if lost := {product for product, received in came.items() if received} - units.keys():
        raise Invalid(faults=[_already_came(session, lost)])
    columns = {"order_id": order_id, "products": list(units), "quantities": list(units.values())}
    session.execute(_DROP, columns)
    session.execute(_LINES, columns)
    state = purchase_state([(ordered, came.get(product, 0)) for product, ordered in units.items()])
    session.execute(_STATE, {"order_id": order_id, "state": state})
    audit.record(
        session,
        ReceivingAction.PURCHASE_RECORDED,
        purchase.number,
        actor=actor,
        dealer_id=None,
        after={
            "supplier": purchase.supplier,
            "warehouse": purchase.warehouse,
            "expected_on": purchase.expected_on.isoformat(),
            "lines": [{"sku": sku, "quantity": quantity} for sku, quantity in purchase.lines],
        },
    )
    return state


def count_received(session: Session, *, order_id: int, units: Counter[int]) -> None:
    """Add what came to a purchase order that the caller has locked, and say how far it is."""
    columns = {"order_id": order_id, "products": list(units), "quantities": list(units.values())}
    session.execute(_RECEIVED, columns)
    lines = [(row.quantity, row.received) for row in session.execute(_CAME, columns)]
    session.execute(_STATE, {"order_id": order_id, "state": purchase_state(lines)})


def _already_came(session: Session, products: set[int]) -> Fault:
    skus = session.execute(_SKUS, {"products": sorted(products)}).scalars()
    message = N_("Units of %(skus)s have come already; the order cannot be without them.")
    fix = N_("Leave the line in, with the units that were ordered.")
    return Fault("/lines", "line_received", message, fix, {"skus": ", ".join(skus)})


_HEADER = text(
    """
    INSERT INTO purchase_order (number, supplier_id, warehouse_id, expected_on, state, changed_at)
    VALUES (:number, :supplier_id, :warehouse_id, :expected_on, 'open', :at)
    ON CONFLICT (number) DO UPDATE
       SET supplier_id = excluded.supplier_id, warehouse_id = excluded.warehouse_id,
           expected_on = excluded.expected_on, changed_at = excluded.changed_at
    RETURNING id
    """
)
_CAME = text(
    "SELECT product_id, quantity, received FROM purchase_order_line WHERE purchase_order_id = :order_id"
)
_SKUS = text("SELECT sku FROM product WHERE id = ANY (:products) ORDER BY sku")
_DROP = text(
    """
    DELETE FROM purchase_order_line
     WHERE purchase_order_id = :order_id AND product_id <> ALL (CAST(:products AS bigint[]))
    """
)
_LINES = text(
    """
    INSERT INTO purchase_order_line (purchase_order_id, product_id, quantity)
    SELECT :order_id, product_id, quantity
      FROM unnest(CAST(:products AS bigint[]), CAST(:quantities AS integer[])) AS l(product_id, quantity)
    ON CONFLICT (purchase_order_id, product_id) DO UPDATE SET quantity = excluded.quantity
    """
)
_STATE = text("UPDATE purchase_order SET state = :state WHERE id = :order_id")
_RECEIVED = text(
    """
    UPDATE purchase_order_line l SET received = l.received + c.quantity
      FROM unnest(CAST(:products AS bigint[]), CAST(:quantities AS integer[])) AS c(product_id, quantity)
     WHERE l.purchase_order_id = :order_id AND l.product_id = c.product_id
    """
)
