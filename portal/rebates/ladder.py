"""The tiers of a programme against a dealer's last year, and what each line earns on them. Pure, exact."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from portal.rebates.programme import Programme, Table, Tier
from portal.rebates.rules import GrowthBy, GrowthPays, Method
from portal.rebates.source_lines import SourceLine

ZERO = Decimal(0)


@dataclass(frozen=True, slots=True)
class Share:
    """A line with what it counts, what its money is reckoned on, and the part of its rate that it earns."""

    source: SourceLine
    table: Table
    qualifier: Decimal
    payout: Decimal
    part: Fraction


@dataclass(frozen=True, slots=True)
class Base:
    """Last year's qualifier as growth takes it. grows: False where there is nothing to grow from."""

    amount: Decimal = ZERO
    shown: Decimal | None = None
    grows: bool = True


@dataclass(frozen=True, slots=True)
class Ladder:
    """The tiers of a programme against one dealer's last year. factor: conditions and multiplier together."""

    programme: Programme
    base: Base
    factor: Fraction

    def threshold(self, tier: Tier) -> Decimal:
        """From which qualifier a tier is reached (§4, §6)."""
        growth = self.programme.growth
        if growth is None:
            return tier.start
        if growth.by is GrowthBy.PERCENT:
            return self.base.amount * (100 + tier.start) / 100
        return self.base.amount + tier.start

    def reached(self, table: Table, qualified: Decimal) -> int:
        """Which tier is reached, from 1; 0 for none."""
        if not self.base.grows or (self.programme.growth is not None and qualified <= 0):
            return 0
        return sum(1 for tier in table.tiers if qualified >= self.threshold(tier))

    def earned(self, shares: Sequence[Share], qualified: Decimal) -> list[Fraction]:
        """What each line earns before cap and rounding (§5)."""
        if not self.factor or not self.base.grows:
            return [Fraction(0)] * len(shares)
        amounts = []
        before = ZERO
        for share in shares:
            after = before + share.qualifier
            amounts.append(self._of_line(share, before, after, qualified) * share.part * self.factor)
            before = after
        return [a + b for a, b in zip(amounts, self._fixed(shares, qualified), strict=True)]

    def _of_line(self, share: Share, before: Decimal, after: Decimal, qualified: Decimal) -> Fraction:
        if not share.part:
            return Fraction(0)
        if self.programme.method is Method.INCREMENTAL:
            return self._of_bands(share, before, after)
        reached = self.reached(share.table, qualified)
        if not reached:
            return Fraction(0)
        return self._paid(share, share.table.tiers[reached - 1], self._part_above_base(share, before, after))

    def _part_above_base(self, share: Share, before: Decimal, after: Decimal) -> Fraction:
        """How much of a line is growth, where growth alone is paid; else all of it."""
        growth = self.programme.growth
        if growth is None or growth.pays is GrowthPays.WHOLE:
            return Fraction(1)
        base = self.base.amount
        return _ratio(max(after, base) - max(before, base), share.qualifier)

    def _of_bands(self, share: Share, before: Decimal, after: Decimal) -> Fraction:
        total = Fraction(0)
        tiers = share.table.tiers
        for place, tier in enumerate(tiers):
            low = self.threshold(tier)
            high = self.threshold(tiers[place + 1]) if place + 1 < len(tiers) else None
            inside = _clamped(after, low, high) - _clamped(before, low, high)
            if inside:
                total += self._paid(share, tier, _ratio(inside, share.qualifier))
            elif not share.qualifier and before >= low and (high is None or before < high):
                total += self._paid(share, tier, Fraction(1))  # goods that are paid on and count for no tier
        return total

    @staticmethod
    def _paid(share: Share, tier: Tier, part: Fraction) -> Fraction:
        if tier.percent is not None:
            return Fraction(share.payout) * Fraction(tier.percent) / 100 * part
        if tier.per_unit is not None:
            return share.source.quantity * Fraction(tier.per_unit) * part
        return Fraction(0)

    def _fixed(self, shares: Sequence[Share], qualified: Decimal) -> list[Fraction]:
        """The fixed amount of the reached tier, spread over the lines that earn by what they count."""
        weights = [Fraction(share.qualifier) if share.part else Fraction(0) for share in shares]
        total = sum(weights, Fraction(0))
        found = []
        for share, weight in zip(shares, weights, strict=True):
            reached = self.reached(share.table, qualified)
            fixed = share.table.tiers[reached - 1].fixed if reached else None
            found.append(
                weight / total * Fraction(fixed) * self.factor if fixed and total > 0 else Fraction(0)
            )
        return found

    def rates(self, shares: Sequence[Share], qualified: Decimal) -> list[Decimal | None]:
        """The rate each line earns in the end (§9)."""
        return [self._rate(share, qualified) for share in shares]

    def _rate(self, share: Share, qualified: Decimal) -> Decimal | None:
        reached = self.reached(share.table, qualified)
        if not reached or not share.part or not self.factor:
            return ZERO
        tier = share.table.tiers[reached - 1]
        rate = tier.percent if tier.percent is not None else tier.per_unit
        if rate is None or self.programme.method is Method.INCREMENTAL:
            return None
        exact = Fraction(rate) * share.part * self.factor
        return Decimal(exact.numerator) / exact.denominator


def rounded(programme: Programme, earned: Sequence[Fraction]) -> tuple[list[Decimal], Decimal]:
    """Each line's amount as the difference of the rounded running total (§8, §9), and the total."""
    running, before = Fraction(0), ZERO
    cap = Fraction(programme.cap) if programme.cap is not None else None
    amounts = []
    for one in earned:
        running += one
        held = max(running if cap is None else min(running, cap), Fraction(0))
        total = half_up(held)
        amounts.append(total - before)
        before = total
    return amounts, before.quantize(Decimal("0.01"))


def half_up(value: Fraction) -> Decimal:
    """A positive amount to the fen."""
    fen = (value * 200 + 1) // 2
    return Decimal(fen).scaleb(-2)


def _clamped(value: Decimal, low: Decimal, high: Decimal | None) -> Decimal:
    value = max(value, low)
    return value if high is None else min(value, high)


def _ratio(part: Decimal, whole: Decimal) -> Fraction:
    return Fraction(part) / Fraction(whole) if whole else Fraction(0)
