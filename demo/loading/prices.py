"""What a dealer paid at a moment of the past: the portal's own rules, on the policies that were in force
then.
"""

from __future__ import annotations

import json
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from demo.loading.keys import key, region_keys
from demo.loading.policies import rules_in_order
from demo.scenario import Scenario
from demo.world.business_days import local_date
from demo.world.network import Dealer
from demo.world.policies import Policy, Rule
from portal.pricing.rules import RuleInForce, strongest
from portal.pricing.stages import price


@dataclass(frozen=True, slots=True)
class Quoted:
    """Unit price of a quantity, VAT included, and its receipt as JSON."""

    unit_price: Decimal
    receipt: str


@dataclass(frozen=True, slots=True)
class _Dated:
    valid_from: datetime
    rule: RuleInForce

    def in_force(self, at: datetime) -> bool:
        return (
            self.rule.published_at <= at
            and self.valid_from <= at
            and (self.rule.valid_to is None or at < self.rule.valid_to)
        )


class PriceBook:
    """Prices of the scenario.

    Which rule decides is asked once per dealer, tier, device and stretch of time without a change.
    """

    def __init__(self, scenario: Scenario) -> None:
        self._devices = scenario.devices
        self._dealers = scenario.dealers
        self._regions = region_keys()
        self._published = list(_published(scenario))
        self._changes = sorted({moment for dated in self._published for moment in _moments(dated)})
        self._of_dealer: dict[tuple[int, str], tuple[dict[int, list[_Dated]], list[_Dated]]] = {}
        self._deciding: dict[tuple[int, str, int, int], RuleInForce | None] = {}
        self._quoted: dict[tuple[int | None, int, int], Quoted] = {}

    def quote(self, dealer: int, device: int, quantity: int, at: datetime) -> Quoted:
        """Price of `quantity` units of a device for a dealer (positions in the scenario) at a moment."""
        tier = self._dealers[dealer].tier_on(local_date(at))
        stretch = (dealer, tier, device, bisect_right(self._changes, at))
        if stretch not in self._deciding:
            self._deciding[stretch] = strongest(self._rules(dealer, tier, device, at), self._path(dealer))
        rule = self._deciding[stretch]
        known = (rule and rule.rule_id, device, quantity)
        if known not in self._quoted:
            found = price(
                self._devices[device].list_price, [rule] if rule else [], quantity, self._path(dealer)
            )
            self._quoted[known] = Quoted(found.unit_price, json.dumps(found.receipt))
        return self._quoted[known]

    def _rules(self, dealer: int, tier: str, device: int, at: datetime) -> list[RuleInForce]:
        by_product, broad = self._for_dealer(self._dealers[dealer], tier)
        category = self._devices[device].category
        candidates = [
            *by_product.get(key(device), ()),
            *(d for d in broad if category.startswith(d.rule.category_code or "")),
        ]
        return [dated.rule for dated in candidates if dated.in_force(at)]

    def _for_dealer(self, dealer: Dealer, tier: str) -> tuple[dict[int, list[_Dated]], list[_Dated]]:
        """The rules that may concern a dealer in a tier: those on a product by its key, and the others."""
        party = (dealer.index, tier)
        if party not in self._of_dealer:
            by_product: dict[int, list[_Dated]] = defaultdict(list)
            broad: list[_Dated] = []
            for dated in self._published:
                if self._concerns(dated.rule, dealer, tier):
                    (broad if dated.rule.product_id is None else by_product[dated.rule.product_id]).append(
                        dated
                    )
            self._of_dealer[party] = by_product, broad
        return self._of_dealer[party]

    def _concerns(self, rule: RuleInForce, dealer: Dealer, tier: str) -> bool:
        if rule.dealer_id is not None:
            return rule.dealer_id == key(dealer.index)
        return rule.tier in (None, tier) and (
            rule.region_id is None or rule.region_id in self._path(dealer.index)
        )

    def _path(self, dealer: int) -> tuple[int, int]:
        facts = self._dealers[dealer]
        return self._regions[facts.area], self._regions[facts.province]


def _published(scenario: Scenario) -> Iterator[_Dated]:
    regions = region_keys()
    products = {device.sku: key(index) for index, device in enumerate(scenario.devices)}
    for number, (index, rule) in enumerate(rules_in_order(scenario), start=1):
        policy = scenario.policies[index]
        if policy.published_at is not None:
            yield _Dated(policy.valid_from, _in_force(number, policy, rule, regions, products))


def _in_force(
    number: int, policy: Policy, rule: Rule, regions: dict[str, int], products: dict[str, int]
) -> RuleInForce:
    assert policy.published_at is not None, "only published policies are asked for"
    return RuleInForce(
        number,
        policy.number,
        policy.version,
        policy.published_at,
        policy.valid_to,
        None if rule.dealer is None else key(rule.dealer),
        regions[rule.region] if rule.region else None,
        rule.tier,
        products[rule.sku] if rule.sku else None,
        rule.category,
        rule.kind,
        tuple(minimum for minimum, _ in rule.breaks),
        tuple(value for _, value in rule.breaks),
    )


def _moments(dated: _Dated) -> Iterator[datetime]:
    yield dated.valid_from
    yield dated.rule.published_at
    if dated.rule.valid_to is not None:
        yield dated.rule.valid_to
