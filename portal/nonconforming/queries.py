"""Reports of non-conforming goods as a list, and what lies in quarantine without one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
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
from portal.nonconforming.vocabulary import NonconformingRight, QualityRight

UNREPORTED_MAX = 200
"""Lots in quarantine without a report that one page shows."""


class ReportSort(StrEnum):
    """What reports are sorted by."""

    REPORTED_AT = "reported_at"


SORTED_BY = {
    ReportSort.REPORTED_AT: SortKey("n.reported_at", paging.moment, "ix_nonconforming_report_reported_at"),
}
LATEST_FIRST = Sort(ReportSort.REPORTED_AT, descending=True)


@dataclass(frozen=True, slots=True)
class ReportRow:
    """A report with the lot that it is about."""

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
    lot_no: str
    expires_on: date | None
    quantity: int
    source: str
    reason: str
    serials: Sequence[str]
    reported_by: str
    reported_by_label: str
    reported_at: datetime
    decided_by: str | None
    decided_by_label: str | None
    decided_at: datetime | None
    decision_note: str
    witnessed_by_label: str | None
    witnessed_at: datetime | None


@dataclass(frozen=True, slots=True)
class Unreported:
    """Units of a lot that lie in quarantine and in no report that is open."""

    warehouse: str
    warehouse_zh: str
    warehouse_en: str
    sku: str
    name_zh: str
    name_en: str
    lot_no: str
    expires_on: date | None
    state: str
    units: int


def reports(
    session: Session,
    *,
    actor: Actor,
    state: str = "",
    warehouse: str = "",
    q: str = "",
    limit: int = 50,
    cursor: str | None = None,
    sort: str = "",
) -> Page[ReportRow]:
    """Reports, the latest first. q: part of a number, a SKU or a lot."""
    actor.require(NonconformingRight.REPORT, QualityRight.DECIDE)
    order_by = paging.sort_of(sort, list(ReportSort), LATEST_FIRST)
    parameters: dict[str, Any] = {"limit": limit + 1, **_sought(state, warehouse, q)}
    cursors = paging.cursors(session, f"nonconforming {order_by}", paging.moment, int)
    place = cursors.place_of(cursor)
    if place:
        parameters["from_key"], parameters["from_id"] = place.key
    back = None if place is None else place.back
    statement = _list(bool(state), bool(warehouse), bool(q.strip()), back, order_by.descending)
    rows = [ReportRow(**row._mapping) for row in session.execute(statement, parameters)]
    return cursors.page_of(rows, limit, lambda one: (one.reported_at, one.id), place)


def count_reports(
    session: Session, *, actor: Actor, state: str = "", warehouse: str = "", q: str = ""
) -> int:
    """How many reports `reports` gives, at most one more than `paging.COUNTED_MAX`."""
    actor.require(NonconformingRight.REPORT, QualityRight.DECIDE)
    parameters = {"limit": paging.COUNTED_MAX + 1, **_sought(state, warehouse, q)}
    statement = _count(bool(state), bool(warehouse), bool(q.strip()))
    count: int = session.execute(statement, parameters).scalar_one()
    return count


def report(session: Session, *, actor: Actor, number: str) -> ReportRow:
    """One report. Raises NotFound, Forbidden."""
    actor.require(NonconformingRight.REPORT, QualityRight.DECIDE)
    row = session.execute(_ONE, {"number": number}).one_or_none()
    if row is None:
        raise NotFound()
    return ReportRow(**row._mapping)


def unreported(session: Session, *, actor: Actor) -> list[Unreported]:
    """What lies in quarantine without a report, at most `UNREPORTED_MAX` lots."""
    actor.require(NonconformingRight.REPORT, QualityRight.DECIDE)
    rows = session.execute(_UNREPORTED, {"limit": UNREPORTED_MAX})
    return [Unreported(**row._mapping) for row in rows]


def _sought(state: str, warehouse: str, q: str) -> Mapping[str, Any]:
    return {"state": state, "warehouse": warehouse, "code": containing_code(q.strip())}


_COLUMNS = """
n.id, n.number, n.state, w.code AS warehouse, w.name_zh AS warehouse_zh, w.name_en AS warehouse_en, p.sku,
p.name_zh, p.name_en, p.unit, l.lot_no, l.expires_on, n.quantity, n.source, n.reason, n.serials,
n.reported_by, n.reported_by_label, n.reported_at, n.decided_by, n.decided_by_label, n.decided_at,
n.decision_note, n.witnessed_by_label, n.witnessed_at
"""
_TABLES = """
  FROM nonconforming_report n
  JOIN warehouse w ON w.id = n.warehouse_id
  JOIN product p ON p.id = n.product_id
  JOIN lot l ON l.id = n.lot_id
"""


def _where(with_state: bool, with_warehouse: bool, with_q: bool) -> str:
    conditions = ["true"]
    if with_state:
        conditions.append("n.state = :state")
    if with_warehouse:
        conditions.append("w.code = :warehouse")
    if with_q:
        conditions.append(
            f"({number_key('n.number')} LIKE :code OR code_key(p.sku) LIKE :code"
            " OR code_key(l.lot_no) LIKE :code)"
        )
    return " AND ".join(conditions)


@cache
def _list(
    with_state: bool, with_warehouse: bool, with_q: bool, back: bool | None, descending: bool
) -> TextClause:
    key = SORTED_BY[ReportSort.REPORTED_AT].sql
    after, order = paging.keyset(key, "n.id", descending=descending, back=back)
    where = _where(with_state, with_warehouse, with_q)
    return text(
        f"""
        SELECT {_COLUMNS} {_TABLES}
         WHERE {where} {f"AND {after}" if after else ""}
         ORDER BY {order} LIMIT :limit
        """
    )


@cache
def _count(with_state: bool, with_warehouse: bool, with_q: bool) -> TextClause:
    where = _where(with_state, with_warehouse, with_q)
    return text(f"SELECT count(*) FROM (SELECT {_TABLES} WHERE {where} LIMIT :limit) met")


_ONE = text(f"SELECT {_COLUMNS} {_TABLES} WHERE n.number = :number")
_UNREPORTED = text(
    """
    SELECT w.code AS warehouse, w.name_zh AS warehouse_zh, w.name_en AS warehouse_en, p.sku, p.name_zh,
           p.name_en, l.lot_no, l.expires_on, k.state, k.quarantined - coalesce(n.units, 0) AS units
      FROM lot_stock k
      JOIN warehouse w ON w.id = k.warehouse_id
      JOIN product p ON p.id = k.product_id
      JOIN lot l ON l.id = k.lot_id
      LEFT JOIN (SELECT warehouse_id, lot_id, sum(quantity)::int AS units FROM nonconforming_report
                  WHERE state IN ('reported', 'to_destroy') GROUP BY warehouse_id, lot_id) n
        ON (n.warehouse_id, n.lot_id) = (k.warehouse_id, k.lot_id)
     WHERE k.quarantined > coalesce(n.units, 0)
     ORDER BY w.code, p.sku, l.lot_no LIMIT :limit
    """
)
