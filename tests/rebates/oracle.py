"""A plain, slow reference of the conventions of rebates, written apart from the engine.

It knows one dealer who stays what it is, programmes of tiers that pay percentages or amounts a piece on
invoiced lines, caps, and returns. It walks every fen on its own: a band is paid fen by fen.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction

from portal.rebates.programme import Tier


def rate_at(tiers: Sequence[Tier], qualified: Decimal) -> Decimal:
    """The rate of the highest tier that is reached, by looking at each."""
    rate = Decimal(0)
    for tier in tiers:
        if qualified >= tier.start:
            rate = tier.percent if tier.percent is not None else tier.per_unit
    return rate


def total(
    tiers: Sequence[Tier], amounts: Sequence[Decimal], *, in_bands: bool, step: Decimal, cap: Decimal | None
) -> Decimal:
    """What is paid for some amounts. step: the smallest unit of the qualifier (a fen, a piece)."""
    qualified = sum(amounts, Decimal(0))
    divisor = 100 if tiers[0].percent is not None else 1
    exact = Fraction(0)
    if in_bands:
        count = int(qualified / step)
        for place in range(count):  # every unit at the rate of where it lies
            exact += Fraction(step) * Fraction(rate_at(tiers, place * step)) / divisor
    else:
        exact = Fraction(qualified) * Fraction(rate_at(tiers, qualified)) / divisor
    exact = max(exact, Fraction(0))
    if cap is not None:
        exact = min(exact, Fraction(cap))
    value = Decimal(exact.numerator) / Decimal(exact.denominator)
    return value.quantize(Decimal("0.01"), ROUND_HALF_UP)
