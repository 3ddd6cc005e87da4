"""Requests for goods as a list."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from functools import cache
from typing import Any

from sqlalchemy import TextClause, text
from sqlalchemy.orm import Session

from portal.kernel import paging
from portal.kernel.actor import Actor
from portal.kernel.paging import Page, Sort, SortKey
from portal.kernel.search_pattern import containing_code, number_key
from portal.orders.vocabulary import OrderRight


class SupplySort(StrEnum):
    """What requests are sorted by."""

    REQUESTED_AT = "requested_at"


SORTED_BY = {
    SupplySort.REQUESTED_AT: SortKey("q.requested_at", paging.moment, "ix_supply_request_requested_at"),
}
LATEST_FIRST = Sort(SupplySort.REQUESTED_AT, descending=True)


@dataclass(frozen=True, slots=True)
class RequestRow:
    """A request with what it is about. units_waiting: what orders wait for at its level now."""

    id: int
    number: str
    state: str
    warehouse: str
    warehouse_zh: str
    warehouse_en: str
    sku: str
    name_zh: str
    name_en: str
    unit: str
    requested: int
    quantity: int
    units_waiting: int
    expected_on: date | None
    reference: str
    requested_at: datetime
    changed_at: datetime


def supply_requests(
    session: Session,
    *,
    actor: Actor,
    state: str = "",
    warehouse: str = "",
    q: str = "",
    limit: int = 50,
    cursor: str | None = None,
    sort: str = "",
) -> Page[RequestRow]:
    """Requests, the latest first. q: part of a number, of the ERP's reference or of a SKU."""
    actor.require(OrderRight.DESK)
    order_by = paging.sort_of(sort, list(SupplySort), LATEST_FIRST)
    parameters: dict[str, Any] = {"limit": limit + 1, **_sought(state, warehouse, q)}
    cursors = paging.cursors(session, f"supply {order_by}", paging.moment, int)
    place = cursors.place_of(cursor)
    if place:
        parameters["from_key"], parameters["from_id"] = place.key
    back = None if place is None else place.back
    statement = _list(bool(state), bool(warehouse), bool(q.strip()), back, order_by.descending)
    rows = [RequestRow(**row._mapping) for row in session.execute(statement, parameters)]
    return cursors.page_of(rows, limit, lambda one: (one.requested_at, one.id), place)


def count_supply_requests(
    session: Session, *, actor: Actor, state: str = "", warehouse: str = "", q: str = ""
) -> int:
    """How many requests `supply_requests` gives, at most one more than `paging.COUNTED_MAX`."""
    actor.require(OrderRight.DESK)
    parameters = {"limit": paging.COUNTED_MAX + 1, **_sought(state, warehouse, q)}
    count: int = session.execute(
        _count(bool(state), bool(warehouse), bool(q.strip())), parameters
    ).scalar_one()
    return count


def _sought(state: str, warehouse: str, q: str) -> dict[str, Any]:
    return {"state": state, "warehouse": warehouse, "code": containing_code(q.strip())}


def _from(with_state: bool, with_warehouse: bool, with_q: bool) -> str:
    conditions = ["true"]
    if with_state:
        conditions.append("q.state = :state")
    if with_warehouse:
        conditions.append("w.code = :warehouse")
    if with_q:
        conditions.append(
            f"({number_key('q.number')} LIKE :code OR code_key(q.reference) LIKE :code"
            " OR code_key(p.sku) LIKE :code)"
        )
    return f"""
          FROM supply_request q
          JOIN warehouse w ON w.id = q.warehouse_id
          JOIN product p ON p.id = q.product_id
         WHERE {" AND ".join(conditions)}"""


@cache
def _list(
    with_state: bool, with_warehouse: bool, with_q: bool, back: bool | None, descending: bool
) -> TextClause:
    key = SORTED_BY[SupplySort.REQUESTED_AT].sql
    after, order = paging.keyset(key, "q.id", descending=descending, back=back)
    return text(
        f"""
        SELECT q.id, q.number, q.state, w.code AS warehouse, w.name_zh AS warehouse_zh,
               w.name_en AS warehouse_en, p.sku, p.name_zh, p.name_en, p.unit, q.requested, q.quantity,
               coalesce((SELECT s.backordered FROM stock_level s
                          WHERE s.warehouse_id = q.warehouse_id AND s.product_id = q.product_id), 0)
                 AS units_waiting,
               q.expected_on, q.reference, q.requested_at, q.changed_at
        {_from(with_state, with_warehouse, with_q)} {f"AND {after}" if after else ""}
         ORDER BY {order} LIMIT :limit
        """
    )


@cache
def _count(with_state: bool, with_warehouse: bool, with_q: bool) -> TextClause:
    found = _from(with_state, with_warehouse, with_q)
    return text(f"SELECT count(*) FROM (SELECT {found} LIMIT :limit) met")
