"""The stock of a dealer as a list, lot by lot, and what it should order again."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from functools import cache
from typing import Any

from sqlalchemy import TextClause, text
from sqlalchemy.orm import Session

from portal.dealerstock.rules import SELL_OUT_DAYS, to_reorder
from portal.kernel import paging
from portal.kernel.actor import Actor
from portal.kernel.paging import Page, Sort, SortKey
from portal.kernel.search_pattern import containing, containing_code
from portal.stock.vocabulary import StockRight

_NEVER = date(9999, 12, 31)
_SUGGESTED_MAX = 200


class Shelf(StrEnum):
    """How long a lot may still be used."""

    GOOD = "good"
    SHORT = "short_dated"
    EXPIRED = "expired"


class Show(StrEnum):
    """Which lots are listed."""

    HELD = ""
    SHORT = "short"
    DOUBTFUL = "doubtful"
    ALL = "all"


class OwnStockSort(StrEnum):
    """What the lots are sorted by."""

    EXPIRES_ON = "expires_on"


SORTED_BY = {
    OwnStockSort.EXPIRES_ON: SortKey("b.expires", date.fromisoformat, "(the lots that one dealer bought)"),
}
FIRST_TO_EXPIRE = Sort(OwnStockSort.EXPIRES_ON)


@dataclass(frozen=True, slots=True)
class OwnLot:
    """A lot at the dealer, in units. held: below 0 where more is reported sold than there can be.

    bought: less what came back. sold: reported. counted_on: day of the latest count, if any.
    """

    lot_id: int
    sku: str
    name_zh: str
    name_en: str
    unit: str
    lot: str
    expires_on: date | None
    expires: date
    shelf: str
    bought: int
    held: int
    on_the_way: int
    sold: int
    counted_on: date | None


@dataclass(frozen=True, slots=True)
class StockFilter:
    """Which lots. q: part of a name, SKU or lot number. within: lots that expire within so many days only."""

    q: str = ""
    show: Show = Show.HELD
    within: int | None = None


def own_stock(
    session: Session,
    *,
    actor: Actor,
    wanted: StockFilter,
    short_days: int,
    today: date,
    limit: int = 50,
    cursor: str | None = None,
    sort: str = "",
) -> Page[OwnLot]:
    """The lots that the dealer bought, the first to expire first. Raises Forbidden."""
    actor.require(StockRight.READ)
    order_by = paging.sort_of(sort, list(OwnStockSort), FIRST_TO_EXPIRE)
    parameters = {"limit": limit + 1, **_sought(actor, wanted, short_days, today)}
    cursors = paging.cursors(session, f"own stock {order_by}", date.fromisoformat, int)
    place = cursors.place_of(cursor)
    if place:
        parameters["from_key"], parameters["from_id"] = place.key
    back = None if place is None else place.back
    statement = _list(bool(wanted.q), wanted.show, wanted.within is not None, back, order_by.descending)
    rows = [OwnLot(**row._mapping) for row in session.execute(statement, parameters)]
    return cursors.page_of(rows, limit, lambda one: (one.expires.isoformat(), one.lot_id), place)


def count_own_stock(
    session: Session, *, actor: Actor, wanted: StockFilter, short_days: int, today: date
) -> int:
    """How many lots `own_stock` gives, at most one more than `paging.COUNTED_MAX`."""
    actor.require(StockRight.READ)
    parameters = {"limit": paging.COUNTED_MAX + 1, **_sought(actor, wanted, short_days, today)}
    statement = _count(bool(wanted.q), wanted.show, wanted.within is not None)
    count: int = session.execute(statement, parameters).scalar_one()
    return count


def _sought(actor: Actor, wanted: StockFilter, short_days: int, today: date) -> dict[str, Any]:
    return {
        "dealer_id": actor.own_dealer_id,
        "today": today,
        "short": today + timedelta(days=short_days),
        "within": today + timedelta(days=wanted.within or 0),
        "name": containing(wanted.q),
        "code": containing_code(wanted.q),
    }


# Books of a dealer, lot by lot: what it received and is on its way, and what its reports changed.
_BOOKS = f"""
    SELECT g.product_id, g.lot_id, g.lot, g.expires_on, coalesce(g.expires_on, DATE '{_NEVER}') AS expires,
           g.received + g.on_the_way AS bought, g.received + coalesce(r.changed, 0)::int AS held,
           g.on_the_way, coalesce(r.sold, 0)::int AS sold, r.counted_on
      FROM (SELECT l.product_id, l.lot_id, max(l.lot_no) AS lot, max(l.expires_on) AS expires_on,
                   coalesce(sum(l.quantity - l.returned) FILTER (WHERE s.status = 'received'), 0)::int
                     AS received,
                   coalesce(sum(l.quantity - l.returned) FILTER (WHERE s.status = 'shipped'), 0)::int
                     AS on_the_way
              FROM shipment s
              JOIN shipment_line l ON (l.dealer_id, l.shipment_id) = (s.dealer_id, s.id)
             WHERE s.dealer_id = :dealer_id AND s.status <> 'picking'
             GROUP BY l.product_id, l.lot_id) g
      LEFT JOIN (SELECT i.lot_id, sum(i.change) AS changed,
                        sum(i.quantity) FILTER (WHERE i.kind = 'sold') AS sold,
                        max(i.day) FILTER (WHERE i.kind = 'stock') AS counted_on
                   FROM inventory_report_line i
                  WHERE i.dealer_id = :dealer_id AND i.lot_id IS NOT NULL
                  GROUP BY i.lot_id) r ON r.lot_id = g.lot_id"""

_SHOWN = {
    Show.HELD: "b.held <> 0 OR b.on_the_way > 0",
    Show.SHORT: "b.held > 0 AND b.expires < :short",
    Show.DOUBTFUL: "b.held < 0",
    Show.ALL: "true",
}


def _from(with_q: bool, show: Show, with_within: bool) -> str:
    conditions = [f"({_SHOWN[show]})"]
    if with_q:
        conditions.append("(code_key(b.lot) LIKE :code OR p.sku_key LIKE :code OR p.search_key LIKE :name)")
    if with_within:
        conditions.append("b.held > 0 AND b.expires < :within")
    return f"""
      FROM ({_BOOKS}) b
      JOIN product p ON p.id = b.product_id
     WHERE {" AND ".join(conditions)}"""


@cache
def _list(with_q: bool, show: Show, with_within: bool, back: bool | None, descending: bool) -> TextClause:
    key = SORTED_BY[OwnStockSort.EXPIRES_ON].sql
    after, order = paging.keyset(key, "b.lot_id", descending=descending, back=back)
    return text(
        f"""
        SELECT b.lot_id, p.sku, p.name_zh, p.name_en, p.unit, b.lot, b.expires_on, b.expires,
               CASE WHEN b.expires < :today THEN 'expired' WHEN b.expires < :short THEN 'short_dated'
                    ELSE 'good' END AS shelf,
               b.bought, b.held, b.on_the_way, b.sold, b.counted_on
        {_from(with_q, show, with_within)} {f"AND {after}" if after else ""}
         ORDER BY {order} LIMIT :limit
        """
    )


@cache
def _count(with_q: bool, show: Show, with_within: bool) -> TextClause:
    return text(f"SELECT count(*) FROM (SELECT {_from(with_q, show, with_within)} LIMIT :limit) met")


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A product to order again. sold: in the last `SELL_OUT_DAYS` days. coming: ordered or on the way."""

    sku: str
    name_zh: str
    name_en: str
    unit: str
    sold: int
    held: int
    coming: int
    quantity: int


def to_order_again(session: Session, *, actor: Actor, lead_days: int, today: date) -> list[Suggestion]:
    """Products whose sell-out is not covered for `lead_days`, what sells most first. One statement.

    Raises Forbidden.
    """
    actor.require(StockRight.READ)
    about = {"dealer_id": actor.own_dealer_id, "after": today - timedelta(days=SELL_OUT_DAYS)}
    found = []
    for row in session.execute(_SELLING, about | {"today": today, "limit": _SUGGESTED_MAX}):
        quantity = to_reorder(row.sold, lead_days, row.held, row.coming, row.pack)
        if quantity:
            names = (row.sku, row.name_zh, row.name_en, row.unit)
            found.append(Suggestion(*names, row.sold, row.held, row.coming, quantity))
    return found


# What has expired cannot be sold and covers nothing.
_SELLING = text(
    f"""
    SELECT p.sku, p.name_zh, p.name_en, p.unit, p.pack_multiple AS pack, s.sold,
           coalesce(h.held, 0)::bigint AS held,
           (coalesce(h.on_the_way, 0) + coalesce(o.units, 0))::bigint AS coming
      FROM (SELECT i.product_id, sum(i.quantity)::bigint AS sold
              FROM inventory_report_line i
             WHERE i.dealer_id = :dealer_id AND i.kind = 'sold' AND i.day > :after AND i.lot_id IS NOT NULL
             GROUP BY i.product_id) s
      JOIN product p ON p.id = s.product_id AND p.state = 'active'
      LEFT JOIN (SELECT b.product_id, sum(greatest(b.held, 0)) FILTER (WHERE b.expires >= :today) AS held,
                        sum(b.on_the_way) AS on_the_way
                   FROM ({_BOOKS}) b GROUP BY b.product_id) h ON h.product_id = p.id
      LEFT JOIN (SELECT l.product_id, sum(l.quantity - l.shipped - l.cancelled) AS units
                   FROM order_line l
                  WHERE l.dealer_id = :dealer_id AND l.quantity > l.shipped + l.cancelled
                  GROUP BY l.product_id) o ON o.product_id = p.id
     ORDER BY s.sold DESC, p.sku LIMIT :limit
    """
)
