"""What a dealer should order again: the rules that warehouses are advised by, over its sell-out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from sqlalchemy import text
from sqlalchemy.orm import Session

from portal.dealerstock.queries import BOOKS
from portal.kernel.actor import Actor
from portal.planning.advice_rules import Position, default_terms, levels, proposed
from portal.planning.forecast_rules import WEEKLY, forecast, series, trend_of
from portal.stock.vocabulary import StockRight

PRODUCTS_MAX = 200
WEEKS_SHOWN = 26


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A product to order again, in units. weeks: sold in each of the latest weeks, the last ends today.

    a_week: expected of a week. coming: ordered or on the way. order_up_to: what held and coming should be.
    """

    sku: str
    name_zh: str
    name_en: str
    unit: str
    weeks: list[int]
    a_week: Decimal
    held: int
    coming: int
    safety_stock: int
    order_up_to: int
    quantity: int


def to_order_again(session: Session, *, actor: Actor, lead_days: int, today: date) -> list[Suggestion]:
    """Products of which what is held and coming does not last, what sells most first. One statement.

    lead_days: how long goods take to the dealer. Raises Forbidden.
    """
    actor.require(StockRight.READ)
    about = {
        "dealer_id": actor.own_dealer_id,
        "today": today,
        "longest": WEEKLY.history + 1,
        "limit": PRODUCTS_MAX,
    }
    rows = session.execute(_SELLING, about).all()
    sold = [series(dict(zip(row.agos, row.units, strict=True))) for row in rows]
    trend, terms = trend_of(_total(sold)), default_terms(lead_days)
    found = []
    for row, weeks in zip(rows, sold, strict=True):
        weekly = forecast(weeks, trend)
        needed = levels(weekly, terms)
        position = Position(max(0, row.held), row.coming, 0)
        if quantity := proposed(needed, position, row.pack):
            found.append(
                Suggestion(
                    row.sku,
                    row.name_zh,
                    row.name_en,
                    row.unit,
                    weeks[-WEEKS_SHOWN:],
                    Decimal(str(round(weekly.mean, 1))),
                    row.held,
                    row.coming,
                    needed.safety_stock,
                    needed.order_up_to,
                    quantity,
                )
            )
    return found


def _total(sold: Sequence[Sequence[int]]) -> list[int]:
    """Of all products together, week by week, as long as the longest of them."""
    longest = max(map(len, sold), default=0)
    return [sum(weeks[-ago] for weeks in sold if ago <= len(weeks)) for ago in range(longest, 0, -1)]


# What has expired cannot be sold and covers nothing. A sale of another's lot, or of what we do not sell, is
# none of ours.
_SELLING = text(
    f"""
    SELECT p.sku, p.name_zh, p.name_en, p.unit, p.pack_multiple AS pack, s.agos, s.units,
           coalesce(h.held, 0)::bigint AS held,
           (coalesce(h.on_the_way, 0) + coalesce(o.units, 0))::bigint AS coming
      FROM (SELECT w.product_id, array_agg(w.ago) AS agos, array_agg(w.units) AS units, sum(w.units) AS sold
              FROM (SELECT i.product_id, least((:today - i.day) / 7 + 1, :longest)::int AS ago,
                           sum(i.quantity)::bigint AS units
                      FROM inventory_report_line i
                     WHERE i.dealer_id = :dealer_id AND i.kind = 'sold' AND i.day <= :today
                       AND i.lot_id IS NOT NULL
                     GROUP BY 1, 2) w
             GROUP BY w.product_id) s
      JOIN product p ON p.id = s.product_id AND p.state = 'active'
      LEFT JOIN (SELECT b.product_id, sum(greatest(b.held, 0)) FILTER (WHERE b.expires >= :today) AS held,
                        sum(b.on_the_way) AS on_the_way
                   FROM ({BOOKS}) b GROUP BY b.product_id) h ON h.product_id = p.id
      LEFT JOIN (SELECT l.product_id, sum(l.quantity - l.shipped - l.cancelled) AS units
                   FROM order_line l
                  WHERE l.dealer_id = :dealer_id AND l.quantity > l.shipped + l.cancelled
                  GROUP BY l.product_id) o ON o.product_id = p.id
     ORDER BY s.sold DESC, p.sku LIMIT :limit
    """
)
