"""Promotions as documents, with what past orders had of them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from decimal import ROUND_UP, Decimal
from typing import Any

import psycopg

from demo.loading.keys import key, region_keys
from demo.loading.promoted import has_joined, number_of
from demo.loading.rows import put
from demo.scenario import Part, Scenario
from demo.world.promotions import CLEARED_WITHIN, PROMOTIONS

USES = """
CREATE TEMPORARY TABLE past_use (
  order_id bigint, line_no smallint, promotion_id bigint, amount numeric(16,2), counted numeric(16,2));
"""
USE = ("order_id", "line_no", "promotion_id", "amount", "counted")

_PROMOTION = (
    *("id", "number", "title_zh", "title_en", "kind", "state", "region_id", "valid_from", "valid_to"),
    *("region_ids", "tiers", "product_ids", "category_code", "min_quantity", "min_amount", "period_amount"),
    *("first_order", "reward_percent", "reward_amount", "gift_product_id", "gift_quantity", "gift_for_each"),
    *("priority", "combinable", "budget", "registration_required", "proposed_by", "proposed_by_label"),
    *("created_at", "written_by", "submitted_by_label", "submitted_at", "approved_by", "approved_by_label"),
    *("approved_at", "published_by", "published_by_label", "published_at"),
)
_MANAGERS = """
SELECT CASE WHEN all_regions THEN NULL ELSE region_ids[1] END, 'user:' || id, display_name FROM user_account
 WHERE roles = '{channel_manager}' ORDER BY id
"""
_SPENT = """
SELECT u.promotion_id, sum(u.amount) FROM past_use u JOIN past_order o ON o.id = u.order_id
 WHERE o.cancelled_at IS NULL GROUP BY u.promotion_id
"""
_SHORT_DATED = """
SELECT l.id, l.product_id, sum(s.on_hand - s.allocated)::int AS units
  FROM lot l JOIN lot_stock s ON s.lot_id = l.id AND s.state = 'saleable'
 WHERE l.expires_on BETWEEN %(first)s AND %(last)s
 GROUP BY l.id HAVING sum(s.on_hand - s.allocated) > 0 ORDER BY l.expires_on, l.id LIMIT 3
"""
_USED = """
INSERT INTO promotion_use (dealer_id, order_id, line_no, promotion_id, at, quantity, amount, counted,
                           cancelled)
SELECT o.dealer_id, u.order_id, u.line_no, u.promotion_id, o.placed_at, l.quantity, u.amount, u.counted,
       CASE WHEN o.cancelled_at IS NULL THEN 0 ELSE l.quantity END
  FROM past_use u JOIN past_order o ON o.id = u.order_id
  JOIN past_line l ON (l.order_id, l.line_no) = (u.order_id, u.line_no);
INSERT INTO promotion_budget (promotion_id, budget, spent)
SELECT p.id, p.budget, coalesce((SELECT sum(u.amount) FROM promotion_use u
                                  WHERE u.promotion_id = p.id AND u.cancelled = 0), 0)
  FROM promotion p
 WHERE p.published_at IS NOT NULL
   AND (p.budget IS NOT NULL OR EXISTS (SELECT FROM promotion_lot t WHERE t.promotion_id = p.id));
INSERT INTO promotion_dealer (dealer_id, promotion_id, spent, reached)
SELECT dealer_id, promotion_id, coalesce(sum(amount) FILTER (WHERE cancelled = 0), 0),
       coalesce(sum(counted) FILTER (WHERE cancelled = 0), 0)
  FROM promotion_use GROUP BY dealer_id, promotion_id
"""
_JOINED = """
INSERT INTO promotion_dealer AS d (dealer_id, promotion_id, registered_at, registered_by, registered_by_label)
SELECT p.dealer_id, n.id, n.valid_from, p.buyer, p.buyer_label
  FROM promotion n CROSS JOIN party p
 WHERE n.registration_required AND n.published_at IS NOT NULL
   AND (p.dealer_id = ANY (%(joined)s)
        OR EXISTS (SELECT FROM promotion_dealer g WHERE (g.dealer_id, g.promotion_id) = (p.dealer_id, n.id)))
ON CONFLICT (dealer_id, promotion_id) DO UPDATE
  SET registered_at = excluded.registered_at, registered_by = excluded.registered_by,
      registered_by_label = excluded.registered_by_label
"""


def write_promotions(connection: psycopg.Connection, scenario: Scenario) -> None:
    """The documents, then what the orders had of them, then who has joined."""
    managers = managers_of(connection)
    spent: dict[int, Decimal] = dict(connection.execute(_SPENT).fetchall())
    ends = scenario.today + timedelta(days=CLEARED_WITHIN)
    cleared = connection.execute(
        _SHORT_DATED, {"first": ends + timedelta(days=1), "last": scenario.today + timedelta(days=200)}
    ).fetchall()
    put(connection, "promotion", _PROMOTION, _rows(scenario, managers, spent, [lot[1] for lot in cleared]))
    lots = (
        (key(index), *lot)
        for index, one in enumerate(scenario[PROMOTIONS])
        if one.clears_lots
        for lot in cleared
    )
    put(connection, "promotion_lot", ("promotion_id", "lot_id", "product_id", "units"), lots)
    connection.execute(_USED)
    joined = [key(dealer.index) for dealer in scenario.dealers if has_joined(dealer.index)]
    connection.execute(_JOINED, {"joined": joined})


def managers_of(connection: psycopg.Connection) -> dict[int | None, list[tuple[str, str]]]:
    """Who writes and decides on what is promised in a region, None for the whole country: key and name."""
    managers: dict[int | None, list[tuple[str, str]]] = {}
    for region, who, name in connection.execute(_MANAGERS).fetchall():
        managers.setdefault(region, []).append((who, name))
    return managers


def _rows(
    scenario: Scenario,
    managers: dict[int | None, list[tuple[str, str]]],
    spent: dict[int, Decimal],
    cleared: list[int],
) -> Iterator[tuple[Any, ...]]:
    regions = region_keys()
    products = {device.sku: key(index) for index, device in enumerate(scenario.devices)}
    approver, approver_name = managers[None][-1]
    for index, one in enumerate(scenario[PROMOTIONS]):
        region = regions[one.region] if one.region else None
        author, name = managers.get(region, managers[None])[0]
        written_at = (one.published_at or scenario.now) - timedelta(days=4)
        submitted = one.state != "draft"
        published = one.published_at is not None
        gift = one.gift or (None, None, None)
        yield (
            key(index),
            number_of(index, one),
            one.title_zh,
            one.title_en,
            one.kind,
            one.state,
            region,
            one.valid_from,
            one.valid_to,
            [region] if region else [],
            list(one.tiers),
            sorted(set(cleared)) if one.clears_lots else [products[sku] for sku in one.skus],
            one.category,
            one.min_quantity,
            one.min_amount,
            one.period_amount,
            one.first_order,
            one.percent,
            one.amount,
            products[gift[0]] if gift[0] else None,
            gift[1],
            gift[2],
            one.priority,
            one.combinable,
            _budget(one.budget, one.budget_share, spent.get(key(index))),
            one.registration_required,
            author,
            name,
            written_at,
            [author],
            name if submitted else None,
            written_at + timedelta(days=1) if submitted else None,
            approver if published else None,
            approver_name if published else None,
            written_at + timedelta(days=2) if published else None,
            author if published else None,
            name if published else None,
            one.published_at,
        )


def _budget(budget: Decimal | None, share: Decimal | None, spent: Decimal | None) -> Decimal | None:
    """Never less than was spent; rounded up to whole hundreds."""
    if share is None or spent is None:
        return budget
    return (spent * share / 100).quantize(Decimal(1), ROUND_UP) * 100


PART = Part("promotions", world=PROMOTIONS, write=write_promotions, in_bulk=("promotion_use",))
