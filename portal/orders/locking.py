"""An order under lock, as every verb after its placing needs it. Order of locks: dealer's account, order, stock, lots, journal.

The lock on the order guards its lines and shipments too: whoever changes those holds it.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import TextClause, text
from sqlalchemy.orm import Session

from portal.errors import NotFound
from portal.orders.lifecycle import Progress, Status


@dataclass(frozen=True, slots=True)
class OpenLine:
    """A line of a locked order with what the law wants to know of its product. `missing` units hold no stock."""

    line_no: int
    product_id: int
    sku: str
    quantity: int
    reserved: int
    shipped: int
    cancelled: int
    unit_price: Decimal
    tax_rate: Decimal
    device_class: int
    category_code: str
    registration_from: date
    registration_to: date | None
    serial_controlled: bool

    @property
    def outstanding(self) -> int:
        """Units neither shipped nor cancelled."""
        return self.quantity - self.shipped - self.cancelled

    @property
    def missing(self) -> int:
        """Outstanding units without stock."""
        return self.outstanding - self.reserved


@dataclass(frozen=True, slots=True)
class LockedOrder:
    """An order that nobody else can change until the commit."""

    dealer_id: int
    id: int
    number: str
    status: str
    holds: tuple[str, ...]
    warehouse_id: int
    placed_at: datetime
    placed_by: str
    ship_to: Mapping[str, Any]
    purchase_order_no: str
    in_transit: int
    lines: tuple[OpenLine, ...]

    @property
    def shipped(self) -> int:
        """Units that have left."""
        return sum(line.shipped for line in self.lines)

    @property
    def outstanding(self) -> int:
        """Units neither shipped nor cancelled."""
        return sum(line.outstanding for line in self.lines)

    @property
    def progress(self) -> Progress:
        """Where the order stands now."""
        return Progress(self.shipped, self.outstanding, self.in_transit, self.holds)

    def lines_of(self, line_nos: Collection[int]) -> tuple[OpenLine, ...]:
        """Some of its lines."""
        return tuple(line for line in self.lines if line.line_no in line_nos)


_ACCOUNT = """
SELECT a.dealer_id FROM dealer_account a JOIN {document} d ON d.dealer_id = a.dealer_id
 WHERE d.number = :number FOR NO KEY UPDATE OF a
"""
_ACCOUNT_OF = {name: text(_ACCOUNT.format(document=name)) for name in ("sales_order", "shipment")}

_COLUMNS = "o.dealer_id, o.id, o.number, o.status, o.holds, o.warehouse_id, o.placed_at, o.placed_by, o.ship_to, o.purchase_order_no"
_ORDER = text(f"SELECT {_COLUMNS} FROM sales_order o WHERE o.number = :number FOR NO KEY UPDATE")
_ORDER_OF_SHIPMENT = text(
    f"SELECT {_COLUMNS} FROM sales_order o JOIN shipment s ON (s.dealer_id, s.order_id) = (o.dealer_id, o.id)"
    " WHERE s.number = :number FOR NO KEY UPDATE OF o"
)
_ORDERS = text(
    f"""
    SELECT {_COLUMNS} FROM sales_order o
     WHERE (o.dealer_id, o.id) IN (SELECT * FROM unnest(CAST(:dealer_ids AS bigint[]), CAST(:order_ids AS bigint[])))
     ORDER BY o.dealer_id, o.id FOR NO KEY UPDATE
    """
)

# A statement of its own: read after the lock is held, or it would show the lines as they were before the wait.
_LINES = text(
    """
    SELECT w.dealer_id, w.order_id, t.in_transit,
           l.line_no, l.product_id, p.sku, l.quantity, l.reserved, l.shipped, l.cancelled, l.unit_price, l.tax_rate,
           p.device_class, p.category_code, p.registration_from, p.registration_to, p.serial_controlled
      FROM unnest(CAST(:dealer_ids AS bigint[]), CAST(:order_ids AS bigint[])) AS w(dealer_id, order_id)
     CROSS JOIN LATERAL (
       SELECT count(*) AS in_transit FROM shipment s
        WHERE s.dealer_id = w.dealer_id AND s.order_id = w.order_id AND s.status = 'shipped') t
      JOIN order_line l ON l.dealer_id = w.dealer_id AND l.order_id = w.order_id
      JOIN product p ON p.id = l.product_id
     ORDER BY w.dealer_id, w.order_id, l.line_no
    """
)

_SET_STATUS = text(
    "UPDATE sales_order SET status = :status, received_at = :received_at WHERE dealer_id = :dealer_id AND id = :id"
)


def lock_account(session: Session, *, order: str | None = None, shipment: str | None = None) -> None:
    """Lock the account of the dealer whose order or shipment has this number; the first lock of a verb. Raises NotFound."""
    document, number = ("sales_order", order) if order is not None else ("shipment", shipment)
    if session.execute(_ACCOUNT_OF[document], {"number": number}).first() is None:
        raise NotFound()


def lock_order(session: Session, number: str) -> LockedOrder:
    """Lock an order and read it with its lines. Raises NotFound when it is not in the session's scope."""
    return _only(_lock(session, _ORDER, {"number": number}))


def lock_order_of_shipment(session: Session, number: str) -> LockedOrder:
    """Lock the order a shipment belongs to. Raises NotFound when there is no such shipment in scope."""
    return _only(_lock(session, _ORDER_OF_SHIPMENT, {"number": number}))


def lock_orders(session: Session, keys: Collection[tuple[int, int]]) -> list[LockedOrder]:
    """Lock many orders, each (dealer id, order id), in a fixed order."""
    return _lock(session, _ORDERS, _columns(keys))


def set_status(session: Session, order: LockedOrder, status: Status, *, received_at: datetime | None = None) -> None:
    """Write where a locked order stands; `received_at` only for one that is received."""
    where = {"dealer_id": order.dealer_id, "id": order.id}
    session.execute(_SET_STATUS, {**where, "status": str(status), "received_at": received_at})


def _lock(session: Session, statement: TextClause, parameters: Mapping[str, Any]) -> list[LockedOrder]:
    heads = session.execute(statement, parameters).all()
    if not heads:
        return []
    lines: dict[tuple[int, int], list[OpenLine]] = {(head.dealer_id, head.id): [] for head in heads}
    in_transit: dict[tuple[int, int], int] = {}
    for dealer_id, order_id, parcels, *line in session.execute(_LINES, _columns(lines)):
        lines[dealer_id, order_id].append(OpenLine(*line))
        in_transit[dealer_id, order_id] = parcels
    return [
        LockedOrder(*head[:4], tuple(head.holds), *head[5:], in_transit[head.dealer_id, head.id], tuple(lines[head.dealer_id, head.id]))
        for head in heads
    ]


def _only(orders: list[LockedOrder]) -> LockedOrder:
    if not orders:
        raise NotFound()
    return orders[0]


def _columns(keys: Collection[tuple[int, int]]) -> dict[str, list[int]]:
    return {"dealer_ids": [dealer_id for dealer_id, _ in keys], "order_ids": [order_id for _, order_id in keys]}
