"""What came of a promotion: whom it reached, who used it, what it cost."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from sqlalchemy import text
from sqlalchemy.orm import Session

from portal.dealers.fragments import region_of, tier_of
from portal.kernel import paging
from portal.kernel.money import share_sql
from portal.kernel.paging import Page


@dataclass(frozen=True, slots=True)
class Result:
    """A promotion's result, of the dealers within the reader's scope.

    reach: dealers it is meant for; joined, users: that joined, that had something of it. units: bought with
    a discount or given. cost: ¥ off, gifts at the dealers' own prices; what was cancelled is taken out.
    """

    reach: int
    joined: int
    users: int
    orders: int
    units: int
    cost: Decimal


@dataclass(frozen=True, slots=True)
class DealerResult:
    """What one dealer had of a promotion. reached: ¥ that count in a cumulative one."""

    dealer_id: int
    dealer_code: str
    dealer_zh: str
    dealer_en: str
    registered_at: datetime | None
    orders: int
    units: int
    reached: Decimal
    cost: Decimal


@dataclass(frozen=True, slots=True)
class ProductResult:
    """What went to one product. A gift is a product like another."""

    product_id: int
    sku: str
    product_zh: str
    product_en: str
    dealers: int
    orders: int
    units: int
    cost: Decimal


def result(session: Session, promotion_id: int) -> Result:
    """The whole."""
    return Result(**session.execute(_RESULT, {"id": promotion_id}).one()._mapping)


def by_dealer(
    session: Session, promotion_id: int, *, limit: int = 50, cursor: str | None = None
) -> Page[DealerResult]:
    """Dealers that joined or used it, by what they had. Raises Invalid for a foreign cursor."""
    cursors = paging.cursors(session, "promotion dealers", Decimal, int)
    place = cursors.place_of(cursor)
    before = place.key if place else (None, None)
    rows = session.execute(
        _BY_DEALER,
        {"id": promotion_id, "cost": before[0], "key": before[1], "limit": limit + 1, "back": _back(place)},
    )
    found = [DealerResult(**row._mapping) for row in rows]
    return cursors.page_of(found, limit, lambda one: (one.cost, one.dealer_id), place)


def by_product(
    session: Session, promotion_id: int, *, limit: int = 50, cursor: str | None = None
) -> Page[ProductResult]:
    """Products it acted upon, by what it cost. Raises Invalid for a foreign cursor."""
    cursors = paging.cursors(session, "promotion products", Decimal, int)
    place = cursors.place_of(cursor)
    before = place.key if place else (None, None)
    rows = session.execute(
        _BY_PRODUCT,
        {"id": promotion_id, "cost": before[0], "key": before[1], "limit": limit + 1, "back": _back(place)},
    )
    found = [ProductResult(**row._mapping) for row in rows]
    return cursors.page_of(found, limit, lambda one: (one.cost, one.product_id), place)


def _back(place: paging.Place | None) -> bool:
    return place is not None and place.back


# What is left of a use when some units were cancelled since: the running share of those that stay.
_USE = f"""
SELECT u.dealer_id, u.order_id, u.line_no, u.quantity - u.cancelled AS units,
       {share_sql("u.amount", "u.quantity - u.cancelled", "u.quantity")} AS cost
  FROM promotion_use u WHERE u.promotion_id = :id AND u.amount > 0 AND u.cancelled < u.quantity
"""

_RESULT = text(
    f"""
    WITH use AS ({_USE})
    SELECT (SELECT count(*) FROM dealer d {tier_of("d.id")} {region_of("d.id")}
             WHERE d.state = 'active'
               AND (p.region_ids = '{{}}' OR r.id = ANY (p.region_ids) OR r.parent_id = ANY (p.region_ids))
               AND (p.tiers = '{{}}' OR dt.tier = ANY (p.tiers))
               AND (p.dealer_ids = '{{}}' OR d.id = ANY (p.dealer_ids))) AS reach,
           (SELECT count(*) FROM promotion_dealer d
             WHERE d.promotion_id = p.id AND d.registered_at IS NOT NULL) AS joined,
           (SELECT count(DISTINCT dealer_id) FROM use) AS users,
           (SELECT count(DISTINCT (dealer_id, order_id)) FROM use) AS orders,
           (SELECT coalesce(sum(units), 0)::bigint FROM use) AS units,
           (SELECT coalesce(sum(cost), 0) FROM use) AS cost
      FROM promotion p WHERE p.id = :id
    """
)

_AFTER = """
(CAST(:cost AS numeric) IS NULL OR NOT :back AND (cost, -{key}) < (:cost, -CAST(:key AS bigint))
                                OR :back AND (cost, -{key}) > (:cost, -CAST(:key AS bigint)))
ORDER BY CASE WHEN :back THEN cost END, CASE WHEN :back THEN -{key} END, cost DESC, {key} LIMIT :limit
"""

_BY_DEALER = text(
    f"""
    WITH use AS ({_USE}), found AS (
      SELECT d.id AS dealer_id, d.code AS dealer_code, d.name_zh AS dealer_zh, d.name_en AS dealer_en,
             g.registered_at, count(DISTINCT u.order_id)::int AS orders,
             coalesce(sum(u.units), 0)::bigint AS units, g.reached, coalesce(sum(u.cost), 0) AS cost
        FROM promotion_dealer g JOIN dealer d ON d.id = g.dealer_id
        LEFT JOIN use u ON u.dealer_id = g.dealer_id
       WHERE g.promotion_id = :id GROUP BY d.id, g.registered_at, g.reached
    )
    SELECT * FROM found WHERE {_AFTER.format(key="dealer_id")}
    """
)

_BY_PRODUCT = text(
    f"""
    WITH use AS ({_USE}), found AS (
      SELECT p.id AS product_id, p.sku, p.name_zh AS product_zh, p.name_en AS product_en,
             count(DISTINCT u.dealer_id)::int AS dealers,
             count(DISTINCT (u.dealer_id, u.order_id))::int AS orders,
             sum(u.units)::bigint AS units, sum(u.cost) AS cost
        FROM use u JOIN order_line l USING (dealer_id, order_id, line_no)
        JOIN product p ON p.id = l.product_id GROUP BY p.id
    )
    SELECT * FROM found WHERE {_AFTER.format(key="product_id")}
    """
)
