"""The order desk's list: what headquarters has to work on, the longest waiting first."""

from __future__ import annotations

from collections.abc import Collection
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
    parameters: dict[str, Any] = {"statuses": list(map(str, statuses)), "region_id": region_id, "q": containing(q), "limit": limit + 1}
    if cursor:
        parameters["after"], parameters["after_id"] = paging.decode(cursor, (paging.moment, int))
    rows = session.execute(_orders(region_id is not None, bool(q.strip()), bool(cursor)), parameters)
    return paging.page_of([DeskOrder(*row) for row in rows], limit, lambda order: (order.placed_at, order.id))


def desk_counts(session: Session) -> dict[str, int]:
    """Orders in scope that headquarters has something to do with, by status; every such status is there."""
    found = dict(session.execute(_COUNTS, {"statuses": list(map(str, OPEN))}).all())
    return {str(status): found.get(status, 0) for status in OPEN}


@cache
def _orders(with_region: bool, with_q: bool, with_cursor: bool) -> TextClause:
    conditions = ["o.status = ANY (:statuses)"]
    if with_region:
        conditions.append("(r.id = :region_id OR r.parent_id = :region_id)")
    if with_q:
        words = ("o.number", "o.purchase_order_no", "d.code", "d.name_zh", "d.name_en")
        conditions.append("(" + " OR ".join(f"{column} ILIKE :q" for column in words) + ")")
    if with_cursor:
        conditions.append("(o.placed_at, o.id) > (:after, :after_id)")
    # The page first: lines are counted for the rows shown, not for every row found.
    return text(
        f"""
        WITH page AS MATERIALIZED (
          SELECT o.*, d.code AS dealer_code, d.name_zh AS dealer_zh, d.name_en AS dealer_en, r.name_zh AS region_zh, r.name_en AS region_en
            FROM sales_order o JOIN dealer d ON d.id = o.dealer_id JOIN region r ON r.id = d.region_id
           WHERE {" AND ".join(conditions)}
           ORDER BY o.placed_at, o.id LIMIT :limit
        )
        SELECT o.id, o.dealer_id, o.number, o.status, o.holds, o.purchase_order_no, o.channel, o.placed_at, o.requested_date, o.total,
               o.dealer_code, o.dealer_zh, o.dealer_en, o.region_zh, o.region_en, h.code, l.line_count, l.units_open,
               (SELECT s.number FROM shipment s WHERE s.dealer_id = o.dealer_id AND s.order_id = o.id AND s.status = 'picking')
          FROM page o
          JOIN warehouse h ON h.id = o.warehouse_id
         CROSS JOIN LATERAL (
           SELECT count(*) AS line_count, sum(x.quantity - x.shipped - x.cancelled)::int AS units_open
             FROM order_line x WHERE x.dealer_id = o.dealer_id AND x.order_id = o.id) l
         ORDER BY o.placed_at, o.id
        """
    )


_COUNTS = text("SELECT status, count(*) FROM sales_order WHERE status = ANY (:statuses) GROUP BY status")
