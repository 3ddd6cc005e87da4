"""Reports of non-conforming goods as a list, and what lies in quarantine without one."""

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
from portal.nonconforming.vocabulary import NonconformingRight, QualityRight

UNREPORTED_MAX = 200
"""Lots in quarantine without a report that one page shows."""


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
    document: str
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
    return REPORTS.page(
        session, {"state": state, "warehouse": warehouse, "q": q}, limit=limit, cursor=cursor, sort=sort
    )


def count_reports(
    session: Session, *, actor: Actor, state: str = "", warehouse: str = "", q: str = ""
) -> int:
    """How many reports `reports` gives, at most one more than `paging.COUNTED_MAX`."""
    actor.require(NonconformingRight.REPORT, QualityRight.DECIDE)
    return REPORTS.count(session, {"state": state, "warehouse": warehouse, "q": q})


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


def reports_of(session: Session, document: str) -> list[tuple[str, str]]:
    """Number and state of the reports that a document opened; none for who may not see any."""
    return [(row.number, row.state) for row in session.execute(_OF_DOCUMENT, {"document": document})]


REPORTS = DocumentList(
    "nonconforming",
    "n",
    "reported_at",
    ReportRow,
    columns="""
    n.id, n.number, n.state, w.code AS warehouse, w.name_zh AS warehouse_zh, w.name_en AS warehouse_en, p.sku,
    p.name_zh, p.name_en, p.unit, l.lot_no, l.expires_on, n.quantity, n.source, n.document, n.reason,
    n.serials, n.reported_by, n.reported_by_label, n.reported_at, n.decided_by, n.decided_by_label,
    n.decided_at, n.decision_note, n.witnessed_by_label, n.witnessed_at
    """,
    tables="""
      FROM nonconforming_report n
      JOIN warehouse w ON w.id = n.warehouse_id
      JOIN product p ON p.id = n.product_id
      JOIN lot l ON l.id = n.lot_id
    """,
    conditions={
        "state": "n.state = :state",
        "warehouse": "w.code = :warehouse",
        "code": f"({number_key('n.number')} LIKE :code OR code_key(p.sku) LIKE :code"
        f" OR code_key(l.lot_no) LIKE :code OR {number_key('n.document')} LIKE :code)",
    },
)
LATEST_FIRST = REPORTS.latest_first
_OF_DOCUMENT = text(
    "SELECT number, state FROM nonconforming_report WHERE document = :document AND document <> '' ORDER BY id"
)
_ONE = text(f"{REPORTS.select} WHERE n.number = :number")
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
