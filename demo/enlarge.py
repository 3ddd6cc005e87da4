"""The large demonstration: the small one many times over, with goods, dealers and policies that are all
different.

Products, dealers and policies are copied here, as values. Their past is copied in the database (see
`demo.loading.multiply`), since it is large; `Copies` tells it which copy of a dealer buys which copies of the
products, by which copies of the rules.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from decimal import Decimal
from random import Random

from stdnum import ean

from demo.scenario import Scenario
from demo.source.catalogue import Device
from demo.world.companies import Licence, credit_code
from demo.world.network import Dealer, Person
from demo.world.policies import POLICIES, Policy, Rule, fen
from demo.world.regions import City

TERM = timedelta(days=365)  # of the superseded contracts


@dataclass(frozen=True, slots=True)
class Size:
    """How much there is in all.

    `policies` may come out greater, since every contract and quantity scale is copied.
    """

    products: int
    dealers: int
    policies: int
    lines: int


LARGE = Size(products=100_000, dealers=10_000, policies=400, lines=5_000_000)


@dataclass(frozen=True, slots=True)
class RuleCopy:
    """Where the original rule decides, this one decides for the dealers of a generation.

    Rules by key, a policy by number.
    """

    original: int
    generation: int
    rule: int
    policy: str


@dataclass(frozen=True, slots=True)
class Copies:
    """What was copied. Generation 0 is the original; keys of a copy are those of the original plus generation
    × count.

    order_share: share of a dealer's orders that its copies have too.
    """

    products: int
    dealers: int
    size: Size
    dealer_generations: int
    product_generations: int
    order_share: float
    rules: tuple[RuleCopy, ...]

    def product_generation(self, generation: int) -> int:
        """The copies of the products that a generation of dealers buys.

        The originals are left to the originals.
        """
        return product_generation(generation, self.product_generations)


def product_generation(generation: int, generations: int) -> int:
    """Dealers' generations take the products' in turn."""
    return 0 if generation == 0 else (generation - 1) % (generations - 1) + 1


def enlarge(scenario: Scenario, size: Size) -> tuple[Scenario, Copies]:
    """The scenario with more products, dealers and policies.

    Its orders, lots and stock are still those of the originals, as are the elements of all other parts.
    """
    products, dealers = len(scenario.devices), len(scenario.dealers)
    lines = sum(len(order.lines) for order in scenario.orders)
    dealer_generations, product_generations = size.dealers // dealers, size.products // products
    if dealer_generations < 2 or product_generations < 2:
        raise ValueError(f"{size} is less than twice the scenario")
    devices = tuple(copied_devices(scenario.devices, size.products))
    policies = tuple(_copied_policies(scenario, devices, dealer_generations, product_generations))
    share = min(1.0, max(0.0, (size.lines / lines - 1) / (dealer_generations - 1)))
    enlarged = replace(
        scenario,
        devices=devices,
        dealers=tuple(copied_dealers(scenario.dealers, dealer_generations, scenario.seed)),
    )
    originals = scenario[POLICIES]
    enlarged = enlarged.having(
        POLICIES,
        (
            *originals,
            *(copy.policy for copy in policies),
            *_former(policies, size.policies - len(originals)),
        ),
    )
    rules = tuple(_rule_copies(originals, policies, dealer_generations, product_generations))
    return enlarged, Copies(products, dealers, size, dealer_generations, product_generations, share, rules)


def copied_devices(devices: Sequence[Device], count: int) -> Iterator[Device]:
    """The devices, and copies of them with own article numbers, GTINs and models until there are `count`."""
    yield from devices
    for index in range(len(devices), count):
        original = devices[index % len(devices)]
        series = index // len(devices)
        yield replace(
            original,
            sku=f"{original.maker.prefix}-E{index:06d}",
            udi_di=internal_gtin(index),
            name_zh=f"{original.name_zh} E{series:02d} 型",
            name_en=f"{original.name_en} Type E{series:02d}",
            model=f"{original.model} E{series:02d}".strip(),
            certificates=(),
        )


def internal_gtin(number: int) -> str:
    """A GTIN-14 of the block that GS1 keeps free for numbers within a company: it is nobody's in the
    world.
    """
    body = f"02{number:011d}"
    return body + ean.calc_check_digit(body)


def copied_dealers(dealers: Sequence[Dealer], generations: int, seed: int) -> Iterator[Dealer]:
    """The dealers, then each generation of branches in the same order and the same places."""
    yield from dealers
    for generation in range(1, generations):
        for original in dealers:
            yield _branch(original, generation, original.index + generation * len(dealers), seed)


def _branch(original: Dealer, generation: int, index: int, seed: int) -> Dealer:
    place = City(original.credit_code[2:6], original.province, original.city)
    code = f"D{index + 1:04d}"
    return replace(
        original,
        index=index,
        code=code,
        name_zh=f"{original.name_zh}第{generation}分公司",
        name_en=f"{original.name_en} Branch {generation}",
        credit_code=credit_code(place, Random(f"{seed}/branch/{index}")),
        licences=tuple(_reissued(paper, index) for paper in original.licences),
        users=(Person(f"buyer@{code.lower()}.example", original.contact, "dealer_buyer"),),
    )


def _reissued(paper: Licence, index: int) -> Licence:
    return replace(paper, number=re.sub(r"\d{4}号$", f"{index + 1:04d}号", paper.number))


@dataclass(frozen=True, slots=True)
class _PolicyCopy:
    """A copied policy, of which original (by position), for which generation of dealers (contracts) or
    products (scales).
    """

    original: int
    generation: int
    policy: Policy

    @property
    def of_dealers(self) -> bool:
        return any(rule.dealer is not None for rule in self.policy.rules)


def _copied_policies(
    scenario: Scenario, devices: Sequence[Device], dealer_generations: int, product_generations: int
) -> Iterator[_PolicyCopy]:
    """Published policies that name single products.

    What goes by category and tier holds for copies as it is.
    """
    positions = {device.sku: index for index, device in enumerate(scenario.devices)}
    for original, policy in enumerate(scenario[POLICIES]):
        if policy.published_at is None or not all(rule.sku for rule in policy.rules):
            continue
        contract = all(rule.dealer is not None for rule in policy.rules)
        for generation in range(1, dealer_generations if contract else product_generations):
            products = product_generation(generation, product_generations) if contract else generation
            moved = [
                replace(
                    rule,
                    sku=devices[positions[rule.sku] + products * len(scenario.devices)].sku,
                    dealer=rule.dealer + generation * len(scenario.dealers)
                    if rule.dealer is not None
                    else None,
                )
                for rule in policy.rules
                if rule.sku
            ]
            yield _PolicyCopy(original, generation, _renamed(policy, generation, moved))


def _renamed(policy: Policy, generation: int, rules: Iterable[Rule]) -> Policy:
    return replace(
        policy,
        number=f"{policy.number}-{generation:02d}",
        title_zh=f"{policy.title_zh} {generation:02d}",
        title_en=f"{policy.title_en} {generation:02d}",
        rules=tuple(rules),
    )


def _former(copies: Sequence[_PolicyCopy], wanted: int) -> list[Policy]:
    """Last year's versions of copied contracts, two per cent dearer, as many as are wanting.

    Their years are over before any order.
    """
    contracts = [copy.policy for copy in copies if copy.of_dealers]
    return [_last_years(policy) for policy in contracts[: max(0, wanted - len(copies))]]


def _last_years(policy: Policy) -> Policy:
    assert policy.published_at is not None, "only published policies are copied"
    dearer = Decimal("1.02")
    return replace(
        policy,
        number=f"{policy.number}-FORMER",
        state="superseded",
        valid_from=policy.valid_from - TERM,
        valid_to=policy.valid_from,
        published_at=policy.published_at - TERM,
        rules=tuple(
            replace(rule, breaks=tuple((least, fen(value * dearer)) for least, value in rule.breaks))
            for rule in policy.rules
        ),
    )


def _rule_copies(
    originals: Sequence[Policy],
    copies: Sequence[_PolicyCopy],
    dealer_generations: int,
    product_generations: int,
) -> Iterator[RuleCopy]:
    """Which rule decides for a generation of dealers where the original decided for the originals."""
    first = _first_rules([*originals, *(copy.policy for copy in copies)])
    for position, copy in enumerate(copies, start=len(originals)):
        generations = (
            [copy.generation]
            if copy.of_dealers
            else [
                generation
                for generation in range(1, dealer_generations)
                if product_generation(generation, product_generations) == copy.generation
            ]
        )
        for offset in range(len(copy.policy.rules)):
            for generation in generations:
                yield RuleCopy(
                    first[copy.original] + offset, generation, first[position] + offset, copy.policy.number
                )


def _first_rules(policies: Sequence[Policy]) -> list[int]:
    """Key of the first rule of each policy: rules are counted through all policies, from 1."""
    keys, following = [], 1
    for policy in policies:
        keys.append(following)
        following += len(policy.rules)
    return keys
