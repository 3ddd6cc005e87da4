"""Which rule decides about a price, what a rule makes of it, and what is wrong with one. Pure.

Precedence, first difference decides (documented for managers in docs/pricing.md):

1. party: the dealer > region and tier > tier > region > everybody;
2. within a party, the province before the sales area;
3. product: this product > its category, the narrower the better > all products;
4. the policy published later.

A rule whose smallest quantity is not reached does not take part. The strongest applies alone: rules do not
add up. Its quantity break prices all units of the line, unless the rule is incremental: then each unit costs
what its own band says. A rule for at most so many units leaves the rest to the next strongest, as if the rest
were bought alone. A contract is none of these: its net price replaces whatever they make (see
`portal.pricing.stages`).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from itertools import pairwise
from typing import NamedTuple

from portal.kernel import money
from portal.kernel.errors import N_, Fault


class RuleKind(StrEnum):
    """What a rule says of the price."""

    NET = "net"
    PERCENT_OFF = "percent_off"
    AMOUNT_OFF = "amount_off"


class BreaksAre(StrEnum):
    """Which units a break prices: all of them once it is reached, or those of its own band."""

    ALL_UNITS = "all_units"
    INCREMENTAL = "incremental"


BREAKS_MAX = 20
VALUE_MAX = Decimal("1e9")


@dataclass(frozen=True, slots=True)
class RuleInForce:
    """A published rule that applies to a dealer and a product at a moment.

    contract: of a contract, not of a policy. incremental: each unit at the price of its own band.
    max_quantity: how many units it prices at most. tax_included: False for a net price to which VAT is added.
    floor: the unit price below which its policy does not go (it clamps), None for a policy that never would.
    """

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
    contract: bool = False
    incremental: bool = False
    max_quantity: int | None = None
    tax_included: bool = True
    floor: Decimal | None = None

    @property
    def plain(self) -> bool:
        """Whether it is a policy's and applies to whole lines of any quantity: most rules do."""
        return (
            self.min_quantities[0] == 1
            and self.max_quantity is None
            and not self.contract
            and not self.incremental
        )


def strongest(
    rules: Iterable[RuleInForce], region_path: Sequence[int], quantity: int | None = None
) -> RuleInForce | None:
    """The one rule that decides, by the precedence of this module; None when none applies.

    quantity: units to price; rules that begin above it take no part. None: whatever the quantity.
    """
    taking_part = [rule for rule in rules if quantity is None or rule.min_quantities[0] <= quantity]
    return max(taking_part, key=lambda rule: precedence(rule, region_path), default=None)


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
    """A doubtful price.

    From `min_quantity` units on a unit costs `after`, where it would cost `before` otherwise.
    """

    concern: Concern
    min_quantity: int
    before: Decimal
    after: Decimal


def doubt(
    list_price: Decimal, before: Ladder | None, after: Ladder | None, share: Decimal, *, own: bool = True
) -> Doubt | None:
    """The gravest doubt about a product's price when the rule `after` decides where `before` did.

    None means list price.

    share: a fall by this share of the price in force (0.30) or more is doubtful, at any quantity that both
    rules price. own:
    whether the publication itself brings the rule `after`; another policy's rule, or the list price, only
    comes into its own where the version before gives way, and is doubted for what it changes alone.
    """
    ladders = [ladder for ladder in (before, after) if ladder]
    first = max((ladder.min_quantities[0] for ladder in ladders), default=1)
    quantities = sorted(
        {first, *(minimum for ladder in ladders for minimum in ladder.min_quantities if minimum > first)}
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
    """Sort key, the gravest first.

    The kind of concern, then how far the price moves, then the smaller quantity.
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
    elif min_quantities[0] < 1:
        message, fix = N_("The first break must start at 1 or more."), N_("Set the first minimum quantity.")
        faults.append(Fault(pointer, "first_break", message, fix))
    if any(later <= earlier for earlier, later in pairwise(min_quantities)):
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
    """Every break from which a unit is dearer than below it.

    Nobody would buy the greater quantity, only twice the smaller.
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
        for place, (earlier, later) in enumerate(pairwise(values), start=1)
        if (later > earlier if kind == "net" else later < earlier)
    ]


def price_as_json(kind: str, min_quantities: Sequence[int], values: Sequence[Decimal]) -> dict[str, object]:
    """What a rule says of the price, for the audit."""
    return {
        "kind": kind,
        "min_quantities": list(min_quantities),
        "values": [money.as_text(value) for value in values],
    }
