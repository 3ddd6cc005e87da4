"""How long what dealers owed was overdue at the end of any day: by dealer, by sales area, item by item."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from functools import cache
from typing import Any

from sqlalchemy import TextClause, text
from sqlalchemy.orm import Session

from portal.dealers.fragments import region_in_tree, region_of
from portal.kernel import paging
from portal.kernel.db import Record
from portal.kernel.paging import Page, Sort, SortKey
from portal.kernel.search_pattern import containing
from portal.ledger.ageing_rules import AsOf, Buckets, OpenOn
from portal.ledger.ageing_sql import BUCKETS, items
from portal.ledger.snapshots import parameters_of
from portal.regions.fragments import regions_on


class AgeingSort(StrEnum):
    """What dealers with something open are sorted by."""

    OVERDUE = "overdue"
    BALANCE = "balance"


_FEW = "(the dealers with something open are added up first, whatever the order)"
_SORTED_BY = {
    AgeingSort.OVERDUE: SortKey("a.overdue", Decimal, _FEW),
    AgeingSort.BALANCE: SortKey("a.balance", Decimal, _FEW),
}
OVERDUE_FIRST = Sort(AgeingSort.OVERDUE, descending=True)


@dataclass(frozen=True, slots=True)
class DealerAgeing:
    """A dealer's open items by age. region: of today, as it decides who may see the dealer."""

    dealer_id: int
    dealer_code: str
    dealer_zh: str
    dealer_en: str
    region_zh: str
    region_en: str
    current: Decimal
    days_1_30: Decimal
    days_31_60: Decimal
    days_61_90: Decimal
    days_over_90: Decimal
    overdue: Decimal
    unallocated: Decimal
    balance: Decimal


@dataclass(frozen=True, slots=True)
class RegionAgeing:
    """Dealers of a sales area, or of a province of the area asked for. dealers: with something open."""

    region_id: int
    region_zh: str
    region_en: str
    dealers: int
    buckets: Buckets


_ITEMS_OF_ONE = """
WITH {items}
SELECT e.document_no, e.kind, e.occurred_on, i.due AS due_on, i.amount
  FROM item i JOIN journal_entry e ON (e.dealer_id, e.id) = (i.dealer_id, i.entry_id)
 ORDER BY i.due, e.occurred_on, e.id
"""
_REGIONS = """
WITH {items}, area AS (
  SELECT r.id AS dealer_region_id, {area} AS id FROM {tree} r
)
SELECT g.id AS region_id, g.name_zh AS region_zh, g.name_en AS region_en,
       count(DISTINCT i.dealer_id) AS dealers, {buckets}
  FROM item i {region} JOIN area ON area.dealer_region_id = r.id JOIN region g ON g.id = area.id
 GROUP BY g.id, g.code, g.name_zh, g.name_en ORDER BY g.code
"""
_DEALERS = """
WITH {items}, a AS (
  SELECT i.dealer_id, {buckets} FROM item i GROUP BY i.dealer_id
)
"""
_PAGE = """
{dealers}, page AS MATERIALIZED (SELECT * FROM a WHERE {after} ORDER BY {order} LIMIT :limit)
SELECT a.dealer_id, d.code AS dealer_code, d.name_zh AS dealer_zh, d.name_en AS dealer_en,
       r.name_zh AS region_zh, r.name_en AS region_en, a.current, a.days_1_30, a.days_31_60, a.days_61_90,
       a.days_over_90, a.overdue, a.unallocated, a.balance
  FROM page a JOIN dealer d ON d.id = a.dealer_id {region}
 ORDER BY {order}
"""


def open_on(session: Session, *, dealer_id: int, as_of: AsOf) -> list[OpenOn]:
    """What of a dealer's documents was open at the end of a day, the earliest due first."""
    statement = _of_one(as_of.seen_by is not None)
    rows = session.execute(statement, {"dealer_id": dealer_id, **parameters_of(as_of)})
    return [OpenOn(**row._mapping) for row in rows]


def ageing_by_region(
    session: Session, *, as_of: AsOf, region_id: int | None = None, tree_then: bool = False
) -> list[RegionAgeing]:
    """The sales areas in scope, or the provinces of one, whose dealers had something open on a day.

    tree_then: by the boundaries of that day, not of today.
    """
    statement = _by_region(as_of.seen_by is not None, region_id is not None, tree_then)
    rows = session.execute(statement, {"region_id": region_id, **parameters_of(as_of)})
    return [
        RegionAgeing(row.region_id, row.region_zh, row.region_en, row.dealers, _buckets(row)) for row in rows
    ]


def ageing_by_dealer(
    session: Session,
    *,
    as_of: AsOf,
    region_id: int | None = None,
    tree_then: bool = False,
    q: str = "",
    limit: int = 50,
    cursor: str | None = None,
    sort: str = "",
) -> Page[DealerAgeing]:
    """Dealers with something open on a day, those with most overdue first unless `sort` says otherwise.

    region_id: an area or a province, by the boundaries of that day if `tree_then`. q: part of a dealer's
    code, name or credit code. Raises Invalid for a foreign cursor.
    """
    order_by = paging.sort_of(sort, list(AgeingSort), OVERDUE_FIRST)
    key = AgeingSort(order_by.key)
    cursors = paging.cursors(session, f"ageing {order_by}", _SORTED_BY[key].read, int)
    parameters = _sought(as_of, region_id, q) | {"limit": limit + 1}
    place = cursors.place_of(cursor)
    if place:
        parameters["from_key"], parameters["from_id"] = place.key
    flags = as_of.seen_by is not None, region_id is not None, tree_then, bool(q.strip())
    statement = _by_dealer(*flags, place is not None, key, order_by.descending)
    rows = [DealerAgeing(**row._mapping) for row in session.execute(statement, parameters)]
    return cursors.page_of(rows, limit, lambda row: (getattr(row, key), row.dealer_id))


def count_dealers(
    session: Session, *, as_of: AsOf, region_id: int | None = None, tree_then: bool = False, q: str = ""
) -> int:
    """How many dealers `ageing_by_dealer` gives, at most one more than `paging.COUNTED_MAX`."""
    statement = _count(as_of.seen_by is not None, region_id is not None, tree_then, bool(q.strip()))
    parameters = _sought(as_of, region_id, q) | {"most": paging.COUNTED_MAX + 1}
    count: int = session.execute(statement, parameters).scalar_one()
    return count


def _sought(as_of: AsOf, region_id: int | None, q: str) -> dict[str, Any]:
    return parameters_of(as_of) | {"region_id": region_id, "q": containing(q)}


def _buckets(row: Record) -> Buckets:
    return Buckets(
        row.current, row.days_1_30, row.days_31_60, row.days_61_90, row.days_over_90, row.unallocated
    )


def _tree(dealer_id: str, tree_then: bool) -> str:
    return region_in_tree(dealer_id, "CAST(:day AS date)") if tree_then else region_of(dealer_id)


def _meant(with_region: bool, tree_then: bool, with_q: bool) -> str:
    """SQL: which dealers ``d`` are meant."""
    conditions = ["true"]
    if with_region:
        within = "r.id = :region_id OR r.parent_id = :region_id"
        conditions.append(
            f"EXISTS (SELECT FROM dealer x {_tree('x.id', tree_then)} WHERE x.id = d.id AND ({within}))"
        )
    if with_q:
        conditions.append("d.search_key LIKE :q")
    return " AND ".join(conditions)


@cache
def _of_one(is_seen: bool) -> TextClause:
    return text(_ITEMS_OF_ONE.format(items=items("d.id = :dealer_id", is_seen=is_seen)))


@cache
def _by_region(is_seen: bool, with_region: bool, tree_then: bool) -> TextClause:
    return text(
        _REGIONS.format(
            items=items(_meant(with_region, tree_then, with_q=False), is_seen=is_seen),
            tree=regions_on("CAST(:day AS date)") if tree_then else "region",
            area="r.id" if with_region else "coalesce(r.parent_id, r.id)",
            buckets=BUCKETS,
            region=_tree("i.dealer_id", tree_then),
        )
    )


@cache
def _aged(is_seen: bool, with_region: bool, tree_then: bool, with_q: bool) -> str:
    return _DEALERS.format(
        items=items(_meant(with_region, tree_then, with_q), is_seen=is_seen), buckets=BUCKETS
    )


@cache
def _by_dealer(
    is_seen: bool,
    with_region: bool,
    tree_then: bool,
    with_q: bool,
    with_cursor: bool,
    key: AgeingSort,
    descending: bool,
) -> TextClause:
    back = False if with_cursor else None
    after, order = paging.keyset(_SORTED_BY[key].sql, "a.dealer_id", descending=descending, back=back)
    dealers = _aged(is_seen, with_region, tree_then, with_q)
    return text(_PAGE.format(dealers=dealers, after=after or "true", order=order, region=region_of("d.id")))


@cache
def _count(is_seen: bool, with_region: bool, tree_then: bool, with_q: bool) -> TextClause:
    dealers = _aged(is_seen, with_region, tree_then, with_q)
    return text(f"{dealers} SELECT count(*) FROM (SELECT FROM a LIMIT :most) met")
