"""What is doubtful about a promotion before somebody approves it: floors, free goods, equal priorities."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from sqlalchemy import text
from sqlalchemy.orm import Session

from portal.kernel import money
from portal.promotions.rules import Kind

SHOWN_MAX = 20


@dataclass(frozen=True, slots=True)
class Expected:
    """What a unit of a product would cost, from its list price alone; whoever pays less pays less still.

    floor: None without one. is_cut: the floor keeps it from getting as cheap as the promotion says.
    """

    sku: str
    name_zh: str
    name_en: str
    list_price: Decimal
    floor: Decimal | None
    price: Decimal
    is_cut: bool


@dataclass(frozen=True, slots=True)
class Doubts:
    """What an approver should look at.

    prices: of promotions that act upon each unit, at most `SHOWN_MAX`, those that are cut first. cut: how
    many products the floor holds; free: how many would cost nothing, one of them `free_sku`. same_priority:
    numbers of promotions on the same goods whose order only the moment of publication decides.
    """

    prices: tuple[Expected, ...]
    cut: int
    free: int
    free_sku: str
    same_priority: tuple[str, ...]


def doubts_of(session: Session, *, promotion_id: int, at: datetime) -> Doubts:
    """The doubts about a promotion as it would be judged at a moment."""
    promotion = session.execute(_PROMOTION, {"id": promotion_id}).one()
    same = session.execute(_SAME_PRIORITY, {"id": promotion_id, "at": at, "limit": SHOWN_MAX}).scalars()
    if promotion.kind not in (Kind.PERCENT_OFF, Kind.AMOUNT_OFF):
        return Doubts((), 0, 0, "", tuple(same))
    rows = session.execute(_PRICES, {"id": promotion_id, "at": at, "limit": SHOWN_MAX}).all()
    prices = []
    for row in rows:
        price = money.to_fen(row.price)
        lowest = None if promotion.may_pass_floor else row.floor
        prices.append(
            Expected(
                row.sku,
                row.name_zh,
                row.name_en,
                row.list_price,
                row.floor,
                min(row.list_price, price if lowest is None else max(price, lowest)),
                lowest is not None and price < lowest,
            )
        )
    first = rows[0] if rows else None
    return Doubts(
        tuple(prices),
        0 if promotion.may_pass_floor or first is None else first.cut,
        first.free if first else 0,
        next((price.sku for price in prices if price.price <= 0), ""),
        tuple(same),
    )


_PROMOTION = text("SELECT kind, may_pass_floor FROM promotion WHERE id = :id")

_PRICES = text(
    """
    WITH o AS (SELECT * FROM promotion WHERE id = :id), priced AS (
      SELECT p.sku, p.name_zh, p.name_en, l.unit_price AS list_price, f.unit_price AS floor,
             CASE WHEN o.reward_percent IS NOT NULL
                  THEN round(l.unit_price * (100 - o.reward_percent) / 100, 2)
                  ELSE greatest(0, l.unit_price - o.reward_amount) END AS price
        FROM o JOIN product p ON (o.product_ids = '{}' OR p.id = ANY (o.product_ids))
                             AND (o.category_code IS NULL OR starts_with(p.category_code, o.category_code))
        JOIN LATERAL (SELECT unit_price FROM list_price
                       WHERE product_id = p.id AND valid_from <= :at
                       ORDER BY valid_from DESC LIMIT 1) l ON true
        LEFT JOIN LATERAL (SELECT unit_price FROM floor_price
                            WHERE product_id = p.id AND valid_from <= :at
                            ORDER BY valid_from DESC LIMIT 1) f ON true
       WHERE p.state = 'active'
    )
    SELECT *, count(*) FILTER (WHERE price < floor) OVER () AS cut,
           count(*) FILTER (WHERE price <= 0) OVER () AS free
      FROM priced ORDER BY price > 0, coalesce(price >= floor, true), sku LIMIT :limit
    """
)

# Promotions on the order follow those on goods, so only the like of it can meet at equal priority.
_SAME_PRIORITY = text(
    """
    SELECT n.number FROM promotion o JOIN promotion n
        ON n.id <> o.id AND n.priority = o.priority AND n.published_at IS NOT NULL AND n.valid_to > :at
       AND n.valid_from < o.valid_to AND n.valid_to > o.valid_from
       AND (n.kind = 'order_amount_off') = (o.kind = 'order_amount_off')
       AND (o.product_ids = '{}' OR n.product_ids = '{}' OR o.product_ids && n.product_ids)
       AND (o.category_code IS NULL OR n.category_code IS NULL
            OR starts_with(o.category_code, n.category_code)
            OR starts_with(n.category_code, o.category_code))
       AND (o.tiers = '{}' OR n.tiers = '{}' OR o.tiers && n.tiers)
       AND (o.dealer_ids = '{}' OR n.dealer_ids = '{}' OR o.dealer_ids && n.dealer_ids)
     WHERE o.id = :id ORDER BY n.published_at LIMIT :limit
    """
)
