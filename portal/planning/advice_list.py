"""The advice as a list, and one level's with the other warehouses of the product."""

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
from portal.kernel.actor import Actor
from portal.kernel.errors import NotFound
from portal.kernel.paging import Page, Sort, SortKey
from portal.kernel.search_pattern import containing, containing_code
from portal.orders.vocabulary import OrderRight
from portal.planning.advice_rules import COVERED_LONGEST
from portal.stock.rules import too_near


class Show(StrEnum):
    """Which levels are listed."""

    PROPOSED = ""
    SURPLUS = "surplus"
    ASKED = "asked"
    ALL = "all"


class AdviceSort(StrEnum):
    """What the advice is sorted by."""

    COVER_DAYS = "cover_days"
    QUANTITY = "quantity"


_SORTED_BY = {
    AdviceSort.COVER_DAYS: SortKey(
        f"coalesce(a.cover_days, {COVERED_LONGEST})", int, "ix_replenishment_advice_cover"
    ),
    AdviceSort.QUANTITY: SortKey("a.quantity", int, "ix_replenishment_advice_quantity"),
}
SHORTEST_FIRST = Sort(AdviceSort.COVER_DAYS)


@dataclass(frozen=True, slots=True)
class Advice:
    """What a warehouse is advised to have of a product, in units; why: `weeks`, `weekly`, the terms.

    coming: on the way, ordered or in inspection. weekly: expected of a week. cover_days: None where nothing
    is asked for.
    """

    id: int
    warehouse: str
    warehouse_zh: str
    warehouse_en: str
    sku: str
    name_zh: str
    name_en: str
    unit: str
    pack_multiple: int
    advised_on: date
    advised_at: datetime
    method: str
    weeks: list[int]
    weekly: Decimal
    spread: Decimal
    trend: Decimal
    lead_days: int
    review_days: int
    service_level: Decimal
    on_hand: int
    reserved: int
    free: int
    coming: int
    waiting: int
    safety_stock: int
    reorder_point: int
    order_up_to: int
    quantity: int
    surplus: int
    cover_days: int | None

    @property
    def a_week(self) -> Decimal:
        """What a week asks for, to a tenth of a unit."""
        return round(self.weekly, 1)


@dataclass(frozen=True, slots=True)
class SoughtAdvice:
    """Which advice. warehouse: its code. q: part of a name or SKU."""

    warehouse: str = ""
    q: str = ""
    show: Show = Show.PROPOSED


@dataclass(frozen=True, slots=True)
class LotToMove:
    """Units of a lot that another warehouse can spare."""

    lot_no: str
    units: int


def advice(
    session: Session,
    *,
    actor: Actor,
    sought: SoughtAdvice,
    limit: int = 50,
    cursor: str | None = None,
    sort: str = "",
) -> Page[Advice]:
    """Levels with their advice, those that run out first. Raises Forbidden."""
    actor.require(OrderRight.DESK)
    order_by = paging.sort_of(sort, list(AdviceSort), SHORTEST_FIRST)
    key = AdviceSort(order_by.key)
    parameters = {"limit": limit + 1, **_parameters(sought)}
    cursors = paging.cursors(session, f"advice {order_by}", int, int)
    place = cursors.place_of(cursor)
    if place:
        parameters["from_key"], parameters["from_id"] = place.key
    back = None if place is None else place.back
    statement = _list(bool(sought.warehouse), bool(sought.q), sought.show, key, back, order_by.descending)
    rows = [Advice(**row._mapping) for row in session.execute(statement, parameters)]
    return cursors.page_of(rows, limit, lambda one: (_sort_value(one, key), one.id), place)


def count_advice(session: Session, *, actor: Actor, sought: SoughtAdvice) -> int:
    """How many levels `advice` gives, at most one more than `paging.COUNTED_MAX`."""
    actor.require(OrderRight.DESK)
    parameters = {"limit": paging.COUNTED_MAX + 1, **_parameters(sought)}
    statement = _count(bool(sought.warehouse), bool(sought.q), sought.show)
    count: int = session.execute(statement, parameters).scalar_one()
    return count


def advice_on(session: Session, *, actor: Actor, sku: str) -> list[Advice]:
    """The advice on a product in every warehouse, by their codes. Raises Forbidden."""
    actor.require(OrderRight.DESK)
    return [Advice(**row._mapping) for row in session.execute(_ON, {"sku": sku})]


def lots_to_spare(
    session: Session, *, actor: Actor, warehouse: str, sku: str, units: int, today: date, margin_days: int = 1
) -> list[LotToMove]:
    """Lots of a warehouse that make up `units`, as far as it has them free: the first to expire first.

    Raises Forbidden, NotFound where the warehouse has no advice on the product.
    """
    actor.require(OrderRight.DESK)
    about = {"warehouse": warehouse, "sku": sku, "too_near": too_near(today, margin_days)}
    rows = session.execute(_LOTS, about).all()
    if not rows:
        raise NotFound()
    chosen, left = [], min(units, rows[0].free)
    for row in rows:
        if taken := min(left, row.units or 0):
            chosen.append(LotToMove(row.lot_no, taken))
            left -= taken
    return chosen


def _sort_value(one: Advice, key: AdviceSort) -> int:
    if key is AdviceSort.QUANTITY:
        return one.quantity
    return COVERED_LONGEST if one.cover_days is None else one.cover_days


def _parameters(sought: SoughtAdvice) -> dict[str, Any]:
    return {
        "warehouse": sought.warehouse,
        "name": containing(sought.q),
        "code": containing_code(sought.q),
    }


_SHOWN = {
    Show.PROPOSED: "a.quantity > 0",
    Show.SURPLUS: "a.surplus > 0",
    Show.ASKED: "a.method <> 'none'",
    Show.ALL: "true",
}
_COLUMNS = """
    a.id, w.code AS warehouse, w.name_zh AS warehouse_zh, w.name_en AS warehouse_en, p.sku, p.name_zh,
    p.name_en, p.unit, p.pack_multiple, a.advised_on, a.advised_at, a.method, a.weeks, a.weekly, a.spread,
    a.trend, a.lead_days, a.review_days, a.service_level, a.on_hand, a.reserved, a.free, a.coming, a.waiting,
    a.safety_stock, a.reorder_point, a.order_up_to, a.quantity, a.surplus, a.cover_days
"""
_TABLES = """
      FROM replenishment_advice a
      JOIN warehouse w ON w.id = a.warehouse_id
      JOIN product p ON p.id = a.product_id
"""


def _where(with_warehouse: bool, with_q: bool, show: Show) -> list[str]:
    conditions = [_SHOWN[show]]
    if with_warehouse:
        conditions.append("w.code = :warehouse")
    if with_q:
        conditions.append("(p.sku_key LIKE :code OR p.search_key LIKE :name)")
    return conditions


@cache
def _list(
    with_warehouse: bool, with_q: bool, show: Show, sort: AdviceSort, back: bool | None, descending: bool
) -> TextClause:
    after, order = paging.keyset(_SORTED_BY[sort].sql, "a.id", descending=descending, back=back)
    conditions = [*_where(with_warehouse, with_q, show), *([after] if after else [])]
    return text(f"SELECT {_COLUMNS} {_TABLES} WHERE {' AND '.join(conditions)} ORDER BY {order} LIMIT :limit")


@cache
def _count(with_warehouse: bool, with_q: bool, show: Show) -> TextClause:
    where = " AND ".join(_where(with_warehouse, with_q, show))
    return text(f"SELECT count(*) FROM (SELECT {_TABLES} WHERE {where} LIMIT :limit) met")


_ON = text(f"SELECT {_COLUMNS} {_TABLES} WHERE p.sku = :sku ORDER BY w.code")
_LOTS = text(
    """
    SELECT greatest(least(s.on_hand - s.reserved, a.surplus), 0)::int AS free, l.lot_no,
           k.on_hand - k.allocated AS units
      FROM replenishment_advice a
      JOIN warehouse w ON w.id = a.warehouse_id AND w.code = :warehouse
      JOIN product p ON p.id = a.product_id AND p.sku = :sku
      JOIN stock_level s ON s.warehouse_id = a.warehouse_id AND s.product_id = a.product_id
      LEFT JOIN lot_stock k ON k.warehouse_id = a.warehouse_id AND k.product_id = a.product_id
       AND k.state = 'saleable' AND k.on_hand > k.allocated
       AND (k.expires_on IS NULL OR k.expires_on > :too_near)
      LEFT JOIN lot l ON l.id = k.lot_id
     ORDER BY k.expires_on NULLS LAST, l.id
    """
)
