"""Cases about deliveries as a list and one by one, for a dealer and for headquarters.

Scope comes from the session.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from functools import cache
from typing import Any

from sqlalchemy import TextClause, text
from sqlalchemy.orm import Session

from portal.kernel import paging
from portal.kernel.errors import NotFound
from portal.kernel.paging import Page, Sort, SortKey
from portal.kernel.search_pattern import containing_code, number_key


class CaseSort(StrEnum):
    """What cases are sorted by."""

    OPENED_AT = "opened_at"


SORTED_BY = {CaseSort.OPENED_AT: SortKey("c.opened_at", paging.moment, "ix_delivery_case_opened_at")}
LATEST_FIRST = Sort(CaseSort.OPENED_AT, descending=True)


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
    order_by = paging.sort_of(sort, list(CaseSort), LATEST_FIRST)
    parameters: dict[str, Any] = {"limit": limit + 1, **_sought(state, kind, q)}
    cursors = paging.cursors(session, f"delivery cases {order_by}", paging.moment, int)
    place = cursors.place_of(cursor)
    if place:
        parameters["from_key"], parameters["from_id"] = place.key
    back = None if place is None else place.back
    statement = _list(bool(state), bool(kind), bool(q.strip()), back, order_by.descending)
    rows = [CaseRow(**row._mapping) for row in session.execute(statement, parameters)]
    return cursors.page_of(rows, limit, lambda one: (one.opened_at, one.id), place)


def count_cases(session: Session, *, state: str = "", kind: str = "", q: str = "") -> int:
    """How many cases `cases` gives, at most one more than `paging.COUNTED_MAX`."""
    parameters = {"limit": paging.COUNTED_MAX + 1, **_sought(state, kind, q)}
    count: int = session.execute(_count(bool(state), bool(kind), bool(q.strip())), parameters).scalar_one()
    return count


def case(session: Session, number: str) -> Case:
    """One case. Raises NotFound outside the session's scope."""
    head = session.execute(_CASE, {"number": number}).one_or_none()
    if head is None:
        raise NotFound()
    key = {"dealer_id": head.dealer_id, "case_id": head.id}
    lines = tuple(CaseLine(**row._mapping) for row in session.execute(_LINES, key))
    return Case(**head._mapping, lines=lines)


def _sought(state: str, kind: str, q: str) -> dict[str, Any]:
    return {"state": state, "kind": kind, "code": containing_code(q.strip())}


def _from(with_state: bool, with_kind: bool, with_q: bool) -> str:
    conditions = ["true"]
    if with_state:
        conditions.append("c.state = :state")
    if with_kind:
        conditions.append("c.kind = :kind")
    if with_q:
        numbers = (number_key("c.number"), number_key("s.number"), number_key("o.number"))
        conditions.append("(" + " OR ".join(f"{number} LIKE :code" for number in numbers) + ")")
    return f"""
          FROM delivery_case c
          JOIN shipment s ON (s.dealer_id, s.id) = (c.dealer_id, c.shipment_id)
          JOIN sales_order o ON (o.dealer_id, o.id) = (s.dealer_id, s.order_id)
          JOIN dealer d ON d.id = c.dealer_id
         WHERE {" AND ".join(conditions)}"""


_SHOWN = """c.id, c.number, c.kind, c.state, c.outcome, s.number AS shipment, o.number AS order,
       d.code AS dealer_code, d.name_zh AS dealer_zh, d.name_en AS dealer_en, c.opened_at, c.decided_at"""


@cache
def _list(with_state: bool, with_kind: bool, with_q: bool, back: bool | None, descending: bool) -> TextClause:
    key = SORTED_BY[CaseSort.OPENED_AT].sql
    after, order = paging.keyset(key, "c.id", descending=descending, back=back)
    return text(
        f"""
        SELECT {_SHOWN},
               (SELECT CAST(sum(l.quantity) AS integer) FROM delivery_case_line l
                 WHERE l.dealer_id = c.dealer_id AND l.case_id = c.id) AS units
        {_from(with_state, with_kind, with_q)} {f"AND {after}" if after else ""}
         ORDER BY {order} LIMIT :limit
        """
    )


@cache
def _count(with_state: bool, with_kind: bool, with_q: bool) -> TextClause:
    found = _from(with_state, with_kind, with_q)
    return text(f"SELECT count(*) FROM (SELECT {found} LIMIT :limit) met")


_CASE = text(
    f"""
    SELECT {_SHOWN}, c.dealer_id, c.shipment_id, c.reason, c.reviewed_at, c.reviewed_by_label,
           c.decided_by_label
    {_from(False, False, False)} AND c.number = :number
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
