"""An order under lock, as every verb after its placing needs it.

Behind its dealer's account, so that verbs compose. The lock on the order guards its lines and shipments too:
whoever changes those holds it.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, fields
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import TextClause, text
from sqlalchemy.orm import Session

from portal.catalogue.fragments import registration_end
from portal.kernel import locks
from portal.kernel.db import value_of
from portal.kernel.errors import NotFound
from portal.kernel.locks import Rank
from portal.kernel.money import ZERO, share_between
from portal.orders.fragments import ELSEWHERE
from portal.orders.lifecycle import Progress, Status


@dataclass(frozen=True, slots=True)
class OpenLine:
    """A line of a locked order with what the law wants to know of its product.

    `missing` units hold no stock. elsewhere: how many of the reserved ones in other warehouses than the
    order's, by the ids of those, as JSON has them; None for none.
    """

    line_no: int
    product_id: int
    sku: str
    quantity: int
    reserved: int
    shipped: int
    cancelled: int
    amount: Decimal
    tax_rate: Decimal
    device_class: int
    category_code: str
    registration_no: str
    registration_from: date
    registration_to: date | None
    serial_controlled: bool
    elsewhere: Mapping[str, int] | None

    @property
    def outstanding(self) -> int:
        """Units neither shipped nor cancelled."""
        return self.quantity - self.shipped - self.cancelled

    @property
    def missing(self) -> int:
        """Outstanding units without stock."""
        return self.outstanding - self.reserved

    def amount_of_next(self, units: int) -> Decimal:
        """What the next `units` to leave are worth: they are counted from the front of the line."""
        return share_between(self.amount, self.quantity, self.shipped, self.shipped + units)

    def amount_of_last(self, units: int) -> Decimal:
        """What the last `units` that are not cancelled are worth: these are given up first."""
        kept = self.quantity - self.cancelled
        return share_between(self.amount, self.quantity, kept - units, kept)


@dataclass(frozen=True, slots=True)
class LockedOrder:
    """An order that nobody else can change until the commit."""

    dealer_id: int
    id: int
    number: str
    status: str
    holds: tuple[str, ...]
    warehouse_id: int
    backorder: bool
    placed_at: datetime
    placed_by: str
    ship_to: Mapping[str, Any]
    purchase_order_no: str
    hospital: str
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
    def open_amount(self) -> Decimal:
        """¥ of what is neither shipped nor cancelled."""
        return sum((line.amount_of_last(line.outstanding) for line in self.lines), ZERO)

    @property
    def waiting(self) -> int:
        """Units that wait for goods; those a hold has to find stock for do not."""
        return sum(line.missing for line in self.lines) if self.backorder else 0

    @property
    def progress(self) -> Progress:
        """Where the order stands now."""
        return Progress(self.shipped, self.outstanding, self.in_transit, self.holds, self.waiting)

    def reserved_in(self, warehouse_id: int) -> dict[int, int]:
        """Reserved units by line number that are to come from a warehouse; lines without any are absent."""
        units = {}
        for line in self.lines:
            elsewhere = line.elsewhere or {}
            here = line.reserved - sum(elsewhere.values())
            found = here if warehouse_id == self.warehouse_id else elsewhere.get(str(warehouse_id), 0)
            if found:
                units[line.line_no] = found
        return units

    @property
    def warehouses(self) -> list[int]:
        """Where something of it is reserved: its own warehouse first, then the others."""
        others = {int(one) for line in self.lines for one in line.elsewhere or ()}
        return [one for one in (self.warehouse_id, *sorted(others)) if self.reserved_in(one)]

    def lines_of(self, line_nos: Collection[int]) -> tuple[OpenLine, ...]:
        """Some of its lines."""
        return tuple(line for line in self.lines if line.line_no in line_nos)


_COLUMNS = (
    "o.dealer_id, o.id, o.number, o.status, o.holds, o.warehouse_id, o.backorder, o.placed_at, o.placed_by,"
    " o.ship_to, o.purchase_order_no, o.hospital"
)

# An order's row comes out of the account's, which is locked by then.
_ORDER = f"""
WITH account AS MATERIALIZED (
  SELECT a.dealer_id, d.{{order_id}} AS order_id
    FROM {{document}} d JOIN dealer_account a ON a.dealer_id = d.dealer_id
   WHERE d.number = :number FOR NO KEY UPDATE OF a
)
SELECT {_COLUMNS} FROM account
  JOIN sales_order o ON (o.dealer_id, o.id) = (account.dealer_id, account.order_id) FOR NO KEY UPDATE OF o
"""
_BY_NUMBER = text(_ORDER.format(document="sales_order", order_id="id"))
_OF_SHIPMENT = text(_ORDER.format(document="shipment", order_id="order_id"))
_ORDERS = text(
    f"""
    SELECT {_COLUMNS} FROM sales_order o
     WHERE (o.dealer_id, o.id) IN (
           SELECT * FROM unnest(CAST(:dealer_ids AS bigint[]), CAST(:order_ids AS bigint[])))
     ORDER BY o.dealer_id, o.id FOR NO KEY UPDATE
    """
)

# An order may have a thousand lines, so they are made from columns by position: the last of the select list,
# which comes from the fields.
_LINE_FIELDS = tuple(field.name for field in fields(OpenLine))
_WRITTEN = {
    **{
        name: f"p.{name}"
        for name in (
            "sku",
            "device_class",
            "category_code",
            "registration_no",
            "registration_from",
            "serial_controlled",
        )
    },
    "registration_to": registration_end("p"),
    "elsewhere": f"({ELSEWHERE})",
}

# A statement of its own: read after the lock is held, or it would show the lines as they were before the
# wait.
_LINES = text(
    f"""
    SELECT w.dealer_id, w.order_id, t.in_transit,
           {", ".join(_WRITTEN.get(name, f"l.{name}") for name in _LINE_FIELDS)}
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
    "UPDATE sales_order SET status = :status, received_at = :received_at"
    " WHERE dealer_id = :dealer_id AND id = :id"
)


def lock_order(session: Session, number: str) -> LockedOrder:
    """Lock a dealer's account and its order, and read the order with its lines.

    Raises NotFound when it is not in the session's scope.
    """
    return _one(session, _BY_NUMBER, number)


def lock_order_of_shipment(session: Session, number: str) -> LockedOrder:
    """Lock a dealer's account and the order a shipment belongs to.

    Raises NotFound when there is no such shipment in scope.
    """
    return _one(session, _OF_SHIPMENT, number)


def lock_orders(session: Session, keys: Collection[tuple[int, int]]) -> list[LockedOrder]:
    """Lock many orders, each (dealer id, order id), in a fixed order, and no account.

    Nothing of an account may follow.
    """
    locks.take(session, Rank.ORDER, map(tuple, keys))
    return _lock(session, _ORDERS, _columns(keys))


def set_status(
    session: Session, order: LockedOrder, status: Status, *, received_at: datetime | None = None
) -> None:
    """Write where a locked order stands; `received_at` only for one that is received."""
    where = {"dealer_id": order.dealer_id, "id": order.id}
    session.execute(_SET_STATUS, {**where, "status": str(status), "received_at": received_at})


def _lock(session: Session, statement: TextClause, parameters: Mapping[str, Any]) -> list[LockedOrder]:
    heads = session.execute(statement, parameters).all()
    if not heads:
        return []
    lines: dict[tuple[int, int], list[OpenLine]] = {(head.dealer_id, head.id): [] for head in heads}
    in_transit: dict[tuple[int, int], int] = {}
    for line in session.execute(_LINES, _columns(lines)):
        lines[line.dealer_id, line.order_id].append(OpenLine(*line[-len(_LINE_FIELDS) :]))
        in_transit[line.dealer_id, line.order_id] = line.in_transit
    return [
        value_of(
            LockedOrder,
            head,
            holds=tuple(head.holds),
            in_transit=in_transit[head.dealer_id, head.id],
            lines=tuple(lines[head.dealer_id, head.id]),
        )
        for head in heads
    ]


def _one(session: Session, statement: TextClause, number: str) -> LockedOrder:
    found = _lock(session, statement, {"number": number})
    if not found:
        raise NotFound()
    [order] = found
    locks.take(session, Rank.ACCOUNT, [(order.dealer_id,)])
    locks.take(session, Rank.ORDER, [(order.dealer_id, order.id)])
    return order


def _columns(keys: Collection[tuple[int, int]]) -> dict[str, list[int]]:
    return {
        "dealer_ids": [dealer_id for dealer_id, _ in keys],
        "order_ids": [order_id for _, order_id in keys],
    }
