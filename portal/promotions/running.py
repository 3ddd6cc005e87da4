"""The promotions that run for a dealer, with what is left of their budgets, caps and lots."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from portal.dealers.queries import DealerFacts
from portal.kernel import locks
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
    promotions = running_from(session.scalar(_LOCKED if lock else _LOOKED_AT, parameters))
    if lock:
        locks.take(session, Rank.BUDGET, [(one.id,) for one in promotions if one.limited])
    return promotions


def running_from(told: Iterable[Mapping[str, Any]] | None) -> list[Promotion]:
    """The promotions that `RUNNING` tells, in the order of application."""
    return sorted((_promotion(one) for one in told or ()), key=lambda promotion: promotion.order)


def _promotion(told: Mapping[str, Any]) -> Promotion:
    gift = told["gift_sku"] and Gift(told["gift_sku"], told["gift_quantity"], told["gift_for_each"])
    return Promotion(
        number=told["number"],
        kind=Kind(told["kind"]),
        condition=Condition(
            frozenset(told["skus"] or ()),
            told["category_code"],
            told["min_quantity"],
            _amount(told["min_amount"]),
            _amount(told["period_amount"]),
            told["first_order"],
            tuple(Lot(*lot) for lot in told["lots"] or ()),
        ),
        reward=Reward(_amount(told["reward_percent"]), _amount(told["reward_amount"]), gift or None),
        priority=told["priority"],
        published_at=datetime.fromisoformat(told["published_at"]),
        combinable=told["combinable"],
        budget_left=_amount(told["budget_left"]),
        cap_left=_amount(told["cap_left"]),
        limited=told["is_limited"],
        may_pass_floor=told["may_pass_floor"],
        registered=told["is_registered"],
        reached=Decimal(told["reached"]),
        id=told["id"],
        title_zh=told["title_zh"],
        title_en=told["title_en"],
    )


def _amount(told: str | None) -> Decimal | None:
    return None if told is None else Decimal(told)


ADDRESSED = """(p.region_ids = '{}' OR p.region_ids && CAST(:region_path AS bigint[]))
   AND (p.tiers = '{}' OR :tier = ANY (p.tiers))
   AND (p.dealer_ids = '{}' OR :dealer_id = ANY (p.dealer_ids))"""
"""SQL: whether a promotion `p` is for the dealer.

Parameters: ``dealer_id``, ``tier``, ``region_path``.
"""

# What is limited is read behind its lock, as it is then and not as it was when the statement began; the lots
# after the budget that guards them. Decimals travel as text: JSON numbers would become floats.
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
), told AS (
  SELECT f.id, f.number, f.title_zh, f.title_en, f.kind, f.category_code, f.min_quantity,
         f.min_amount::text, f.period_amount::text, f.first_order, f.reward_percent::text,
         f.reward_amount::text, f.gift_quantity, f.gift_for_each, f.priority, f.combinable, f.published_at,
         f.may_pass_floor,
         (SELECT json_agg(x.sku ORDER BY x.sku) FROM product x WHERE x.id = ANY (f.product_ids)) AS skus,
         (SELECT x.sku FROM product x WHERE x.id = f.gift_product_id) AS gift_sku,
         (SELECT json_agg(json_build_array(x.sku, k.lot_no, l.units, l.lot_id) ORDER BY k.expires_on, k.id)
            FROM lots l JOIN lot k ON k.id = l.lot_id JOIN product x ON x.id = l.product_id
           WHERE l.promotion_id = f.id) AS lots,
         b.promotion_id IS NOT NULL AS is_limited, b.budget_left::text,
         (f.per_dealer_cap - coalesce(d.spent, 0))::text AS cap_left, coalesce(d.reached, 0)::text AS reached,
         NOT f.registration_required OR d.registered_at IS NOT NULL AS is_registered
    FROM found f LEFT JOIN budget b ON b.promotion_id = f.id
    LEFT JOIN promotion_dealer d ON d.promotion_id = f.id AND d.dealer_id = :dealer_id
)
SELECT json_agg(told) FROM told
"""

RUNNING = f"({_STATEMENT.format(addressed=ADDRESSED, lock='')})"
"""SQL: what runs for a dealer, as JSON for `running_from`, null for nothing; nothing is locked.

Parameters: ``dealer_id``, ``tier``, ``region_path``, ``at``, ``skus``.
"""

_LOOKED_AT = text(f"SELECT {RUNNING}")
_LOCKED = text(_STATEMENT.format(addressed=ADDRESSED, lock="FOR NO KEY UPDATE"))
