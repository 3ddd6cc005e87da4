"""Which price is the price. Pure: the rules in force come in, a price with its receipt goes out.

Precedence, first difference decides (documented for managers in docs/pricing.md):

1. party: contract of the dealer > region and tier > tier > region > everybody;
2. within a party, the province before the sales area;
3. product: this product > its category, the narrower the better > all products;
4. the policy published later.

A rule applies alone: rules do not add up. Its quantity break prices all units of the line.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import NamedTuple

from portal import money
from portal.errors import Fault, N_

BREAKS_MAX = 20
VALUE_MAX = Decimal("1e9")


@dataclass(frozen=True, slots=True)
class RuleInForce:
    """A published rule that applies to a dealer and a product at a moment."""

    rule_id: int
    policy: str
    version: int
    published_at: datetime
    valid_to: datetime | None
    dealer_id: int | None
    region_id: int | None
    tier: str | None
    product_id: int | None
    category_code: str | None
    kind: str
    min_quantities: tuple[int, ...]
    values: tuple[Decimal, ...]


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


def price(list_price: Decimal, rules: Iterable[RuleInForce], quantity: int, region_path: Sequence[int]) -> Price:
    """Price of `quantity` units at `list_price` under the rules in force."""
    start = {"rule": "list", "policy": None, "version": None, "effect": None, "unit_price": money.as_text(list_price)}
    winner = strongest(rules, region_path)
    if winner is None:
        return Price(list_price, list_price, (), None, None, (start,))
    index = break_for(winner.min_quantities, quantity)
    ladder = breaks_of(winner, list_price)
    unit_price = ladder[index].unit_price
    step = {
        "rule": winner.rule_id,
        "policy": winner.policy,
        "version": winner.version,
        "effect": {
            "kind": winner.kind,
            "value": money.as_text(winner.values[index]),
            "min_quantity": winner.min_quantities[index],
        },
        "unit_price": money.as_text(unit_price),
    }
    return Price(unit_price, list_price, ladder, winner.policy, winner.valid_to, (start, step))


def strongest(rules: Iterable[RuleInForce], region_path: Sequence[int]) -> RuleInForce | None:
    """The one rule that decides, by the precedence of this module; None when none applies."""
    return max(rules, key=lambda rule: precedence(rule, region_path), default=None)


def precedence(rule: RuleInForce, region_path: Sequence[int]) -> tuple[int, int, int, datetime, int]:
    """Sort key: the greater wins. The rule's id only makes the order total; publication excludes real ties."""
    if rule.dealer_id is not None:
        party = 4
    elif rule.region_id is not None and rule.tier is not None:
        party = 3
    elif rule.tier is not None:
        party = 2
    else:
        party = 1 if rule.region_id is not None else 0
    depth = region_path.index(rule.region_id) if rule.region_id in region_path else -1
    subject = 1000 if rule.product_id is not None else len(rule.category_code or "")
    return party, depth, subject, rule.published_at, rule.rule_id


def break_for(min_quantities: Sequence[int], quantity: int) -> int:
    """Index of the greatest minimum not above `quantity`; the first applies to any quantity."""
    return max(i for i, minimum in enumerate(min_quantities) if i == 0 or minimum <= quantity)


def apply(kind: str, value: Decimal, list_price: Decimal) -> Decimal:
    """Unit price a rule gives, rounded per unit, never below zero."""
    if kind == "net":
        return money.to_fen(value)
    if kind == "percent_off":
        return money.discounted(list_price, value)
    if kind == "amount_off":
        return max(money.ZERO, money.to_fen(list_price - value))
    raise ValueError(f"unknown kind of rule: {kind}")


def breaks_of(rule: RuleInForce, list_price: Decimal) -> tuple[Break, ...]:
    """The ladder a dealer is shown: every minimum with its unit price."""
    return tuple(
        Break(minimum, apply(rule.kind, value, list_price))
        for minimum, value in zip(rule.min_quantities, rule.values, strict=True)
    )


def replay(receipt: Sequence[dict[str, object]]) -> Decimal:
    """Unit price re-computed from a stored receipt alone. Equal to the line's price, or the line cannot prove itself."""
    unit_price = Decimal(str(receipt[0]["unit_price"]))
    for step in receipt[1:]:
        effect = step["effect"]
        unit_price = apply(effect["kind"], Decimal(effect["value"]), unit_price)  # type: ignore[index]
    return unit_price


def rule_faults(kind: str, min_quantities: Sequence[int], values: Sequence[Decimal], pointer: str) -> list[Fault]:
    """Everything wrong with a rule somebody typed: order of breaks, range of values."""
    faults = []
    if not 1 <= len(min_quantities) <= BREAKS_MAX:
        faults.append(Fault(pointer, "breaks_count", N_("Give 1 to %(max)s quantity breaks."), params={"max": BREAKS_MAX}))
    elif min_quantities[0] != 1:
        faults.append(Fault(pointer, "first_break", N_("The first break must start at 1."), N_("Set the first minimum quantity to 1.")))
    if any(later <= earlier for earlier, later in zip(min_quantities, min_quantities[1:], strict=False)):
        faults.append(Fault(pointer, "breaks_order", N_("Minimum quantities must increase."), N_("Sort the breaks; each minimum once.")))
    if any(not value.is_finite() or value < 0 for value in values):
        faults.append(Fault(pointer, "negative_value", N_("A value must not be negative.")))
    elif kind == "percent_off" and any(value > 100 for value in values):
        faults.append(Fault(pointer, "percent_range", N_("A discount is between 0 and 100 per cent.")))
    elif any(value >= VALUE_MAX or value != money.to_fen(value) for value in values):
        faults.append(Fault(pointer, "value_precision", N_("Give at most two decimal places, below one billion.")))
    return faults
