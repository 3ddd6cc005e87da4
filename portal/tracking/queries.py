"""Parcels as they are followed: of an order, one by itself, and as a list. Scope comes from the session."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from functools import cache
from typing import Any

from sqlalchemy import TextClause, text
from sqlalchemy.orm import Session

from portal.kernel import paging
from portal.kernel.db import Record
from portal.kernel.errors import NotFound
from portal.kernel.paging import Page, Sort, SortKey
from portal.kernel.search_pattern import containing_code, number_key
from portal.tracking.rules import EventCode, Standing, expected_day, tracking_link


@dataclass(frozen=True, slots=True)
class EventRow:
    """An event as it was told. place, note: without telephone numbers."""

    at: datetime
    code: str
    place: str
    note: str
    raw_code: str
    expected_on: date | None
    source: str
    recorded_at: datetime
    recorded_by_label: str


@dataclass(frozen=True, slots=True)
class Parcel:
    """A shipment that has left, and where it is. expected_on: None for what is delivered or goes back.

    carrier_zh, carrier_en: as it is known, else as the shipment names it. link: the carrier's own page.
    """

    id: int
    dealer_id: int
    number: str
    order_number: str
    dealer_code: str
    dealer_zh: str
    dealer_en: str
    status: str
    carrier_zh: str
    carrier_en: str
    adapter: str
    tracking_no: str
    link: str | None
    shipped_at: datetime
    received_at: datetime | None
    standing: str | None
    standing_at: datetime | None
    delivered_at: datetime | None
    expected_on: date | None
    expected_by_carrier: bool

    def is_late(self, today: date) -> bool:
        """Whether it should have been there."""
        return self.expected_on is not None and self.received_at is None and self.expected_on < today


class Filter(StrEnum):
    """Which parcels a list shows."""

    UNDER_WAY = "under_way"
    TROUBLE = "trouble"
    DELIVERED = "delivered"
    ALL = "all"


class ParcelSort(StrEnum):
    """What parcels are sorted by."""

    SHIPPED_AT = "shipped_at"


SORTED_BY = {ParcelSort.SHIPPED_AT: SortKey("s.shipped_at", paging.moment, "ix_shipment_shipped_at")}
LATEST_FIRST = Sort(ParcelSort.SHIPPED_AT, descending=True)


def parcels_of_order(
    session: Session, *, dealer_id: int, order_id: int, usual_days: int
) -> dict[str, Parcel]:
    """The parcels of an order that have left, by number."""
    rows = session.execute(_OF_ORDER, {"dealer_id": dealer_id, "order_id": order_id})
    return {row.number: _parcel(row, usual_days) for row in rows}


def parcel(session: Session, number: str, *, usual_days: int) -> Parcel:
    """One parcel that has left. Raises NotFound for any other, and outside the scope."""
    row = session.execute(_BY_NUMBER, {"number": number}).one_or_none()
    if row is None:
        raise NotFound()
    return _parcel(row, usual_days)


def events_of(session: Session, one: Parcel) -> list[EventRow]:
    """Everything that was told of a parcel, the latest first."""
    key = {"dealer_id": one.dealer_id, "shipment_id": one.id}
    return [EventRow(**row._mapping) for row in session.execute(_EVENTS, key)]


def parcels(
    session: Session,
    *,
    show: Filter,
    q: str = "",
    usual_days: int,
    limit: int = 50,
    cursor: str | None = None,
    sort: str = "",
) -> Page[Parcel]:
    """Parcels that have left, the latest first. q: part of a number of ours or of the carrier's."""
    order_by = paging.sort_of(sort, list(ParcelSort), LATEST_FIRST)
    cursors = paging.cursors(session, f"parcels {order_by}", paging.moment, int)
    place = cursors.place_of(cursor)
    parameters: dict[str, Any] = {"limit": limit + 1, "code": containing_code(q.strip())}
    if place:
        parameters["from_key"], parameters["from_id"] = place.key
    statement = _list(show, bool(q.strip()), None if place is None else place.back, order_by.descending)
    rows = [_parcel(row, usual_days) for row in session.execute(statement, parameters)]
    return cursors.page_of(rows, limit, lambda one: (one.shipped_at, one.id), place)


def count_parcels(session: Session, *, show: Filter, q: str = "") -> int:
    """How many parcels `parcels` gives, at most one more than `paging.COUNTED_MAX`."""
    parameters = {"limit": paging.COUNTED_MAX + 1, "code": containing_code(q.strip())}
    count: int = session.execute(_count(show, bool(q.strip())), parameters).scalar_one()
    return count


def _parcel(row: Record, usual_days: int) -> Parcel:
    standing = Standing(
        EventCode(row.standing) if row.standing else None, row.standing_at, row.delivered_at, row.carrier_day
    )
    expected = expected_day(
        standing, shipped_on=row.shipped_on, lead_days=row.lead_days, usual_days=usual_days
    )
    columns = row._asdict()
    for name in ("carrier_day", "lead_days", "shipped_on"):
        del columns[name]
    return Parcel(
        **columns | {"link": tracking_link(row.link, row.tracking_no)},
        expected_on=None if row.received_at else expected,
        expected_by_carrier=expected is not None and row.carrier_day is not None,
    )


_COLUMNS = """
    SELECT s.id, s.dealer_id, s.number, o.number AS order_number,
           o.names #>> '{dealer,code}' AS dealer_code, o.names #>> '{dealer,zh}' AS dealer_zh,
           o.names #>> '{dealer,en}' AS dealer_en, s.status, coalesce(c.name_zh, s.carrier) AS carrier_zh,
           coalesce(c.name_en, s.carrier) AS carrier_en, coalesce(c.adapter, 'none') AS adapter,
           s.tracking_no, coalesce(c.link, '') AS link, s.shipped_at, s.received_at, p.code AS standing,
           p.at AS standing_at, p.delivered_at, p.expected_on AS carrier_day, t.days AS lead_days,
           s.shipped_on"""
_JOINED = """
      JOIN sales_order o ON (o.dealer_id, o.id) = (s.dealer_id, s.order_id)
      LEFT JOIN parcel_standing p ON (p.dealer_id, p.shipment_id) = (s.dealer_id, s.id)
      LEFT JOIN carrier c ON s.carrier = ANY (ARRAY[c.code, c.name_zh, c.name_en] || c.aliases)
      LEFT JOIN region r ON r.level = 2 AND r.name_zh = o.ship_to ->> 'province'
      LEFT JOIN carrier_lead_time t ON (t.warehouse_id, t.region_id) = (s.warehouse_id, r.id)"""
_OF_ORDER = text(
    f"""{_COLUMNS}
      FROM shipment s {_JOINED}
     WHERE s.dealer_id = :dealer_id AND s.order_id = :order_id AND s.status <> 'picking'
    """
)
_BY_NUMBER = text(f"{_COLUMNS} FROM shipment s {_JOINED} WHERE s.number = :number AND s.status <> 'picking'")
_EVENTS = text(
    """
    SELECT at, code, place, note, raw_code, expected_on, source, recorded_at, recorded_by_label
      FROM tracking_event
     WHERE dealer_id = :dealer_id AND shipment_id = :shipment_id
     ORDER BY at DESC, event_key
    """
)
_SHOWN = {
    Filter.UNDER_WAY: "s.status = 'shipped' AND p.delivered_at IS NULL",
    Filter.TROUBLE: "s.status = 'shipped' AND p.code IN ('exception', 'refused', 'returning', 'returned')",
    Filter.DELIVERED: "s.status = 'shipped' AND p.code = 'delivered'",
    Filter.ALL: "s.status <> 'picking'",
}


def _sought(show: Filter, with_q: bool) -> str:
    number = (
        f" AND ({number_key('s.number')} LIKE :code OR code_key(s.tracking_no) LIKE :code)" if with_q else ""
    )
    return f"{_SHOWN[show]}{number}"


@cache
def _list(show: Filter, with_q: bool, back: bool | None, descending: bool) -> TextClause:
    key = SORTED_BY[ParcelSort.SHIPPED_AT].sql
    after, order = paging.keyset(key, "s.id", descending=descending, back=back)
    return text(
        f"""{_COLUMNS}
          FROM shipment s {_JOINED}
         WHERE {_sought(show, with_q)} {f"AND {after}" if after else ""}
         ORDER BY {order} LIMIT :limit
        """
    )


@cache
def _count(show: Filter, with_q: bool) -> TextClause:
    return text(
        f"""
        SELECT count(*) FROM (
          SELECT FROM shipment s
            LEFT JOIN parcel_standing p ON (p.dealer_id, p.shipment_id) = (s.dealer_id, s.id)
           WHERE {_sought(show, with_q)} LIMIT :limit) met
        """
    )
