"""What promotions took off a past order: the portal's own engine, on what ran at the moment of the order."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal

from demo.loading.keys import key, region_keys
from demo.scenario import Scenario
from demo.world.business_days import local_date
from demo.world.promotions import JOINED, PROMOTIONS
from demo.world.promotions import Promotion as Written
from portal.kernel.money import ZERO
from portal.promotions.discounts import Goods
from portal.promotions.engine import Outcome, apply_promotions
from portal.promotions.rules import Buyer, Condition, Gift, Kind, Promotion, Reward
from portal.promotions.use import Use, uses


def number_of(index: int, written: Written) -> str:
    """Number of the promotion at a position of the scenario."""
    return f"CX-DEMO-{(written.published_at or written.valid_from):%y%m}-{key(index):02d}"


def has_joined(dealer: int) -> bool:
    """Whether the dealer at a position joins where that is asked."""
    return dealer % JOINED == JOINED - 1


@dataclass(frozen=True, slots=True)
class _Dated:
    written: Written
    promotion: Promotion
    region: int | None


class PromotionBook:
    """The promotions of the scenario, and what each dealer has reached. Ask in the order of time."""

    def __init__(self, scenario: Scenario) -> None:
        regions = region_keys()
        self._dealers = scenario.dealers
        self._regions = regions
        self._dated = [
            _Dated(written, _promotion(index, written), regions[written.region] if written.region else None)
            for index, written in enumerate(scenario[PROMOTIONS])
            if written.published_at is not None and not written.clears_lots and written.gift is None
        ]
        self._reached: dict[tuple[int, int], Decimal] = defaultdict(lambda: ZERO)

    def apply(
        self, dealer: int, goods: Sequence[Goods], at: datetime, *, cancelled: bool
    ) -> tuple[Outcome, list[Use]]:
        """An order of a dealer (its position) after what ran for it; a cancelled one counts for nothing."""
        outcome = apply_promotions(goods, self._running(dealer, at), Buyer())
        taken = uses(outcome, {})
        if not cancelled:
            for use in taken:
                self._reached[dealer, use.promotion_id] += use.counted
        return outcome, taken

    def _running(self, dealer: int, at: datetime) -> Iterator[Promotion]:
        facts = self._dealers[dealer]
        for dated in self._dated:
            written = dated.written
            if not written.valid_from <= at < written.valid_to or written.first_order:
                continue
            if written.region not in (None, facts.area) or (
                written.tiers and facts.tier_on(local_date(at)) not in written.tiers
            ):
                continue
            if written.registration_required and not has_joined(dealer):
                continue
            yield replace(dated.promotion, reached=self._reached[dealer, dated.promotion.id])


def _promotion(index: int, written: Written) -> Promotion:
    assert written.published_at is not None
    gift = written.gift and Gift(*written.gift)
    return Promotion(
        number=number_of(index, written),
        kind=Kind(written.kind),
        condition=Condition(
            skus=frozenset(written.skus),
            category=written.category,
            min_quantity=written.min_quantity,
            min_amount=written.min_amount,
            period_amount=written.period_amount,
        ),
        reward=Reward(written.percent, written.amount, gift or None),
        priority=written.priority,
        published_at=written.published_at,
        combinable=written.combinable,
        id=key(index),
        title_zh=written.title_zh,
        title_en=written.title_en,
    )
