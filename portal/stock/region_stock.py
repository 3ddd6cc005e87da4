"""The stock of a dealer's region: each product in each warehouse that may serve it, and what arrives."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from functools import cache
from itertools import groupby
from typing import Any

from sqlalchemy import TextClause, text
from sqlalchemy.orm import Session

from portal.catalogue import rules as finding
from portal.dealers.queries import DealerFacts
from portal.kernel import paging
from portal.kernel.paging import Page, Sort, SortKey
from portal.kernel.searching import code_key
from portal.stock.available import available
from portal.stock.fragments import shown_to_dealers
from portal.stock.rules import LOW_PACKS, Supply, supply, too_near

DAYS_SHOWN = 3
"""Arrivals of a warehouse are told by day for so many days."""


@dataclass(frozen=True, slots=True)
class StockFilter:
    """What of the stock is wanted.

    category: a code, with everything below it. warehouse: its code. short: only what is low or out.
    in_transit: only that.
    """

    q: str = ""
    category: str = ""
    warehouse: str = ""
    short: bool = False
    in_transit: bool = False

    @property
    def is_whole(self) -> bool:
        """Whether it leaves every product in, so that they are counted without looking at any."""
        return not (self.q or self.short or self.in_transit)


class StockSort(StrEnum):
    """What the stock is sorted by."""

    NAME = "name"
    SKU = "sku"
    NEXT_ARRIVAL = "next_arrival"


_SORTED_BY = {
    StockSort.NAME: SortKey("p.pinyin", str, "ix_product_listing"),
    StockSort.SKU: SortKey("p.sku", str, "uq_product_sku"),
    StockSort.NEXT_ARRIVAL: SortKey(
        "coalesce(s.next_arrival, DATE '9999-12-31')",
        date.fromisoformat,
        "(the levels of the few warehouses that serve a province)",
    ),
}
BY_NAME = Sort(StockSort.NAME)


@dataclass(frozen=True, slots=True)
class StockRow:
    """One product in one warehouse. rank: of the warehouse for the dealer's province, 1 is the nearest."""

    product_id: int
    sku: str
    pinyin: str
    name_zh: str
    name_en: str
    specification: str
    unit: str
    pack_multiple: int
    warehouse: str
    warehouse_zh: str
    warehouse_en: str
    rank: int
    available: int
    in_transit: int
    next_arrival: date | None

    @property
    def supply(self) -> Supply:
        """How much that is, at a glance."""
        return supply(self.available, self.pack_multiple)


@dataclass(frozen=True, slots=True)
class Arrival:
    """Units of so many products that reach a warehouse on a day; None where the day is not known."""

    day: date | None
    units: int
    products: int


def region_stock(
    session: Session,
    *,
    dealer: DealerFacts,
    wanted: StockFilter,
    today: date,
    margin_days: int = 1,
    limit: int = 50,
    cursor: str | None = None,
    sort: str = "",
) -> Page[StockRow]:
    """Active products in Chinese order, unless `sort` says otherwise, each in its warehouses, nearest first.

    margin_days: days a lot must have before its expiry. Raises Invalid for a foreign cursor.
    """
    order_by = paging.sort_of(sort, list(StockSort), BY_NAME)
    key = StockSort(order_by.key)
    parameters = {**_parameters(dealer, wanted, today, margin_days), "limit": limit + 1}
    cursors = paging.cursors(session, f"stock {order_by}", _SORTED_BY[key].read, int, int)
    place = cursors.place_of(cursor)
    if place:
        parameters["from_key"], parameters["from_id"], parameters["from_rank"] = place.key
    back = None if place is None else place.back
    statement = _list(_words_in(wanted), key, order_by.descending, back)
    rows = [StockRow(**row._mapping) for row in session.execute(statement, parameters)]
    return cursors.page_of(
        rows, limit, lambda row: (_sorted_value(row, key), row.product_id, row.rank), place
    )


def count_region_stock(
    session: Session, *, dealer: DealerFacts, wanted: StockFilter, today: date, margin_days: int = 1
) -> int:
    """How many rows `region_stock` gives, at most one more than `paging.COUNTED_MAX`."""
    parameters = _parameters(dealer, wanted, today, margin_days) | {"most": paging.COUNTED_MAX + 1}
    count: int = session.execute(_count(_words_in(wanted)), parameters).scalar_one()
    return count


def arrivals(session: Session, *, dealer: DealerFacts) -> dict[int, tuple[Arrival, ...]]:
    """What is in transit, by warehouse that may serve the dealer and by day, the soonest first."""
    rows = session.execute(_ARRIVALS, {"region_id": dealer.region_id})
    return {
        warehouse_id: tuple(Arrival(row.day, row.units, row.products) for row in of_warehouse)
        for warehouse_id, of_warehouse in groupby(rows, key=lambda row: row.warehouse_id)
    }


def _sorted_value(row: StockRow, key: StockSort) -> str:
    if key is StockSort.NEXT_ARRIVAL:
        return (row.next_arrival or date.max).isoformat()
    return row.pinyin if key is StockSort.NAME else row.sku


def _parameters(dealer: DealerFacts, wanted: StockFilter, today: date, margin_days: int) -> dict[str, Any]:
    sought = finding.sought(wanted.q)
    return {
        "region_id": dealer.region_id,
        "too_near": too_near(today, margin_days),
        "today": today,
        "category": wanted.category,
        "warehouse": wanted.warehouse,
        "short": wanted.short,
        "in_transit": wanted.in_transit,
        "low_packs": LOW_PACKS,
        "code": code_key(sought.typed),
        "gtin": sought.gtin,
        "grams": finding.query_grams(sought.words),
        "patterns": [f"%{word}%" for word in sought.words],
    }


def _words_in(wanted: StockFilter) -> bool:
    """Whether something is sought; of signs alone there is nothing to find."""
    return bool(finding.sought(wanted.q).words)


# Words are what an index finds; the others are looked at row by row, in the order of the list.
_SOUGHT = """
  AND (p.sku_key = :code OR p.udi_di = :gtin
       OR (p.search_grams @> CAST(:grams AS text[]) AND p.search_text LIKE ALL (CAST(:patterns AS text[]))))
"""

_FROM = """
  FROM product p
  JOIN warehouse_service w ON w.region_id = :region_id
  JOIN warehouse h ON h.id = w.warehouse_id
  LEFT JOIN stock_level s ON s.warehouse_id = w.warehouse_id AND s.product_id = p.id
"""


_WHERE = f"""
 WHERE {shown_to_dealers("p")}
   AND (:category = '' OR starts_with(p.category_code, :category))
   AND (:warehouse = '' OR h.code = :warehouse)
   AND (NOT :short OR coalesce({available("s")}, 0) < :low_packs * p.pack_multiple)
   AND (NOT :in_transit OR s.in_transit > 0)
"""


@cache
def _count(with_q: bool) -> TextClause:
    sought = _SOUGHT if with_q else ""
    return text(f"SELECT count(*) FROM (SELECT {_FROM} {_WHERE} {sought} LIMIT :most) met")


@cache
def _list(with_q: bool, key: StockSort, descending: bool, back: bool | None) -> TextClause:
    """The page after the place, or before it going `back`; None begins at the beginning."""
    parts = (_SORTED_BY[key].sql, "p.id", "w.rank")
    downwards = descending is not bool(back)
    after = ""
    if back is not None:
        after = f"AND ({', '.join(parts)}) {'<' if downwards else '>'} (:from_key, :from_id, :from_rank)"
    order = ", ".join(f"{part}{' DESC' if downwards else ''}" for part in parts)
    return text(
        f"""
        SELECT p.id AS product_id, p.sku, p.pinyin, p.name_zh, p.name_en, p.specification, p.unit,
               p.pack_multiple, h.code AS warehouse, h.name_zh AS warehouse_zh,
               h.name_en AS warehouse_en, w.rank, coalesce({available("s")}, 0) AS available,
               coalesce(s.in_transit, 0) AS in_transit, s.next_arrival
        {_FROM} {_WHERE} {_SOUGHT if with_q else ""} {after}
         ORDER BY {order} LIMIT :limit
        """
    )


_ARRIVALS = text(
    """
    SELECT s.warehouse_id, s.next_arrival AS day, sum(s.in_transit)::bigint AS units, count(*) AS products
      FROM warehouse_service w
      JOIN stock_level s ON s.warehouse_id = w.warehouse_id
      JOIN product p ON p.id = s.product_id AND p.state = 'active'
     WHERE w.region_id = :region_id AND s.in_transit > 0
     GROUP BY w.rank, s.warehouse_id, s.next_arrival ORDER BY w.rank, s.next_arrival NULLS LAST
    """
)
