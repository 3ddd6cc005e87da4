"""Reports of own stock: a dealer's own, one with its lines, and what dealers of one's regions reported."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from functools import cache
from typing import Any

from sqlalchemy import TextClause, text
from sqlalchemy.orm import Session

from portal.dealers.fragments import region_of
from portal.dealerstock.vocabulary import DealerStockRight
from portal.kernel import paging
from portal.kernel.actor import Actor
from portal.kernel.errors import NotFound
from portal.kernel.paging import Page
from portal.kernel.search_pattern import containing_code
from portal.stock.vocabulary import StockRight


@dataclass(frozen=True, slots=True)
class ReportRow:
    """A report. doubtful: lines with a finding of which somebody has something to put right."""

    id: int
    number: str
    as_of: date
    source: str
    reported_at: datetime
    reported_by_label: str
    lines: int
    doubtful: int


@dataclass(frozen=True, slots=True)
class ReportLine:
    """A line as it was sent, with the names of its product where we know it."""

    line_no: int
    kind: str
    sku: str
    name_zh: str
    name_en: str
    lot: str
    quantity: int
    day: date
    customer: str
    finding: str


@dataclass(frozen=True, slots=True)
class ShownReport:
    """A report with its lines."""

    head: ReportRow
    lines: Sequence[ReportLine]


_HEAD = """
    SELECT r.id, r.number, r.as_of, r.source, r.reported_at, r.reported_by_label, c.lines, c.doubtful
      FROM inventory_report r
     CROSS JOIN LATERAL (
       SELECT count(*) AS lines,
              count(*) FILTER (WHERE l.finding NOT IN ('', 'counted_since')) AS doubtful
         FROM inventory_report_line l WHERE (l.dealer_id, l.report_id) = (r.dealer_id, r.id)) c
     WHERE r.dealer_id = :dealer_id"""


def inventory_reports(
    session: Session, *, actor: Actor, limit: int = 50, cursor: str | None = None
) -> Page[ReportRow]:
    """The dealer's reports, the latest first. Raises Forbidden."""
    actor.require(StockRight.READ)
    cursors = paging.cursors(session, "inventory reports", int)
    place = cursors.place_of(cursor)
    parameters: dict[str, Any] = {"dealer_id": actor.own_dealer_id, "limit": limit + 1}
    if place:
        (parameters["from_id"],) = place.key
    statement = _reports(None if place is None else place.back)
    rows = [ReportRow(**row._mapping) for row in session.execute(statement, parameters)]
    return cursors.page_of(rows, limit, lambda one: (one.id,), place)


@cache
def _reports(back: bool | None) -> TextClause:
    after = "" if back is None else f"AND r.id {'>' if back else '<'} :from_id"
    return text(f"{_HEAD} {after} ORDER BY r.id {'' if back else 'DESC'} LIMIT :limit")


def inventory_report(session: Session, *, actor: Actor, number: str) -> ShownReport:
    """One report of the dealer with its lines. Raises NotFound, Forbidden."""
    actor.require(StockRight.READ)
    about = {"dealer_id": actor.own_dealer_id, "number": number}
    head = session.execute(_ONE, about).one_or_none()
    if head is None:
        raise NotFound()
    rows = session.execute(_LINES, {"dealer_id": actor.own_dealer_id, "report_id": head.id})
    return ShownReport(ReportRow(**head._mapping), [ReportLine(**row._mapping) for row in rows])


_ONE = text(f"{_HEAD} AND r.number = :number")
_LINES = text(
    """
    SELECT l.line_no, l.kind, l.sku, coalesce(p.name_zh, '') AS name_zh, coalesce(p.name_en, '') AS name_en,
           l.lot_no AS lot, l.quantity, l.day, l.customer, l.finding
      FROM inventory_report_line l LEFT JOIN product p ON p.id = l.product_id
     WHERE l.dealer_id = :dealer_id AND l.report_id = :report_id
     ORDER BY l.line_no
    """
)


class Told(StrEnum):
    """Which lines headquarters looks at: the latest count of each lot, what was sold, what is doubtful."""

    STOCK = "stock"
    SOLD = "sold"
    DOUBTFUL = "doubtful"


@dataclass(frozen=True, slots=True)
class ToldLine:
    """A line of a dealer, as headquarters reads it."""

    report_id: int
    line_no: int
    dealer: str
    dealer_zh: str
    dealer_en: str
    report: str
    kind: str
    sku: str
    name_zh: str
    name_en: str
    lot: str
    expires_on: date | None
    quantity: int
    day: date
    customer: str
    finding: str
    reported_at: datetime


def told_lines(
    session: Session,
    *,
    actor: Actor,
    told: Told = Told.STOCK,
    region_id: int | None = None,
    q: str = "",
    limit: int = 50,
    cursor: str | None = None,
) -> Page[ToldLine]:
    """What dealers of the session's regions reported, the latest first. Raises Forbidden.

    q: part of a dealer's code, a SKU or a lot number. region_id: dealers that belong to that region today.
    """
    actor.require(DealerStockRight.HEADQUARTERS)
    cursors = paging.cursors(session, f"dealer stock {told}", int, int)
    place = cursors.place_of(cursor)
    parameters: dict[str, Any] = {
        "limit": limit + 1,
        "region_id": region_id,
        "code": containing_code(q.strip()),
    }
    if place:
        parameters["from_key"], parameters["from_id"] = place.key
    statement = _told(told, region_id is not None, bool(q.strip()), None if place is None else place.back)
    rows = [ToldLine(**row._mapping) for row in session.execute(statement, parameters)]
    return cursors.page_of(rows, limit, lambda one: (one.report_id, one.line_no), place)


_TOLD = {
    Told.STOCK: """l.kind = 'stock' AND NOT EXISTS (
              SELECT FROM inventory_report_line n
               WHERE n.dealer_id = l.dealer_id AND n.lot_id = l.lot_id AND n.kind = 'stock'
                 AND (n.day, n.report_id) > (l.day, l.report_id))""",
    Told.SOLD: "l.kind = 'sold'",
    Told.DOUBTFUL: "l.finding NOT IN ('', 'counted_since')",
}


@cache
def _told(told: Told, with_region: bool, with_q: bool, back: bool | None) -> TextClause:
    after, order = paging.keyset("l.report_id", "l.line_no", descending=True, back=back)
    conditions = [_TOLD[told], after] if after else [_TOLD[told]]
    if with_region:
        conditions.append("(r.id = :region_id OR r.parent_id = :region_id)")
    if with_q:
        conditions.append(
            "(code_key(l.sku) LIKE :code OR code_key(l.lot_no) LIKE :code OR code_key(d.code) LIKE :code)"
        )
    return text(
        f"""
        SELECT l.report_id, l.line_no, d.code AS dealer, d.name_zh AS dealer_zh, d.name_en AS dealer_en,
               h.number AS report, l.kind, l.sku, coalesce(p.name_zh, '') AS name_zh,
               coalesce(p.name_en, '') AS name_en, l.lot_no AS lot, t.expires_on, l.quantity, l.day,
               l.customer, l.finding, h.reported_at
          FROM inventory_report_line l
          JOIN inventory_report h ON (h.dealer_id, h.id) = (l.dealer_id, l.report_id)
          JOIN dealer d ON d.id = l.dealer_id
          {region_of("l.dealer_id") if with_region else ""}
          LEFT JOIN product p ON p.id = l.product_id
          LEFT JOIN lot t ON t.id = l.lot_id
         WHERE {" AND ".join(conditions)}
         ORDER BY {order} LIMIT :limit
        """
    )
