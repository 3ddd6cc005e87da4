"""Goods receipts: as a list, and one with its lines."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import text
from sqlalchemy.orm import Session

from portal.kernel.actor import Actor
from portal.kernel.document_list import DocumentList
from portal.kernel.errors import NotFound
from portal.kernel.paging import Page
from portal.kernel.search_pattern import number_key
from portal.receiving.suppliers import MAY_SEE


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
    return RECEIPTS.page(
        session, {"state": state, "warehouse": warehouse, "q": q}, limit=limit, cursor=cursor, sort=sort
    )


def count_receipts(
    session: Session, *, actor: Actor, state: str = "", warehouse: str = "", q: str = ""
) -> int:
    """How many receipts `receipts` gives, at most one more than `paging.COUNTED_MAX`."""
    actor.require(*MAY_SEE)
    return RECEIPTS.count(session, {"state": state, "warehouse": warehouse, "q": q})


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


RECEIPTS = DocumentList(
    "receipts",
    "g",
    "received_at",
    ReceiptRow,
    columns="""
    g.id, g.number, g.state, w.code AS warehouse, w.name_zh AS warehouse_zh, w.name_en AS warehouse_en,
    g.reference, coalesce(s.name, '') AS supplier, coalesce(o.number, '') AS purchase_order, l.units,
    l.inspecting, l.refused, g.received_at, g.received_by_label
    """,
    tables="""
      FROM goods_receipt g
      JOIN warehouse w ON w.id = g.warehouse_id
      LEFT JOIN supplier s ON s.id = g.supplier_id
      LEFT JOIN purchase_order o ON o.id = g.purchase_order_id
    """,
    each="""
     CROSS JOIN LATERAL (SELECT sum(quantity)::int AS units, sum(inspecting)::int AS inspecting,
                                sum(refused)::int AS refused
                           FROM goods_receipt_line WHERE receipt_id = g.id) l
    """,
    conditions={
        "state": "g.state = :state",
        "warehouse": "w.code = :warehouse",
        "code": f"({number_key('g.number')} LIKE :code OR code_key(g.reference) LIKE :code"
        " OR code_key(o.number) LIKE :code OR code_key(s.name) LIKE :code)",
    },
)
LATEST_FIRST = RECEIPTS.latest_first
_ONE = text(
    f"SELECT {RECEIPTS.columns}, g.received_by, g.supply_request_no {RECEIPTS.tables} {RECEIPTS.each}"
    " WHERE g.number = :number"
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
