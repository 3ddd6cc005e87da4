"""Cases about deliveries as a list and one by one, for a dealer and for headquarters.

Scope comes from the session.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import text
from sqlalchemy.orm import Session

from portal.kernel.document_list import DocumentList
from portal.kernel.errors import NotFound
from portal.kernel.paging import Page
from portal.kernel.search_pattern import number_key


@dataclass(frozen=True, slots=True)
class CaseRow:
    """A case in a list."""

    id: int
    number: str
    kind: str
    state: str
    outcome: str | None
    shipment: str
    order: str
    dealer_code: str
    dealer_zh: str
    dealer_en: str
    units: int
    opened_at: datetime
    decided_at: datetime | None


@dataclass(frozen=True, slots=True)
class CaseLine:
    """Units of a lot that a case is about. came_lot: what came in its place, or empty."""

    sku: str
    name_zh: str
    name_en: str
    specification: str
    unit: str
    lot_no: str
    came_lot: str
    quantity: int


@dataclass(frozen=True, slots=True)
class Case:
    """One case with what was decided about it."""

    id: int
    dealer_id: int
    shipment_id: int
    number: str
    kind: str
    state: str
    outcome: str | None
    reason: str
    shipment: str
    order: str
    dealer_code: str
    dealer_zh: str
    dealer_en: str
    opened_at: datetime
    reviewed_at: datetime | None
    reviewed_by_label: str | None
    decided_at: datetime | None
    decided_by_label: str | None
    lines: tuple[CaseLine, ...]


def cases(
    session: Session,
    *,
    state: str = "",
    kind: str = "",
    q: str = "",
    limit: int = 50,
    cursor: str | None = None,
    sort: str = "",
) -> Page[CaseRow]:
    """Cases in scope, the latest first. q: part of the number of a case, a shipment or an order."""
    return CASES.page(session, {"state": state, "kind": kind, "q": q}, limit=limit, cursor=cursor, sort=sort)


def count_cases(session: Session, *, state: str = "", kind: str = "", q: str = "") -> int:
    """How many cases `cases` gives, at most one more than `paging.COUNTED_MAX`."""
    return CASES.count(session, {"state": state, "kind": kind, "q": q})


def case(session: Session, number: str) -> Case:
    """One case. Raises NotFound outside the session's scope."""
    head = session.execute(_CASE, {"number": number}).one_or_none()
    if head is None:
        raise NotFound()
    key = {"dealer_id": head.dealer_id, "case_id": head.id}
    lines = tuple(CaseLine(**row._mapping) for row in session.execute(_LINES, key))
    return Case(**head._mapping, lines=lines)


_SHOWN = """
c.id, c.number, c.kind, c.state, c.outcome, s.number AS shipment, o.number AS order, d.code AS dealer_code,
d.name_zh AS dealer_zh, d.name_en AS dealer_en, c.opened_at, c.decided_at
"""
CASES = DocumentList(
    "delivery cases",
    "c",
    "opened_at",
    CaseRow,
    columns=f"""
    {_SHOWN}, (SELECT CAST(sum(l.quantity) AS integer) FROM delivery_case_line l
                WHERE l.dealer_id = c.dealer_id AND l.case_id = c.id) AS units
    """,
    tables="""
      FROM delivery_case c
      JOIN shipment s ON (s.dealer_id, s.id) = (c.dealer_id, c.shipment_id)
      JOIN sales_order o ON (o.dealer_id, o.id) = (s.dealer_id, s.order_id)
      JOIN dealer d ON d.id = c.dealer_id
    """,
    conditions={
        "state": "c.state = :state",
        "kind": "c.kind = :kind",
        "code": f"({number_key('c.number')} LIKE :code OR {number_key('s.number')} LIKE :code"
        f" OR {number_key('o.number')} LIKE :code)",
    },
)
LATEST_FIRST = CASES.latest_first
_CASE = text(
    f"""
    SELECT {_SHOWN}, c.dealer_id, c.shipment_id, c.reason, c.reviewed_at, c.reviewed_by_label,
           c.decided_by_label
    {CASES.tables} WHERE c.number = :number
    """
)
_LINES = text(
    """
    SELECT p.sku, p.name_zh, p.name_en, p.specification, p.unit, l.lot_no, l.came_lot, l.quantity
      FROM delivery_case_line l JOIN product p ON p.id = l.product_id
     WHERE l.dealer_id = :dealer_id AND l.case_id = :case_id
     ORDER BY p.sku, l.lot_no, l.came_lot
    """
)
