"""Requests for goods as a list."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy.orm import Session

from portal.kernel.actor import Actor
from portal.kernel.document_list import DocumentList
from portal.kernel.paging import Page
from portal.kernel.search_pattern import number_key
from portal.orders.vocabulary import OrderRight


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
    return SUPPLY_REQUESTS.page(
        session, {"state": state, "warehouse": warehouse, "q": q}, limit=limit, cursor=cursor, sort=sort
    )


def count_supply_requests(
    session: Session, *, actor: Actor, state: str = "", warehouse: str = "", q: str = ""
) -> int:
    """How many requests `supply_requests` gives, at most one more than `paging.COUNTED_MAX`."""
    actor.require(OrderRight.DESK)
    return SUPPLY_REQUESTS.count(session, {"state": state, "warehouse": warehouse, "q": q})


SUPPLY_REQUESTS = DocumentList(
    "supply",
    "q",
    "requested_at",
    RequestRow,
    columns="""
    q.id, q.number, q.state, w.code AS warehouse, w.name_zh AS warehouse_zh, w.name_en AS warehouse_en, p.sku,
    p.name_zh, p.name_en, p.unit, q.requested, q.quantity,
    coalesce((SELECT s.backordered FROM stock_level s
               WHERE s.warehouse_id = q.warehouse_id AND s.product_id = q.product_id), 0) AS units_waiting,
    q.expected_on, q.reference, q.requested_at, q.changed_at
    """,
    tables="""
      FROM supply_request q
      JOIN warehouse w ON w.id = q.warehouse_id
      JOIN product p ON p.id = q.product_id
    """,
    conditions={
        "state": "q.state = :state",
        "warehouse": "w.code = :warehouse",
        "code": f"({number_key('q.number')} LIKE :code OR code_key(q.reference) LIKE :code"
        " OR code_key(p.sku) LIKE :code)",
    },
)
LATEST_FIRST = SUPPLY_REQUESTS.latest_first
