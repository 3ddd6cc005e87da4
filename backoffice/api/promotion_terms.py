"""A promotion between the API and the verbs: what a body says, and a promotion as an answer."""

from __future__ import annotations

from typing import Any

from backoffice.api.schemas.promotions import PromotionBody
from portal.promotions.queries import ManagedPromotion
from portal.promotions.said import Said
from portal.promotions.terms import LotTerms, Terms
from portal.web.promotion_words import terms_in_words


def terms_of(body: PromotionBody) -> Terms:
    """What a body says."""
    condition, reward = body.condition, body.reward
    gift = reward.gift
    return Terms(
        title_zh=body.title_zh,
        title_en=body.title_en,
        text_zh=body.text_zh,
        text_en=body.text_en,
        kind=body.kind,
        valid_from=body.valid_from,
        valid_to=body.valid_to,
        regions=tuple(body.regions),
        tiers=tuple(body.tiers),
        dealers=tuple(body.dealers),
        skus=tuple(condition.skus),
        category=condition.category or "",
        min_quantity=condition.min_quantity,
        min_amount=condition.min_amount,
        period_amount=condition.period_amount,
        first_order=condition.first_order,
        lots=tuple(LotTerms(lot.lot, lot.sku or "", lot.units) for lot in condition.lots),
        percent=reward.percent,
        amount=reward.amount,
        gift_sku=gift.sku if gift else "",
        gift_quantity=gift.quantity if gift else None,
        gift_for_each=gift.for_each if gift else None,
        priority=body.priority,
        combinable=body.combinable,
        budget=body.budget,
        per_dealer_cap=body.per_dealer_cap,
        registration_required=body.registration_required,
        may_pass_floor=body.may_pass_floor,
    )


def shown(found: ManagedPromotion) -> dict[str, Any]:
    """A promotion as an answer."""
    names = (
        *("id", "number", "revision", "state", "phase", "title_zh", "title_en", "text_zh", "text_en", "kind"),
        *("valid_from", "valid_to", "priority", "combinable", "budget", "spent", "per_dealer_cap"),
        *("registration_required", "may_pass_floor", "published_at", "reason"),
    )
    return {
        **{name: getattr(found, name) for name in names},
        "terms": terms_in_words(found),
        "regions": [one.code for one in found.regions],
        "tiers": list(found.tiers),
        "dealers": [one.code for one in found.dealers],
        "condition": condition_shown(found),
        "reward": reward_shown(found),
    }


def condition_shown(found: Said) -> dict[str, Any]:
    """What has to be bought."""
    names = ("min_quantity", "min_amount", "period_amount", "first_order")
    return {
        **{name: getattr(found, name) for name in names},
        "skus": [one.sku for one in found.goods],
        "category": found.category_code,
        "lots": [
            {"sku": one.sku, "lot": one.lot, "units": one.units, "left": one.left} for one in found.lots
        ],
    }


def reward_shown(found: Said) -> dict[str, Any]:
    """What is given."""
    gift = None
    if found.gift_sku is not None:
        gift = {"sku": found.gift_sku, "quantity": found.gift_quantity, "for_each": found.gift_for_each}
    return {"percent": found.reward_percent, "amount": found.reward_amount, "gift": gift}
