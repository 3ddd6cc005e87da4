"""A price in stages: list price → price policy → rounding. Pure.

Each stage is a function that gets what was asked and the price so far, and gives the price back, changed and
with its step on the receipt, or as it was. A stage to come (contract, promotion) is one more function in
`STAGES`. Receipts that were stored say by themselves what each step did, so they replay whatever is added.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from typing import Any, NamedTuple

from portal.kernel import money
from portal.pricing.rules import RuleInForce, apply, break_for, strongest

ROUNDING = "rounding"
"""Kind of the effect of rounding to the fen, where it changed something."""


class Break(NamedTuple):
    """From `min_quantity` units on, every unit costs `unit_price`."""

    min_quantity: int
    unit_price: Decimal


@dataclass(frozen=True, slots=True)
class Price:
    """Unit price of a quantity, VAT included, with the receipt that proves it.

    receipt: steps in order, JSON-ready: ``{"rule", "policy", "version", "effect", "unit_price"}``.
    """

    unit_price: Decimal
    list_price: Decimal
    breaks: tuple[Break, ...]
    policy: str | None
    valid_until: datetime | None
    receipt: tuple[dict[str, object], ...]

    def breaks_beyond(self, quantity: int) -> tuple[Break, ...]:
        """What buying more than `quantity` would cost."""
        return tuple([step for step in self.breaks if step.min_quantity > quantity])


class Asked(NamedTuple):
    """What a price is asked for. rules: those in force for the dealer. region_path: ids, the area first."""

    list_price: Decimal
    rules: Iterable[RuleInForce]
    quantity: int
    region_path: Sequence[int]


Stage = Callable[[Asked, Price], Price]


def price(
    list_price: Decimal, rules: Iterable[RuleInForce], quantity: int, region_path: Sequence[int]
) -> Price:
    """Price of `quantity` units at `list_price` under the rules in force, through every stage."""
    asked = Asked(list_price, rules, quantity, region_path)
    found = listed(asked)
    for stage in STAGES:
        found = stage(asked, found)
    return found


def listed(asked: Asked) -> Price:
    """Where every price begins."""
    start: dict[str, object] = {
        "rule": "list",
        "policy": None,
        "version": None,
        "effect": None,
        "unit_price": money.as_text(asked.list_price),
    }
    return Price(asked.list_price, asked.list_price, (), None, None, (start,))


def by_policy(asked: Asked, found: Price) -> Price:
    """The one rule that decides applies alone; its quantity break prices all units."""
    rule = strongest(asked.rules, asked.region_path)
    if rule is None:
        return found
    index = break_for(rule.min_quantities, asked.quantity)
    ladder = breaks_of(rule, found.unit_price)
    unit_price = ladder[index].unit_price
    step = {
        "rule": rule.rule_id,
        "policy": rule.policy,
        "version": rule.version,
        "effect": {
            "kind": rule.kind,
            "value": money.as_text(rule.values[index]),
            "min_quantity": rule.min_quantities[index],
        },
        "unit_price": money.as_text(unit_price),
    }
    return Price(unit_price, found.list_price, ladder, rule.policy, rule.valid_to, (*found.receipt, step))


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


STAGES: tuple[Stage, ...] = (by_policy, rounded)


def breaks_of(rule: RuleInForce, list_price: Decimal) -> tuple[Break, ...]:
    """The ladder a dealer is shown: every minimum with its unit price."""
    return tuple(
        Break(minimum, apply(rule.kind, value, list_price))
        for minimum, value in zip(rule.min_quantities, rule.values, strict=True)
    )


def replay(receipt: Sequence[Mapping[str, Any]]) -> Decimal:
    """Unit price re-computed from a stored receipt alone.

    Equal to the line's price, or the line cannot prove itself.
    """
    unit_price = Decimal(str(receipt[0]["unit_price"]))
    for step in receipt[1:]:
        effect = step["effect"]
        if effect["kind"] == ROUNDING:
            unit_price = money.to_fen(unit_price)
        else:
            unit_price = apply(effect["kind"], Decimal(effect["value"]), unit_price)
    return unit_price
