"""The promotions that run for a dealer, with what is left of their budgets, caps and lots."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from portal.dealers.queries import DealerFacts
from portal.kernel import locks
from portal.kernel.db import Record
from portal.kernel.locks import Rank
from portal.promotions.rules import Condition, Gift, Kind, Lot, Promotion, Reward


def running(
    session: Session,
    *,
    dealer: DealerFacts,
    at: datetime,
    skus: Sequence[str],
    lock: bool = False,
) -> list[Promotion]:
    """Promotions in force for a dealer that may concern one of `skus`, in the order of application.

    lock: hold the limited ones until the commit, so that what is left of them stays left. Those that others
    hold are waited for; the dealer's account is held already and guards what is the dealer's own.
    """
    parameters = {
        "dealer_id": dealer.id,
        "tier": dealer.tier,
        "region_path": list(dealer.region_path),
        "at": at,
        "skus": list(skus),
    }
    rows = session.execute(_LOCKED if lock else _RUNNING, parameters).all()
    if lock:
        locks.take(session, Rank.BUDGET, [(row.id,) for row in rows if row.is_limited])
    return sorted((_promotion(row) for row in rows), key=lambda promotion: promotion.order)


def _promotion(row: Record) -> Promotion:
    gift = row.gift_sku and Gift(row.gift_sku, row.gift_quantity, row.gift_for_each)
    return Promotion(
        number=row.number,
        kind=Kind(row.kind),
        condition=Condition(
            frozenset(row.skus or ()),
            row.category_code,
            row.min_quantity,
            row.min_amount,
            row.period_amount,
            row.first_order,
            tuple(Lot(*lot) for lot in row.lots or ()),
        ),
        reward=Reward(row.reward_percent, row.reward_amount, gift or None),
        priority=row.priority,
        published_at=row.published_at,
        combinable=row.combinable,
        budget_left=row.budget_left,
        cap_left=row.cap_left,
        may_pass_floor=row.may_pass_floor,
        registered=row.is_registered,
        reached=row.reached,
        id=row.id,
        title_zh=row.title_zh,
        title_en=row.title_en,
    )


ADDRESSED = """(p.region_ids = '{}' OR p.region_ids && CAST(:region_path AS bigint[]))
   AND (p.tiers = '{}' OR :tier = ANY (p.tiers))
   AND (p.dealer_ids = '{}' OR :dealer_id = ANY (p.dealer_ids))"""
"""SQL: whether a promotion `p` is for the dealer.

Parameters: ``dealer_id``, ``tier``, ``region_path``.
"""

# What is limited is read behind its lock, as it is then and not as it was when the statement began; the lots
# after the budget that guards them.
_STATEMENT = """
WITH goods AS (
  SELECT g.id, g.category_code FROM product g WHERE g.sku = ANY (CAST(:skus AS text[]))
), found AS MATERIALIZED (
  SELECT p.* FROM promotion p
   WHERE p.published_at <= :at AND p.valid_from <= :at AND p.valid_to > :at
     AND {addressed}
     AND EXISTS (SELECT FROM goods g
                  WHERE (p.product_ids = '{{}}' OR g.id = ANY (p.product_ids))
                    AND (p.category_code IS NULL OR starts_with(g.category_code, p.category_code)))
), budget AS MATERIALIZED (
  SELECT b.promotion_id, b.budget - b.spent AS budget_left FROM promotion_budget b
   WHERE b.promotion_id IN (SELECT id FROM found) ORDER BY b.promotion_id {lock}
), lots AS MATERIALIZED (
  SELECT t.promotion_id, t.lot_id, t.product_id, t.units - t.used AS units FROM promotion_lot t
   WHERE t.promotion_id IN (SELECT promotion_id FROM budget) ORDER BY t.promotion_id, t.lot_id {lock}
)
SELECT f.id, f.number, f.title_zh, f.title_en, f.kind, f.category_code, f.min_quantity, f.min_amount,
       f.period_amount, f.first_order, f.reward_percent, f.reward_amount, f.gift_quantity, f.gift_for_each,
       f.priority, f.combinable, f.published_at, f.may_pass_floor,
       (SELECT array_agg(x.sku ORDER BY x.sku) FROM product x WHERE x.id = ANY (f.product_ids)) AS skus,
       (SELECT x.sku FROM product x WHERE x.id = f.gift_product_id) AS gift_sku,
       (SELECT json_agg(json_build_array(x.sku, k.lot_no, l.units, l.lot_id) ORDER BY k.expires_on, k.id)
          FROM lots l JOIN lot k ON k.id = l.lot_id JOIN product x ON x.id = l.product_id
         WHERE l.promotion_id = f.id) AS lots,
       b.promotion_id IS NOT NULL AS is_limited, b.budget_left,
       f.per_dealer_cap - coalesce(d.spent, 0) AS cap_left, coalesce(d.reached, 0) AS reached,
       NOT f.registration_required OR d.registered_at IS NOT NULL AS is_registered
  FROM found f LEFT JOIN budget b ON b.promotion_id = f.id
  LEFT JOIN promotion_dealer d ON d.promotion_id = f.id AND d.dealer_id = :dealer_id
"""


def _text(lock: str) -> Any:
    return text(_STATEMENT.format(addressed=ADDRESSED, lock=lock))


_RUNNING = _text("")
_LOCKED = _text("FOR NO KEY UPDATE")
