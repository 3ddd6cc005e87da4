"""Goods receipts: as a list, and one with its lines."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from functools import cache
from typing import Any

from sqlalchemy import TextClause, text
from sqlalchemy.orm import Session

from portal.kernel import paging
from portal.kernel.actor import Actor
from portal.kernel.errors import NotFound
from portal.kernel.paging import Page, Sort, SortKey
from portal.kernel.search_pattern import containing_code, number_key
from portal.receiving.suppliers import MAY_SEE


class ReceiptSort(StrEnum):
    """What receipts are sorted by."""

    RECEIVED_AT = "received_at"


SORTED_BY = {
    ReceiptSort.RECEIVED_AT: SortKey("g.received_at", paging.moment, "ix_goods_receipt_received_at"),
}
LATEST_FIRST = Sort(ReceiptSort.RECEIVED_AT, descending=True)


@dataclass(frozen=True, slots=True)
class ReceiptRow:
    """A receipt as a row: its units, and those that still wait for inspection."""

    id: int
    number: str
    state: str
    warehouse: str
    warehouse_zh: str
    warehouse_en: str
    reference: str
    supplier: str
    purchase_order: str
    units: int
    inspecting: int
    refused: int
    received_at: datetime
    received_by_label: str


@dataclass(frozen=True, slots=True)
class ReceiptLine:
    """A line of a receipt. ordered and came: of its purchase order, None without one."""

    line_no: int
    sku: str
    name_zh: str
    name_en: str
    unit: str
    device_class: int
    lot: str
    produced_on: date | None
    expires_on: date | None
    quantity: int
    inspecting: int
    accepted: int
    refused: int
    serials: Sequence[str]
    location: str
    ordered: int | None
    came: int | None


@dataclass(frozen=True, slots=True)
class ReceiptDetail:
    """A receipt with its lines."""

    receipt: ReceiptRow
    received_by: str
    supply_request: str
    lines: Sequence[ReceiptLine]


def receipts(
    session: Session,
    *,
    actor: Actor,
    state: str = "",
    warehouse: str = "",
    q: str = "",
    limit: int = 50,
    cursor: str | None = None,
    sort: str = "",
) -> Page[ReceiptRow]:
    """Receipts, the latest first. q: part of a number, a reference, a purchase order or a supplier's name."""
    actor.require(*MAY_SEE)
    order_by = paging.sort_of(sort, list(ReceiptSort), LATEST_FIRST)
    parameters: dict[str, Any] = {"limit": limit + 1, **_sought(state, warehouse, q)}
    cursors = paging.cursors(session, f"receipts {order_by}", paging.moment, int)
    place = cursors.place_of(cursor)
    if place:
        parameters["from_key"], parameters["from_id"] = place.key
    back = None if place is None else place.back
    statement = _list(bool(state), bool(warehouse), bool(q.strip()), back, order_by.descending)
    rows = [ReceiptRow(**row._mapping) for row in session.execute(statement, parameters)]
    return cursors.page_of(rows, limit, lambda one: (one.received_at, one.id), place)


def count_receipts(
    session: Session, *, actor: Actor, state: str = "", warehouse: str = "", q: str = ""
) -> int:
    """How many receipts `receipts` gives, at most one more than `paging.COUNTED_MAX`."""
    actor.require(*MAY_SEE)
    parameters = {"limit": paging.COUNTED_MAX + 1, **_sought(state, warehouse, q)}
    count: int = session.execute(
        _count(bool(state), bool(warehouse), bool(q.strip())), parameters
    ).scalar_one()
    return count


def receipt(session: Session, *, actor: Actor, number: str) -> ReceiptDetail:
    """A receipt with its lines. Raises NotFound."""
    actor.require(*MAY_SEE)
    row = session.execute(_ONE, {"number": number}).one_or_none()
    if row is None:
        raise NotFound()
    facts = dict(row._mapping)
    received_by, supply_request = facts.pop("received_by"), facts.pop("supply_request_no")
    lines = [ReceiptLine(**line._mapping) for line in session.execute(_LINES, {"receipt_id": row.id})]
    return ReceiptDetail(ReceiptRow(**facts), received_by, supply_request, lines)


def _sought(state: str, warehouse: str, q: str) -> dict[str, Any]:
    return {"state": state, "warehouse": warehouse, "code": containing_code(q.strip())}


_ROW = """
       g.id, g.number, g.state, w.code AS warehouse, w.name_zh AS warehouse_zh, w.name_en AS warehouse_en,
       g.reference, coalesce(s.name, '') AS supplier, coalesce(o.number, '') AS purchase_order, l.units,
       l.inspecting, l.refused, g.received_at, g.received_by_label
"""
_JOINS = """
  JOIN warehouse w ON w.id = g.warehouse_id
  LEFT JOIN supplier s ON s.id = g.supplier_id
  LEFT JOIN purchase_order o ON o.id = g.purchase_order_id
"""
_UNITS = """
 CROSS JOIN LATERAL (SELECT sum(quantity)::int AS units, sum(inspecting)::int AS inspecting,
                            sum(refused)::int AS refused
                       FROM goods_receipt_line WHERE receipt_id = g.id) l
"""
_ONE = text(
    f"SELECT {_ROW}, g.received_by, g.supply_request_no"
    f" FROM goods_receipt g {_JOINS} {_UNITS} WHERE g.number = :number"
)
_LINES = text(
    """
    SELECT l.line_no, p.sku, p.name_zh, p.name_en, p.unit, p.device_class, t.lot_no AS lot, t.produced_on,
           t.expires_on, l.quantity, l.inspecting, l.accepted, l.refused, l.serials,
           coalesce(k.location, '') AS location, n.quantity AS ordered, n.received AS came
      FROM goods_receipt_line l
      JOIN goods_receipt g ON g.id = l.receipt_id
      JOIN product p ON p.id = l.product_id
      JOIN lot t ON t.id = l.lot_id
      LEFT JOIN lot_stock k ON (k.warehouse_id, k.lot_id) = (g.warehouse_id, l.lot_id)
      LEFT JOIN purchase_order_line n
        ON (n.purchase_order_id, n.product_id) = (g.purchase_order_id, l.product_id)
     WHERE l.receipt_id = :receipt_id ORDER BY l.line_no
    """
)


def _where(with_state: bool, with_warehouse: bool, with_q: bool) -> str:
    conditions = ["true"]
    if with_state:
        conditions.append("g.state = :state")
    if with_warehouse:
        conditions.append("w.code = :warehouse")
    if with_q:
        conditions.append(
            f"({number_key('g.number')} LIKE :code OR code_key(g.reference) LIKE :code"
            " OR code_key(o.number) LIKE :code OR code_key(s.name) LIKE :code)"
        )
    return " AND ".join(conditions)


@cache
def _list(
    with_state: bool, with_warehouse: bool, with_q: bool, back: bool | None, descending: bool
) -> TextClause:
    key = SORTED_BY[ReceiptSort.RECEIVED_AT].sql
    after, order = paging.keyset(key, "g.id", descending=descending, back=back)
    where = _where(with_state, with_warehouse, with_q)
    return text(
        f"""
        SELECT {_ROW} FROM goods_receipt g {_JOINS} {_UNITS}
         WHERE {where} {f"AND {after}" if after else ""}
         ORDER BY {order} LIMIT :limit
        """
    )


@cache
def _count(with_state: bool, with_warehouse: bool, with_q: bool) -> TextClause:
    where = _where(with_state, with_warehouse, with_q)
    return text(f"SELECT count(*) FROM (SELECT FROM goods_receipt g {_JOINS} WHERE {where} LIMIT :limit) met")
