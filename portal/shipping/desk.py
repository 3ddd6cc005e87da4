"""The order desk's list: what headquarters has to work on, the longest waiting first."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from functools import cache
from typing import Any

from sqlalchemy import TextClause, text
from sqlalchemy.orm import Session

from portal import paging
from portal.like import containing
from portal.orders.lifecycle import Status
from portal.paging import Page

OPEN = (Status.ON_HOLD, Status.CONFIRMED, Status.PICKING, Status.PARTIALLY_SHIPPED)
"""States in which headquarters has something to do."""


@dataclass(frozen=True, slots=True)
class DeskOrder:
    """A row of the desk's list. `units_open`: neither shipped nor cancelled. `picking`: number of the parcel being picked."""

    id: int
    dealer_id: int
    number: str
    status: str
    holds: list[str]
    purchase_order_no: str
    channel: str
    placed_at: datetime
    requested_date: date | None
    total: Decimal
    dealer_code: str
    dealer_zh: str
    dealer_en: str
    region_zh: str
    region_en: str
    warehouse_code: str
    line_count: int
    units_open: int
    picking: str | None


def desk_orders(
    session: Session,
    *,
    statuses: Collection[str] = OPEN,
    region_id: int | None = None,
    q: str = "",
    limit: int = 50,
    cursor: str | None = None,
) -> Page[DeskOrder]:
    """Orders in scope, the longest waiting first.

    region_id: an area or a province of the dealer. q: part of an order number, purchase-order number, dealer's code or name.
    """
    parameters: dict[str, Any] = {"region_id": region_id, "q": containing(q), "limit": limit + 1}
    if cursor:
        parameters["after"], parameters["after_id"] = paging.decode(cursor, (paging.moment, int))
    found_by = _orders(frozenset(map(Status, statuses)), region_id is not None, bool(q.strip()), bool(cursor))
    rows = session.execute(found_by, parameters)
    return paging.page_of([DeskOrder(*row) for row in rows], limit, lambda order: (order.placed_at, order.id))


def desk_counts(session: Session) -> dict[str, int]:
    """Orders in scope that headquarters has something to do with, by status; every such status is there."""
    found = dict(session.execute(_COUNTS).all())
    return {str(status): found.get(status, 0) for status in OPEN}


def _among(statuses: Iterable[Status]) -> str:
    """A condition in which the statuses stand as they are: a plan made for any cannot use the index of the open ones."""
    listed = ", ".join(f"'{status}'" for status in sorted(statuses))
    return f"o.status IN ({listed})" if listed else "false"


@cache
def _orders(statuses: frozenset[Status], with_region: bool, with_q: bool, with_cursor: bool) -> TextClause:
    conditions = [_among(statuses)]
    if with_region:
        conditions.append(_OF_DEALERS.format("(r.id = :region_id OR r.parent_id = :region_id)"))
    if with_q:
        dealers = _OF_DEALERS.format("(d.code ILIKE :q OR d.name_zh ILIKE :q OR d.name_en ILIKE :q)")
        conditions.append(f"(o.number ILIKE :q OR o.purchase_order_no ILIKE :q OR {dealers})")
    if with_cursor:
        conditions.append("(o.placed_at, o.id) > (:after, :after_id)")
    # The page first, from the orders alone and in their order: everything else is looked up for the rows shown.
    return text(
        f"""
        WITH page AS MATERIALIZED (
          SELECT * FROM sales_order o WHERE {" AND ".join(conditions)} ORDER BY o.placed_at, o.id LIMIT :limit
        )
        SELECT o.id, o.dealer_id, o.number, o.status, o.holds, o.purchase_order_no, o.channel, o.placed_at, o.requested_date, o.total,
               d.code, d.name_zh, d.name_en, r.name_zh, r.name_en, h.code, l.line_count, l.units_open,
               (SELECT s.number FROM shipment s WHERE s.dealer_id = o.dealer_id AND s.order_id = o.id AND s.status = 'picking')
          FROM page o
          JOIN dealer d ON d.id = o.dealer_id
          JOIN region r ON r.id = d.region_id
          JOIN warehouse h ON h.id = o.warehouse_id
         CROSS JOIN LATERAL (
           SELECT count(*) AS line_count, sum(x.quantity - x.shipped - x.cancelled)::int AS units_open
             FROM order_line x WHERE x.dealer_id = o.dealer_id AND x.order_id = o.id) l
         ORDER BY o.placed_at, o.id
        """
    )


_OF_DEALERS = "o.dealer_id IN (SELECT d.id FROM dealer d JOIN region r ON r.id = d.region_id WHERE {})"
_COUNTS = text(f"SELECT o.status, count(*) FROM sales_order o WHERE {_among(OPEN)} GROUP BY o.status")
