"""Purchase orders: as a list, and one with what was ordered beside what has come."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from typing import Any

from sqlalchemy import TextClause, text
from sqlalchemy.orm import Session

from portal.kernel import paging
from portal.kernel.actor import Actor
from portal.kernel.errors import NotFound
from portal.kernel.paging import Page
from portal.kernel.search_pattern import containing_code
from portal.receiving.suppliers import MAY_SEE


@dataclass(frozen=True, slots=True)
class PurchaseRow:
    """A purchase order as a row: units ordered and received."""

    id: int
    number: str
    state: str
    supplier_code: str
    supplier: str
    warehouse: str
    warehouse_zh: str
    warehouse_en: str
    expected_on: date
    ordered: int
    received: int
    changed_at: datetime


@dataclass(frozen=True, slots=True)
class PurchaseLine:
    """A product of a purchase order."""

    sku: str
    name_zh: str
    name_en: str
    unit: str
    quantity: int
    received: int


@dataclass(frozen=True, slots=True)
class PurchaseDetail:
    """A purchase order with its lines and the numbers of its receipts, the earliest first."""

    order: PurchaseRow
    lines: Sequence[PurchaseLine]
    receipts: Sequence[str]


def purchases(
    session: Session,
    *,
    actor: Actor,
    state: str = "",
    q: str = "",
    limit: int = 50,
    cursor: str | None = None,
) -> Page[PurchaseRow]:
    """Purchase orders, what is expected first first. q: part of a number or of a supplier's name."""
    actor.require(*MAY_SEE)
    parameters: dict[str, Any] = {"limit": limit + 1, "state": state, "code": containing_code(q.strip())}
    cursors = paging.cursors(session, "purchases", date.fromisoformat, int)
    place = cursors.place_of(cursor)
    if place:
        parameters["from_key"], parameters["from_id"] = place.key
    back = None if place is None else place.back
    statement = _list(bool(state), bool(q.strip()), back)
    rows = [PurchaseRow(**row._mapping) for row in session.execute(statement, parameters)]
    return cursors.page_of(rows, limit, lambda one: (one.expected_on.isoformat(), one.id), place)


def purchase(session: Session, *, actor: Actor, number: str) -> PurchaseDetail:
    """A purchase order by the ERP's number. Raises NotFound."""
    actor.require(*MAY_SEE)
    row = session.execute(_ONE, {"number": number}).one_or_none()
    if row is None:
        raise NotFound()
    about = {"order_id": row.id}
    lines = [PurchaseLine(**line._mapping) for line in session.execute(_LINES, about)]
    return PurchaseDetail(
        PurchaseRow(**row._mapping), lines, session.execute(_RECEIPTS, about).scalars().all()
    )


_FROM = """
SELECT o.id, o.number, o.state, s.code AS supplier_code, s.name AS supplier, w.code AS warehouse,
       w.name_zh AS warehouse_zh, w.name_en AS warehouse_en, o.expected_on, l.ordered, l.received,
       o.changed_at
  FROM purchase_order o
  JOIN supplier s ON s.id = o.supplier_id
  JOIN warehouse w ON w.id = o.warehouse_id
 CROSS JOIN LATERAL (SELECT coalesce(sum(quantity), 0)::int AS ordered,
                            coalesce(sum(received), 0)::int AS received
                       FROM purchase_order_line WHERE purchase_order_id = o.id) l
"""
_ONE = text(f"{_FROM} WHERE o.number = :number")
_LINES = text(
    """
    SELECT p.sku, p.name_zh, p.name_en, p.unit, l.quantity, l.received
      FROM purchase_order_line l JOIN product p ON p.id = l.product_id
     WHERE l.purchase_order_id = :order_id ORDER BY p.sku
    """
)
_RECEIPTS = text(
    "SELECT number FROM goods_receipt WHERE purchase_order_id = :order_id ORDER BY received_at, id"
)


@cache
def _list(with_state: bool, with_q: bool, back: bool | None) -> TextClause:
    after, order = paging.keyset("o.expected_on", "o.id", descending=False, back=back)
    conditions = [after or "true"]
    if with_state:
        conditions.append("o.state = :state")
    if with_q:
        conditions.append("(code_key(o.number) LIKE :code OR code_key(s.name) LIKE :code)")
    return text(f"{_FROM} WHERE {' AND '.join(conditions)} ORDER BY {order} LIMIT :limit")
