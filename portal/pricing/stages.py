"""A price in stages: list price → price policy → contract → rounding. Pure.

Each stage is a function that gets what was asked and the price so far, and gives the price back, changed and
with its step on the receipt, or as it was. What promotions take off comes after, over all lines of an order
(`portal.promotions.engine`). Receipts that were stored say by themselves what each step did, so they replay
whatever is added (`portal.pricing.receipts`).
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from typing import NamedTuple

from portal.kernel import money
from portal.pricing.receipts import AVERAGE, LIST, ROUNDING
from portal.pricing.rules import RuleInForce, apply, break_for, strongest


class Break(NamedTuple):
    """From `min_quantity` units on, a unit costs `unit_price`; of an incremental rule, a further unit."""

    min_quantity: int
    unit_price: Decimal


class Band(NamedTuple):
    """Units of a line that cost the same, by the rule of a policy (None: the list price)."""

    quantity: int
    unit_price: Decimal
    policy: str | None


@dataclass(frozen=True, slots=True)
class Price:
    """Unit price of a quantity, VAT included, with the receipt that proves it.

    bands: all units, in order; more than one where a rule is incremental or for at most so many units. Then
    unit_price is their average, half-up to the fen.
    receipt: steps in order, JSON-ready: ``{"rule", "policy", "version", "effect", "unit_price"}``; that of a
    band has its ``quantity`` too.
    """

    unit_price: Decimal
    list_price: Decimal
    breaks: tuple[Break, ...]
    policy: str | None
    valid_until: datetime | None
    receipt: tuple[dict[str, object], ...]
    bands: tuple[Band, ...] = ()

    @property
    def amount(self) -> Decimal:
        """What all units cost together: exactly the sum of the bands."""
        return sum((money.line_amount(band.unit_price, band.quantity) for band in self.bands), money.ZERO)

    def breaks_beyond(self, quantity: int) -> tuple[Break, ...]:
        """What buying more than `quantity` would cost."""
        return tuple([step for step in self.breaks if step.min_quantity > quantity])


class Asked(NamedTuple):
    """What a price is asked for.

    rules: those in force for the dealer. region_path: ids, the area first. tax_rate: a fraction; a rule
    without tax needs it.
    """

    list_price: Decimal
    rules: Collection[RuleInForce]
    quantity: int
    region_path: Sequence[int]
    tax_rate: Decimal = money.ZERO


Stage = Callable[[Asked, Price], Price]


def price(
    list_price: Decimal,
    rules: Collection[RuleInForce],
    quantity: int,
    region_path: Sequence[int],
    tax_rate: Decimal = money.ZERO,
) -> Price:
    """Price of `quantity` units at `list_price` under the rules in force, through every stage."""
    asked = Asked(list_price, rules, quantity, region_path, tax_rate)
    found = listed(asked)
    for stage in STAGES:
        found = stage(asked, found)
    if all(rule.plain for rule in rules):
        return found
    return replace(found, breaks=_breaks(asked))


def listed(asked: Asked) -> Price:
    """Where every price begins."""
    start: dict[str, object] = {
        "rule": "list",
        "policy": None,
        "version": None,
        "effect": None,
        "unit_price": money.as_text(asked.list_price),
    }
    bands = (Band(asked.quantity, asked.list_price, None),)
    return Price(asked.list_price, asked.list_price, (), None, None, (start,), bands)


def by_policy(asked: Asked, found: Price) -> Price:
    """The strongest rule applies alone; what is beyond its maximum goes to the next, as if bought alone."""
    rules = [rule for rule in asked.rules if not rule.contract]
    rule = strongest(rules, asked.region_path, asked.quantity)
    if rule is None:
        return found
    if not rule.incremental and (rule.max_quantity is None or asked.quantity <= rule.max_quantity):
        index = break_for(rule.min_quantities, asked.quantity)
        unit_price, step = _step(asked, rule, index)
        return Price(
            unit_price,
            found.list_price,
            breaks_of(rule, found.list_price, asked.tax_rate),
            rule.policy,
            rule.valid_to,
            (*found.receipt, step),
            (Band(asked.quantity, unit_price, rule.policy),),
        )
    return _banded(asked, found, rules, rule)


def by_contract(asked: Asked, found: Price) -> Price:
    """A contract's net price replaces what the policies make, dearer or cheaper, from its quantity on."""
    contracts = [rule for rule in asked.rules if rule.contract]
    rule = strongest(contracts, asked.region_path, asked.quantity) if contracts else None
    if rule is None:
        return found
    unit_price, step = _step(asked, rule, break_for(rule.min_quantities, asked.quantity))
    return replace(
        found,
        unit_price=unit_price,
        breaks=breaks_of(rule, found.list_price, asked.tax_rate),
        policy=rule.policy,
        valid_until=rule.valid_to,
        receipt=(*found.receipt, step),
        bands=(Band(asked.quantity, unit_price, rule.policy),),
    )


def rounded(_asked: Asked, found: Price) -> Price:
    """To the fen, whatever came before; a step of its own only where that changes something."""
    unit_price = money.to_fen(found.unit_price)
    if unit_price == found.unit_price:
        return found
    step: dict[str, object] = {
        "rule": ROUNDING,
        "policy": None,
        "version": None,
        "effect": {"kind": ROUNDING},
        "unit_price": money.as_text(unit_price),
    }
    return replace(found, unit_price=unit_price, receipt=(*found.receipt, step))


STAGES: tuple[Stage, ...] = (by_policy, by_contract, rounded)


def breaks_of(rule: RuleInForce, list_price: Decimal, tax_rate: Decimal = money.ZERO) -> tuple[Break, ...]:
    """The ladder a dealer is shown: every minimum with its unit price."""
    return tuple(
        Break(minimum, _unit_price(rule, value, list_price, tax_rate)[0])
        for minimum, value in zip(rule.min_quantities, rule.values, strict=True)
    )


def _banded(asked: Asked, found: Price, rules: list[RuleInForce], rule: RuleInForce) -> Price:
    """A line of several bands, with a step for each and one for their average."""
    bands, steps = [], []
    for units, unit_price, by, step in _allocated(asked, rules, asked.quantity):
        bands.append(Band(units, unit_price, None if by is None else by.policy))
        steps.append({**step, "quantity": units})
    amount = sum((band.unit_price * band.quantity for band in bands), money.ZERO)
    unit_price = money.to_fen(amount / asked.quantity)
    average: dict[str, object] = {
        "rule": AVERAGE,
        "policy": None,
        "version": None,
        "effect": {"kind": AVERAGE, "amount": money.as_text(amount)},
        "unit_price": money.as_text(unit_price),
    }
    ladder = breaks_of(rule, found.list_price, asked.tax_rate)
    return Price(
        unit_price,
        found.list_price,
        ladder,
        rule.policy,
        rule.valid_to,
        (*found.receipt, *steps, average),
        tuple(bands),
    )


_Part = tuple[int, Decimal, RuleInForce | None, dict[str, object]]


def _allocated(asked: Asked, rules: list[RuleInForce], quantity: int) -> list[_Part]:
    """The units in bands: the strongest rule takes what it may, the rest is priced under the others."""
    rule = strongest(rules, asked.region_path, quantity)
    if rule is None:
        effect: dict[str, object] = {
            "rule": "list",
            "policy": None,
            "version": None,
            "effect": {"kind": LIST},
            "unit_price": money.as_text(asked.list_price),
        }
        return [(quantity, asked.list_price, None, effect)]
    taken = min(quantity, rule.max_quantity or quantity)
    parts: list[_Part] = []
    for index, units in _by_break(rule, taken):
        unit_price, step = _step(asked, rule, index)
        parts.append((units, unit_price, rule, step))
    if taken == quantity:
        return parts
    return parts + _allocated(asked, [other for other in rules if other is not rule], quantity - taken)


def _by_break(rule: RuleInForce, quantity: int) -> list[tuple[int, int]]:
    """Index of the break and units it prices, for `quantity` units under one rule."""
    if not rule.incremental:
        return [(break_for(rule.min_quantities, quantity), quantity)]
    starts = [0, *(minimum - 1 for minimum in rule.min_quantities[1:])]
    ends = [*starts[1:], quantity]
    return [
        (index, min(end, quantity) - start)
        for index, (start, end) in enumerate(zip(starts, ends, strict=True))
        if start < quantity
    ]


def _step(asked: Asked, rule: RuleInForce, index: int) -> tuple[Decimal, dict[str, object]]:
    """Unit price of a rule's break, and what the receipt says of it."""
    value = rule.values[index]
    effect: dict[str, object] = {
        "kind": rule.kind,
        "value": money.as_text(value),
        "min_quantity": rule.min_quantities[index],
    }
    unit_price, lifted = _unit_price(rule, value, asked.list_price, asked.tax_rate)
    if not rule.tax_included:
        effect["tax_rate"] = str(asked.tax_rate)
    if lifted:
        effect["floor"] = money.as_text(unit_price)
    if rule.contract:
        effect["contract"] = True
    step = {
        "rule": rule.rule_id,
        "policy": rule.policy,
        "version": rule.version,
        "effect": effect,
        "unit_price": money.as_text(unit_price),
    }
    return unit_price, step


def _unit_price(
    rule: RuleInForce, value: Decimal, list_price: Decimal, tax_rate: Decimal
) -> tuple[Decimal, bool]:
    """What a rule's `value` makes of a list price, with VAT; whether a floor lifted it."""
    unit_price = apply(rule.kind, value, list_price)
    if not rule.tax_included:
        unit_price = money.to_fen(unit_price * (1 + tax_rate))
    if rule.floor is None or unit_price >= rule.floor:
        return unit_price, False
    return rule.floor, True


def _breaks(asked: Asked) -> tuple[Break, ...]:
    """The ladder where rules begin, end or give way at some quantity: what a further unit costs from each on.

    Quantities at which that stays are left out.
    """
    starts = {minimum for rule in asked.rules for minimum in rule.min_quantities}
    starts |= {rule.max_quantity + 1 for rule in asked.rules if rule.max_quantity is not None}
    ladder: list[Break] = []
    for minimum in sorted(starts | {1}):
        step = asked._replace(quantity=minimum)
        unit_price = by_contract(step, by_policy(step, listed(step))).bands[-1].unit_price
        if not ladder or unit_price != ladder[-1].unit_price:
            ladder.append(Break(minimum, unit_price))
    return tuple(ladder)
