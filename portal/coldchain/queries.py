"""Cold records as they are read: of a shipment with its curves, and as a list.

Scope comes from the session.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from functools import cache

from sqlalchemy import TextClause, text
from sqlalchemy.orm import Session

from portal.coldchain.judged import from_json, trace_of_row
from portal.coldchain.rules import COLD_MAX, Finding, Range, RecordState, Trace
from portal.kernel import paging
from portal.kernel.db import value_of
from portal.kernel.errors import NotFound
from portal.kernel.paging import Page, Sort, SortKey
from portal.kernel.search_pattern import containing_code, number_key


@dataclass(frozen=True, slots=True)
class LogRow:
    """A logger's file of a record, with its curve."""

    place: int
    name: str
    device: str
    serial: str
    unit: str
    zone: str
    interval_seconds: int | None
    alarms: list[str]
    uploaded_at: datetime
    uploaded_by_label: str
    trace: Trace


@dataclass(frozen=True, slots=True)
class ColdRecord:
    """The record of a shipment's transport. bounds: what its cold goods bear, °C."""

    number: str
    state: str
    bounds: Range
    transport: str
    box: str
    box_celsius: Decimal
    packed_at: datetime
    packed_by_label: str
    departed_at: datetime | None
    departure_celsius: Decimal | None
    departure_by_label: str | None
    arrived_at: datetime | None
    arrival_celsius: Decimal | None
    arrival_by_label: str | None
    findings: list[Finding]
    decided_at: datetime | None
    decided_by_label: str | None
    reason: str
    logs: tuple[LogRow, ...]

    @property
    def is_decided(self) -> bool:
        """Whether quality has decided."""
        return self.decided_at is not None


@dataclass(frozen=True, slots=True)
class ColdRow:
    """A shipment with cold goods in a list. state: of its record, None where it has none."""

    id: int
    number: str
    dealer_code: str
    dealer_zh: str
    dealer_en: str
    status: str
    state: str | None
    packed_at: datetime | None
    packed_by_label: str | None
    arrived_at: datetime | None
    picked_at: datetime


class Filter(StrEnum):
    """Which shipments with cold goods a list shows: by the state of their record, or those without one."""

    WAITING = "waiting"
    OPEN = "open"
    WITHOUT = "without"
    ALL = "all"


class ColdSort(StrEnum):
    """What shipments with cold goods are sorted by."""

    PICKED_AT = "picked_at"


SORTED_BY = {
    ColdSort.PICKED_AT: SortKey("s.picked_at", paging.moment, "(shipments with cold goods, or by the state)")
}
LATEST_FIRST = Sort(ColdSort.PICKED_AT, descending=True)


def cold_record(session: Session, number: str) -> ColdRecord | None:
    """The record of a shipment in scope; None where it has none."""
    row = session.execute(_RECORD, {"number": number}).one_or_none()
    if row is None:
        return None
    logs = session.execute(_LOGS, {"dealer_id": row.dealer_id, "shipment_id": row.shipment_id})
    return value_of(
        ColdRecord,
        row,
        bounds=Range(row.low, row.high),
        findings=from_json(row.findings),
        logs=tuple(value_of(LogRow, log, trace=trace_of_row(log)) for log in logs),
    )


def has_cold_goods(session: Session, number: str) -> bool:
    """Whether there are cold goods in a shipment in scope. Raises NotFound for what is none."""
    found = session.execute(_IS_COLD, {"number": number, "cold": COLD_MAX}).one_or_none()
    if found is None:
        raise NotFound()
    is_cold: bool = found.is_cold
    return is_cold


def log_file(session: Session, number: str, place: int) -> tuple[str, bytes]:
    """A logger's file as it came: its name and content. Raises NotFound."""
    row = session.execute(_FILE, {"number": number, "place": place}).one_or_none()
    if row is None:
        raise NotFound()
    return row.name, bytes(row.content)


def cold_rows(
    session: Session,
    *,
    show: Filter,
    q: str = "",
    limit: int = 50,
    cursor: str | None = None,
    sort: str = "",
) -> Page[ColdRow]:
    """Shipments with cold goods, the latest first. q: part of a number."""
    order_by = paging.sort_of(sort, list(ColdSort), LATEST_FIRST)
    cursors = paging.cursors(session, f"cold {order_by}", paging.moment, int)
    place = cursors.place_of(cursor)
    parameters = {"limit": limit + 1, "code": containing_code(q.strip()), "cold": COLD_MAX}
    if place:
        parameters["from_key"], parameters["from_id"] = place.key
    statement = _list(show, bool(q.strip()), None if place is None else place.back, order_by.descending)
    rows = [ColdRow(**row._mapping) for row in session.execute(statement, parameters)]
    return cursors.page_of(rows, limit, lambda one: (one.picked_at, one.id), place)


def count_cold(session: Session, *, show: Filter, q: str = "") -> int:
    """How many shipments `cold_rows` gives, at most one more than `paging.COUNTED_MAX`."""
    parameters = {"limit": paging.COUNTED_MAX + 1, "code": containing_code(q.strip()), "cold": COLD_MAX}
    count: int = session.execute(_count(show, bool(q.strip())), parameters).scalar_one()
    return count


def product_ids(session: Session, skus: list[str]) -> dict[str, int]:
    """Products by SKU; those that there are."""
    return {row.sku: row.id for row in session.execute(_PRODUCTS, {"skus": skus})}


def waiting_for_quality(session: Session) -> int:
    """Transports that wait for a decision of quality, out and in."""
    count: int = session.execute(_WAITING, {"state": str(RecordState.WAITING), "limit": 1001}).scalar_one()
    return count


_IS_COLD_SQL = """EXISTS (
           SELECT FROM shipment_line l JOIN product p ON p.id = l.product_id
            WHERE (l.dealer_id, l.shipment_id) = (s.dealer_id, s.id) AND p.storage_max <= :cold)"""
_RECORD = text(
    """
    SELECT s.number, r.*
      FROM cold_record r JOIN shipment s ON (s.dealer_id, s.id) = (r.dealer_id, r.shipment_id)
     WHERE s.number = :number
    """
)
_LOGS = text(
    """
    SELECT place, name, device, serial, unit, zone, interval_seconds, alarms, uploaded_at, uploaded_by_label,
           at, celsius, days
      FROM cold_log WHERE dealer_id = :dealer_id AND shipment_id = :shipment_id ORDER BY place
    """
)
_FILE = text(
    """
    SELECT l.name, l.content
      FROM cold_log l JOIN shipment s ON (s.dealer_id, s.id) = (l.dealer_id, l.shipment_id)
     WHERE s.number = :number AND l.place = :place
    """
)
_IS_COLD = text(f"SELECT {_IS_COLD_SQL} AS is_cold FROM shipment s WHERE s.number = :number")
_PRODUCTS = text("SELECT sku, id FROM product WHERE sku = ANY (:skus)")
_WAITING = text(
    """
    SELECT (SELECT count(*) FROM (SELECT FROM cold_record WHERE state = :state LIMIT :limit) o)
         + (SELECT count(*) FROM (SELECT FROM cold_receipt WHERE state = :state LIMIT :limit) i)
    """
)
_SHOWN = {
    Filter.WAITING: "r.state = 'waiting'",
    Filter.OPEN: "r.state = 'open'",
    Filter.WITHOUT: f"s.status <> 'received' AND r.state IS NULL AND {_IS_COLD_SQL}",
    Filter.ALL: "r.state IS NOT NULL",
}
_JOINED = """
      FROM shipment s
      LEFT JOIN cold_record r ON (r.dealer_id, r.shipment_id) = (s.dealer_id, s.id)"""


def _sought(show: Filter, with_q: bool) -> str:
    return _SHOWN[show] + (f" AND {number_key('s.number')} LIKE :code" if with_q else "")


@cache
def _list(show: Filter, with_q: bool, back: bool | None, descending: bool) -> TextClause:
    after, order = paging.keyset(SORTED_BY[ColdSort.PICKED_AT].sql, "s.id", descending=descending, back=back)
    return text(
        f"""
        SELECT s.id, s.number, o.names #>> '{{dealer,code}}' AS dealer_code,
               o.names #>> '{{dealer,zh}}' AS dealer_zh, o.names #>> '{{dealer,en}}' AS dealer_en, s.status,
               r.state, r.packed_at, r.packed_by_label, r.arrived_at, s.picked_at
        {_JOINED}
          JOIN sales_order o ON (o.dealer_id, o.id) = (s.dealer_id, s.order_id)
         WHERE {_sought(show, with_q)} {f"AND {after}" if after else ""}
         ORDER BY {order} LIMIT :limit
        """
    )


@cache
def _count(show: Filter, with_q: bool) -> TextClause:
    return text(f"SELECT count(*) FROM (SELECT {_JOINED} WHERE {_sought(show, with_q)} LIMIT :limit) met")
