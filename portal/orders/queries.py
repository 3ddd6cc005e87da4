"""Orders as lists and as one document.

Scope comes from the session; a dealer's and headquarters' screens share these.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from functools import cache
from typing import Any

from sqlalchemy import TextClause, text
from sqlalchemy.orm import Session

from portal.kernel import paging
from portal.kernel.errors import Fault, NotFound
from portal.kernel.money import ZERO, share_between
from portal.kernel.paging import Page, Sort, SortKey
from portal.kernel.search_pattern import containing_code, number_key, product_in
from portal.orders.lifecycle import Status
from portal.orders.severity_rules import recalled

COUNTED_MAX = 999
"""Orders of a state are counted as far as this; one more says that there are more."""

STATUSES = tuple(str(status) for status in Status)


class OrderSort(StrEnum):
    """What orders are sorted by."""

    PLACED_AT = "placed_at"
    NUMBER = "number"


_SORTED_BY = {
    OrderSort.PLACED_AT: SortKey("o.placed_at", paging.moment, "ix_sales_order_dealer_id_placed_at"),
    OrderSort.NUMBER: SortKey("o.number", str, "uq_sales_order_dealer_id_number"),
}
LATEST_FIRST = Sort(OrderSort.PLACED_AT, descending=True)


@dataclass(frozen=True, slots=True)
class OrderSummary:
    """A row of an order list."""

    id: int
    number: str
    status: str
    holds: list[str]
    purchase_order_no: str
    placed_at: datetime
    total: Decimal
    line_count: int
    dealer_id: int
    dealer_code: str
    dealer_zh: str
    dealer_en: str


@dataclass(frozen=True, slots=True)
class LineDetail:
    """A line with product and price as they were when the order was placed.

    elsewhere: units reserved in other warehouses than the order's: ``{warehouse, zh, en, quantity}``.
    """

    line_no: int
    product_id: int
    sku: str
    name_zh: str
    name_en: str
    specification: str
    unit: str
    quantity: int
    reserved: int
    shipped: int
    cancelled: int
    returned: int
    promised_on: date | None
    elsewhere: list[dict[str, Any]]
    list_price: Decimal
    unit_price: Decimal
    tax_rate: Decimal
    discount: Decimal
    gift: bool
    amount: Decimal
    tax: Decimal
    receipt: list[dict[str, Any]]

    @property
    def backordered(self) -> int:
        """Units without stock."""
        return self.quantity - self.reserved - self.shipped - self.cancelled


@dataclass(frozen=True, slots=True)
class OrderDetail:
    """An order with its lines; dealer and warehouse as they were called when it was placed."""

    id: int
    dealer_id: int
    dealer_code: str
    dealer_zh: str
    dealer_en: str
    number: str
    status: str
    holds: list[str]
    purchase_order_no: str
    channel: str
    tier: str
    warehouse_id: int
    warehouse_code: str
    warehouse_zh: str
    warehouse_en: str
    backorder: bool
    replaces: str
    replaced_by: str | None
    ship_to: dict[str, Any]
    requested_date: date | None
    currency: str
    total: Decimal
    tax: Decimal
    placed_at: datetime
    placed_by: str
    placed_by_label: str
    released_at: datetime | None
    cancelled_at: datetime | None
    cancel_reason: str | None
    received_at: datetime | None
    hospital: str
    verdict: list[dict[str, Any]]
    lines: tuple[LineDetail, ...]

    @property
    def held_by(self) -> tuple[Fault, ...]:
        """The faults that held it when it was last judged."""
        return recalled(self.verdict).held

    @property
    def told_of_holds(self) -> tuple[Fault, ...]:
        """What of these its dealer is told: the words of an employee are for headquarters."""
        return recalled(self.verdict).told_of_holds

    @property
    def warnings(self) -> tuple[Fault, ...]:
        """What was told of it then."""
        return recalled(self.verdict).warnings

    @property
    def open_amount(self) -> Decimal:
        """What of it is neither shipped nor cancelled: its share of the dealer's exposure."""
        return sum(
            (
                share_between(line.amount, line.quantity, line.shipped, line.quantity - line.cancelled)
                for line in self.lines
            ),
            ZERO,
        )


def orders(
    session: Session,
    *,
    status: str = "",
    q: str = "",
    limit: int = 50,
    cursor: str | None = None,
    dealer_id: int | None = None,
    sort: str = "",
) -> Page[OrderSummary]:
    """Orders in scope, newest first unless `sort` says otherwise (``number``, ``-placed_at``).

    `q` is part of an order number or of the dealer's own purchase-order number, or the code of a product
    that was ordered, scanned or typed.
    """
    order_by = paging.sort_of(sort, list(OrderSort), LATEST_FIRST)
    key = OrderSort(order_by.key)
    parameters = {"limit": limit + 1, **_sought(status, q, dealer_id)}
    cursors = paging.cursors(session, f"orders {order_by}", _SORTED_BY[key].read, int)
    place = cursors.place_of(cursor)
    if place:
        parameters["from_key"], parameters["from_id"] = place.key
    back = None if place is None else place.back
    flags = (bool(status), bool(q), parameters["gtin"] is not None)
    statement = _list(*flags, back, dealer_id is not None, key, order_by.descending)
    rows = [OrderSummary(**row._mapping) for row in session.execute(statement, parameters)]
    return cursors.page_of(rows, limit, lambda order: (getattr(order, key), order.id), place)


def count_orders(session: Session, *, status: str = "", q: str = "", dealer_id: int) -> int:
    """How many orders of a dealer `orders` gives, at most one more than `paging.COUNTED_MAX`."""
    parameters = {"most": paging.COUNTED_MAX + 1, **_sought(status, q, dealer_id)}
    count: int = session.execute(
        _count(bool(status), bool(q), parameters["gtin"] is not None), parameters
    ).scalar_one()
    return count


def _sought(status: str, q: str, dealer_id: int | None) -> dict[str, Any]:
    return {"status": status, "code": containing_code(q), "gtin": product_in(q), "dealer_id": dealer_id}


def order(session: Session, number: str) -> OrderDetail:
    """One order with its lines: two statements. Raises NotFound outside the session's scope."""
    head = session.execute(_HEAD, {"number": number}).one_or_none()
    if head is None:
        raise NotFound()
    lines = session.execute(_LINES, {"dealer_id": head.dealer_id, "order_id": head.id})
    return OrderDetail(**head._mapping, lines=tuple(LineDetail(**line._mapping) for line in lines))


def counts_by_status(session: Session, dealer_id: int) -> dict[str, int]:
    """Number of a dealer's orders by status, at most `COUNTED_MAX` + 1 of each."""
    parameters = {"dealer_id": dealer_id, "statuses": list(STATUSES), "most": COUNTED_MAX + 1}
    return {row.status: row.orders for row in session.execute(_COUNTS, parameters)}


_HAS_PRODUCT = """EXISTS (SELECT FROM order_line l JOIN product p ON p.id = l.product_id
                          WHERE l.dealer_id = o.dealer_id AND l.order_id = o.id AND p.udi_di = :gtin)"""


def _where(with_status: bool, with_q: bool, with_product: bool, with_dealer: bool, *more: str) -> str:
    conditions = ["true", *filter(None, more)]
    if with_dealer:
        conditions.append("o.dealer_id = :dealer_id")
    if with_status:
        conditions.append("o.status = :status")
    if with_q:
        of_product = f" OR {_HAS_PRODUCT}" if with_product else ""
        numbered = f"{number_key('o.number')} LIKE :code OR o.purchase_order_key LIKE :code"
        conditions.append(f"({numbered}{of_product})")
    return " AND ".join(conditions)


@cache
def _count(with_status: bool, with_q: bool, with_product: bool) -> TextClause:
    where = _where(with_status, with_q, with_product, True)
    return text(f"SELECT count(*) FROM (SELECT FROM sales_order o WHERE {where} LIMIT :most) met")


@cache
def _list(
    with_status: bool,
    with_q: bool,
    with_product: bool,
    back: bool | None,
    with_dealer: bool,
    key: OrderSort,
    descending: bool,
) -> TextClause:
    after, order = paging.keyset(_SORTED_BY[key].sql, "o.id", descending=descending, back=back)
    return text(
        f"""
        SELECT o.id, o.number, o.status, o.holds, o.purchase_order_no, o.placed_at, o.total,
               (SELECT count(*) FROM order_line l
                 WHERE l.dealer_id = o.dealer_id AND l.order_id = o.id) AS line_count,
               d.id AS dealer_id, d.code AS dealer_code, d.name_zh AS dealer_zh, d.name_en AS dealer_en
          FROM sales_order o JOIN dealer d ON d.id = o.dealer_id
         WHERE {_where(with_status, with_q, with_product, with_dealer, after)}
         ORDER BY {order} LIMIT :limit
        """
    )


_HEAD = text(
    """
    SELECT o.id, o.dealer_id, o.names #>> '{dealer,code}' AS dealer_code,
           o.names #>> '{dealer,zh}' AS dealer_zh, o.names #>> '{dealer,en}' AS dealer_en, o.number, o.status,
           o.holds, o.purchase_order_no, o.channel, o.tier, o.warehouse_id,
           o.names #>> '{warehouse,code}' AS warehouse_code, o.names #>> '{warehouse,zh}' AS warehouse_zh,
           o.names #>> '{warehouse,en}' AS warehouse_en, o.backorder, o.replaces,
           (SELECT n.number FROM sales_order n WHERE n.dealer_id = o.dealer_id AND n.replaces = o.number
               AND n.replaces <> '')
             AS replaced_by, o.ship_to, o.requested_date,
           o.currency, o.total, o.tax, o.placed_at, o.placed_by, o.placed_by_label, o.released_at,
           o.cancelled_at, o.cancel_reason, o.received_at, o.hospital, o.verdict
      FROM sales_order o
     WHERE o.number = :number
    """
)

_LINES = text(
    """
    SELECT l.line_no, l.product_id, l.sku, l.name_zh, l.name_en, l.specification, l.unit, l.quantity,
           l.reserved, l.shipped, l.cancelled, l.returned, l.promised_on,
           coalesce((SELECT jsonb_agg(jsonb_build_object('warehouse', w.code, 'zh', w.name_zh,
                                                         'en', w.name_en, 'quantity', x.reserved)
                                      ORDER BY w.code)
                       FROM order_line_source x JOIN warehouse w ON w.id = x.warehouse_id
                      WHERE (x.dealer_id, x.order_id, x.line_no) = (l.dealer_id, l.order_id, l.line_no)
                        AND x.reserved > 0), '[]') AS elsewhere, l.list_price, l.unit_price,
           l.tax_rate, l.discount, l.gift, l.amount, l.tax, l.receipt
      FROM order_line l
     WHERE l.dealer_id = :dealer_id AND l.order_id = :order_id ORDER BY l.line_no
    """
)

_COUNTS = text(
    """
    SELECT s.status,
           (SELECT count(*) FROM (SELECT FROM sales_order o
                                   WHERE o.dealer_id = :dealer_id AND o.status = s.status
                                   ORDER BY o.placed_at, o.id LIMIT :most) met) AS orders
      FROM unnest(CAST(:statuses AS text[])) AS s(status)
    """
)

_HAS_ORDERED = text(
    "SELECT EXISTS (SELECT FROM sales_order WHERE dealer_id = :dealer_id AND status <> 'cancelled')"
)


def has_ordered(session: Session, dealer_id: int) -> bool:
    """Whether a dealer has an order that was not cancelled."""
    return bool(session.execute(_HAS_ORDERED, {"dealer_id": dealer_id}).scalar_one())
