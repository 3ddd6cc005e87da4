"""Which price is the price. Pure: the rules in force come in, a price with its receipt goes out.

Precedence, first difference decides (documented for managers in docs/pricing.md):

1. party: contract of the dealer > region and tier > tier > region > everybody;
2. within a party, the province before the sales area;
3. product: this product > its category, the narrower the better > all products;
4. the policy published later.

A rule applies alone: rules do not add up. Its quantity break prices all units of the line.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any, NamedTuple

from portal.kernel import money
from portal.kernel.errors import N_, Fault

TIERS = ("S", "A", "B", "C")
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


def price(
    list_price: Decimal, rules: Iterable[RuleInForce], quantity: int, region_path: Sequence[int]
) -> Price:
    """Price of `quantity` units at `list_price` under the rules in force."""
    start: dict[str, object] = {
        "rule": "list",
        "policy": None,
        "version": None,
        "effect": None,
        "unit_price": money.as_text(list_price),
    }
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
    """Sort key: the greater wins.

    The rule's id only makes the order total; publication excludes real ties.
    """
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


def replay(receipt: Sequence[Mapping[str, Any]]) -> Decimal:
    """Unit price re-computed from a stored receipt alone.

    Equal to the line's price, or the line cannot prove itself.
    """
    unit_price = Decimal(str(receipt[0]["unit_price"]))
    for step in receipt[1:]:
        effect = step["effect"]
        unit_price = apply(effect["kind"], Decimal(effect["value"]), unit_price)
    return unit_price


@dataclass(frozen=True, slots=True)
class Ladder:
    """What a rule makes of a list price, by quantity: columns of `price_rule`."""

    kind: str
    min_quantities: tuple[int, ...]
    values: tuple[Decimal, ...]


class Concern(StrEnum):
    """Why a price is not published unremarked. The first is refused, the others are named and confirmed."""

    ZERO = "zero_price"
    FAR_BELOW = "far_below"
    ABOVE_LIST = "above_list"


class Doubt(NamedTuple):
    """A doubtful price: from `min_quantity` units on a unit costs `after`, where it would cost `before`
    otherwise.
    """

    concern: Concern
    min_quantity: int
    before: Decimal
    after: Decimal


def doubt(
    list_price: Decimal, before: Ladder | None, after: Ladder | None, share: Decimal, *, own: bool = True
) -> Doubt | None:
    """The gravest doubt about a product's price when the rule `after` decides where `before` did; None means
    list price.

    share: a fall by this share of the price in force (0.30) or more is doubtful, at any quantity. own:
    whether the publication itself brings the rule `after`; another policy's rule, or the list price, only
    comes into its own where the version before gives way, and is doubted for what it changes alone.
    """
    quantities = sorted(
        {1, *(before.min_quantities if before else ()), *(after.min_quantities if after else ())}
    )
    found = [
        Doubt(concern, quantity, old, new)
        for quantity in quantities
        for old, new in [(unit_price(before, quantity, list_price), unit_price(after, quantity, list_price))]
        if (concern := _concern(old, new, list_price, share, own)) is not None
    ]
    return min(found, key=gravity, default=None)


def unit_price(ladder: Ladder | None, quantity: int, list_price: Decimal) -> Decimal:
    """What a unit costs under a rule, None for no rule, when `quantity` are bought."""
    if ladder is None:
        return list_price
    return apply(ladder.kind, ladder.values[break_for(ladder.min_quantities, quantity)], list_price)


def _concern(old: Decimal, new: Decimal, list_price: Decimal, share: Decimal, own: bool) -> Concern | None:
    if new == 0 and own:
        return Concern.ZERO
    if new < old and new <= old * (1 - share):
        return Concern.FAR_BELOW
    return Concern.ABOVE_LIST if own and new > max(list_price, old) else None


def gravity(found: Doubt) -> tuple[int, Decimal, int]:
    """Sort key, the gravest first: the kind of concern, then how far the price moves, then the smaller
    quantity.
    """
    share = found.after / found.before if found.before else Decimal(1)
    return (
        list(Concern).index(found.concern),
        -share if found.concern is Concern.ABOVE_LIST else share,
        found.min_quantity,
    )


def rule_faults(
    kind: str, min_quantities: Sequence[int], values: Sequence[Decimal], pointer: str
) -> list[Fault]:
    """Everything wrong with a rule somebody typed: order of breaks, range of values."""
    faults = []
    if not 1 <= len(min_quantities) <= BREAKS_MAX:
        faults.append(
            Fault(
                pointer, "breaks_count", N_("Enter 1 to %(max)s quantity breaks."), params={"max": BREAKS_MAX}
            )
        )
    elif min_quantities[0] != 1:
        faults.append(
            Fault(
                pointer,
                "first_break",
                N_("The first break must start at 1."),
                N_("Set the first minimum quantity to 1."),
            )
        )
    if any(later <= earlier for earlier, later in zip(min_quantities, min_quantities[1:], strict=False)):
        faults.append(
            Fault(
                pointer,
                "breaks_order",
                N_("Minimum quantities must increase."),
                N_("Sort the breaks by quantity; each minimum only once."),
            )
        )
    if any(not value.is_finite() or value < 0 for value in values):
        faults.append(
            Fault(pointer, "negative_value", N_("A value must not be negative."), N_("Enter 0 or more."))
        )
    elif kind == "percent_off" and any(value >= 100 for value in values):
        fix = N_("Enter less than 100: a price of ¥0.00 is no price.")
        faults.append(
            Fault(pointer, "percent_range", N_("A discount is at least 0 and less than 100 per cent."), fix)
        )
    elif kind == "net" and any(value == 0 for value in values):
        faults.append(
            Fault(
                pointer, "zero_price", N_("A price of ¥0.00 is no price."), N_("Enter the price of one unit.")
            )
        )
    elif any(value >= VALUE_MAX or value != money.to_fen(value) for value in values):
        fix = N_("Shorten it.")
        faults.append(
            Fault(pointer, "value_precision", N_("Enter at most two decimal places, below one billion."), fix)
        )
    elif kind in ("net", "percent_off", "amount_off"):
        faults += _rising_price(kind, values, pointer)
    return faults


def _rising_price(kind: str, values: Sequence[Decimal], pointer: str) -> list[Fault]:
    """Every break from which a unit is dearer than below it: nobody would buy the greater quantity, only
    twice the smaller.
    """
    if kind == "net":
        message, fix = (
            N_("From this quantity on a unit would be dearer than below it."),
            N_("Enter ¥%(earlier)s or less."),
        )
    else:
        message, fix = (
            N_("From this quantity on the discount would be smaller than below it."),
            N_("Enter %(earlier)s or more."),
        )
    return [
        Fault(f"{pointer}/{place}/value", "dearer_break", message, fix, {"earlier": money.as_text(earlier)})
        for place, (earlier, later) in enumerate(zip(values, values[1:], strict=False), start=1)
        if (later > earlier if kind == "net" else later < earlier)
    ]
