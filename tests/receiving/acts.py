"""Goods are ordered, received and inspected; each act in a transaction of its own."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from portal.kernel.actor import Actor
from portal.kernel.db import Database, transaction
from portal.receiving.check_delivery import Delivery
from portal.receiving.inspect_goods import Decided, inspect_goods
from portal.receiving.receive_goods import Received, receive_goods
from portal.receiving.record_purchase import Purchase, record_purchase
from portal.receiving.rules import Delivered, Inspected, PurchaseState, Terms
from portal.receiving.suppliers import SupplierFacts, write_supplier
from tests import cast
from tests.roles import Product, Warehouse

SHELF_DAYS = 15
FAR_OFF = date(2098, 12, 31)
SUPPLIER = SupplierFacts("SUP-1", "苏州示例医疗器械厂", "苏州市工业园区 8 号", "王工 13800000000", "苏械许 1")


def line(product: Product, lot: str, quantity: int, **said: Any) -> Delivered:
    """A line of a delivery; a new lot lives long."""
    said.setdefault("expires_on", FAR_OFF)
    return Delivered(product.sku, lot, quantity, "/lines/0", **said)


def received(
    database: Database,
    *lines: Delivered,
    actor: Actor | None = None,
    warehouse: Warehouse = cast.shanghai_warehouse,
    at: datetime = cast.NOW,
    **said: Any,
) -> Received:
    """Goods arrive; the program of the warehouse tells of them unless an actor is named."""
    actor = actor or cast.erp.actor()
    terms = Terms(cast.TODAY, SHELF_DAYS, by_person=actor.user_id is not None)
    with transaction(database.session_for(actor)) as session:
        delivery = Delivery(warehouse.code, lines, **said)
        return receive_goods(session, actor=actor, delivery=delivery, terms=terms, at=at)


def inspected(
    database: Database,
    number: str,
    *lines: Inspected,
    actor: Actor | None = None,
    at: datetime = cast.NOW,
    today: date = cast.TODAY,
) -> Decided:
    """Somebody of quality decides, unless another actor is named."""
    actor = actor or cast.quality.actor()
    with transaction(database.session_for(actor)) as session:
        return inspect_goods(session, actor=actor, number=number, lines=lines, today=today, at=at)


def decision(product: Product, lot: str, accepted: int, refused: int = 0, **said: Any) -> Inspected:
    """What is decided of a lot; refused units are broken unless something else is said."""
    said.setdefault("reason", "外包装破损" if refused else "")
    return Inspected(product.sku, lot, accepted, refused, "/lines/0", **said)


def a_supplier(database: Database, supplier: SupplierFacts = SUPPLIER) -> SupplierFacts:
    """A supplier is written down."""
    with transaction(database.session_for(cast.order_desk.actor())) as session:
        return write_supplier(session, actor=cast.order_desk.actor(), supplier=supplier)


def ordered(
    database: Database, number: str, lines: Sequence[tuple[Product, int]], supplier: str = SUPPLIER.code
) -> PurchaseState:
    """The ERP tells of a purchase order."""
    purchase = Purchase(
        number,
        supplier,
        cast.shanghai_warehouse.code,
        cast.TODAY,
        [(product.sku, units) for product, units in lines],
    )
    with transaction(database.session_for(cast.erp.actor())) as session:
        return record_purchase(session, actor=cast.erp.actor(), purchase=purchase, at=cast.NOW)
