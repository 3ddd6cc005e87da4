"""Past order lines priced once more, as if a draft had been in force in the place of its predecessor. Pure.

Every line is priced at its own moment: by the rules that were in force then, without those of the draft's own
number, with the draft's. What promotions took off then stays taken off. So the sum of what was paid is what
the orders came to, and a line that the draft does not touch costs what it cost.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import NamedTuple

from portal.kernel.money import ZERO
from portal.pricing.rules import RuleInForce
from portal.pricing.stages import Price, price

PRODUCTS_KEPT = 500
"""Products named in a result: those whose revenue changes most."""

STEPS = tuple(Decimal(step) / 100 for step in (-30, -20, -10, -5, -1, 0, 1, 5, 10, 20, 30))
"""Bounds of the distribution: changes of a dealer's revenue, as fractions."""


class RehearsalState(StrEnum):
    """How far a rehearsal is."""

    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"


class DatedRule(NamedTuple):
    """A rule with the time in which it counts; the draft's counts always."""

    rule: RuleInForce
    valid_from: datetime | None
    is_draft: bool


class PastLine(NamedTuple):
    """Order lines of one kind: same dealer, terms, product, quantity and stretch of time.

    amount: ¥ of all of them as ordered. discount: ¥ that promotions took off. lines: how many they are.
    """

    dealer_id: int
    tier: str
    region_id: int
    product_id: int
    quantity: int
    at: datetime
    list_price: Decimal
    tax_rate: Decimal
    amount: Decimal
    discount: Decimal
    lines: int


@dataclass(slots=True)
class Sums:
    """Revenue then and under the draft, ¥ with VAT, of some order lines."""

    then: Decimal = ZERO
    under_draft: Decimal = ZERO
    lines: int = 0

    def add(self, then: Decimal, under_draft: Decimal, lines: int) -> None:
        """Count some lines more."""
        self.then += then
        self.under_draft += under_draft
        self.lines += lines

    @property
    def change(self) -> Decimal:
        """¥ more, or less, under the draft."""
        return self.under_draft - self.then


@dataclass(slots=True)
class Effect:
    """What a draft would have done. dealers, regions, tiers, products: by id or code."""

    whole: Sums = field(default_factory=Sums)
    dealers: dict[int, Sums] = field(default_factory=lambda: defaultdict(Sums))
    regions: dict[int, Sums] = field(default_factory=lambda: defaultdict(Sums))
    tiers: dict[str, Sums] = field(default_factory=lambda: defaultdict(Sums))
    products: dict[int, Sums] = field(default_factory=lambda: defaultdict(Sums))
    floor_hits: int = 0

    def add(self, line: PastLine, under_draft: Decimal, hits_floor: bool) -> None:
        """Count lines of one kind."""
        for sums in (
            self.whole,
            self.dealers[line.dealer_id],
            self.regions[line.region_id],
            self.tiers[line.tier],
            self.products[line.product_id],
        ):
            sums.add(line.amount, under_draft, line.lines)
        self.floor_hits += line.lines if hits_floor else 0


class Repricer:
    """Prices of past lines under a draft. What is asked again is not computed again.

    moments: when rules that count came or went, in order.
    """

    def __init__(
        self,
        rules: Iterable[DatedRule],
        *,
        categories: Mapping[int, str],
        parents: Mapping[int, int | None],
        floors: Mapping[int, Decimal],
    ) -> None:
        """categories: code by product. parents: area by province. floors: lowest unit price by product."""
        self._categories, self._parents, self._floors = categories, parents, floors
        self._of_product: dict[int, list[DatedRule]] = defaultdict(list)
        self._broad: list[DatedRule] = []
        moments: set[datetime] = set()
        for dated in rules:
            (
                self._broad if dated.rule.product_id is None else self._of_product[dated.rule.product_id]
            ).append(dated)
            if not dated.is_draft:
                moments |= {one for one in (dated.valid_from, dated.rule.valid_to) if one is not None}
        self.moments = sorted(moments)
        self._with_own = {
            dated.rule.dealer_id
            for dated in (*self._broad, *(one for many in self._of_product.values() for one in many))
            if dated.rule.dealer_id is not None
        }
        self._rules: dict[tuple[object, ...], tuple[RuleInForce, ...]] = {}
        self._prices: dict[tuple[object, ...], Price] = {}

    def stretch(self, at: datetime) -> int:
        """Which stretch of time without a change of rules a moment lies in."""
        return bisect_right(self.moments, at)

    def price(self, line: PastLine) -> Price:
        """Price of one line's quantity under the draft."""
        rules = self._rules_for(line)
        key = (tuple(rule.rule_id for rule in rules), line.list_price, line.tax_rate, line.quantity)
        if key not in self._prices:
            path = self._path(line.region_id)
            self._prices[key] = price(line.list_price, rules, line.quantity, path, line.tax_rate)
        return self._prices[key]

    def hits_floor(self, line: PastLine, found: Price) -> bool:
        """Whether the price would lie at the floor or below it."""
        floor = self._floors.get(line.product_id)
        return floor is not None and any(band.unit_price <= floor for band in found.bands)

    def _rules_for(self, line: PastLine) -> tuple[RuleInForce, ...]:
        dealer = line.dealer_id if line.dealer_id in self._with_own else None
        key = (dealer, line.tier, line.region_id, line.product_id, self.stretch(line.at))
        if key not in self._rules:
            path = self._path(line.region_id)
            category = self._categories.get(line.product_id, "")
            candidates = [
                *self._of_product.get(line.product_id, ()),
                *(one for one in self._broad if category.startswith(one.rule.category_code or "")),
            ]
            self._rules[key] = tuple(
                one.rule
                for one in candidates
                if _concerns(one.rule, line.dealer_id, line.tier, path) and _counts(one, line.at)
            )
        return self._rules[key]

    def _path(self, region_id: int) -> tuple[int, ...]:
        parent = self._parents.get(region_id)
        return (region_id,) if parent is None else (parent, region_id)


def rehearse(lines: Iterable[PastLine], repricer: Repricer) -> Effect:
    """What a draft would have done to some lines."""
    effect = Effect()
    for line in lines:
        found = repricer.price(line)
        under_draft = max(ZERO, found.amount * line.lines - line.discount)
        effect.add(line, under_draft, repricer.hits_floor(line, found))
    return effect


def distribution(changes: Sequence[tuple[Decimal, Decimal]]) -> list[int]:
    """How many lie between the bounds of `STEPS`, one more than there are. changes: (then, under the draft).

    Whoever is not changed counts between -1 % and 1 % with the others; who had nothing then is left out.
    """
    counts = [0] * (len(STEPS) + 1)
    for then, under_draft in changes:
        if then:
            counts[bisect_right(STEPS, (under_draft - then) / then)] += 1
    return counts


def _concerns(rule: RuleInForce, dealer_id: int, tier: str, path: Sequence[int]) -> bool:
    if rule.dealer_id is not None:
        return rule.dealer_id == dealer_id
    return rule.tier in (None, tier) and (rule.region_id is None or rule.region_id in path)


def _counts(dated: DatedRule, at: datetime) -> bool:
    if dated.is_draft:
        return True
    rule = dated.rule
    return (
        rule.published_at <= at
        and (dated.valid_from is None or dated.valid_from <= at)
        and (rule.valid_to is None or at < rule.valid_to)
    )
