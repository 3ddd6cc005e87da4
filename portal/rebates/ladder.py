"""The tiers of a programme against a dealer's last year, and what each line earns on them. Pure, exact."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from math import lcm

from portal.rebates.programme import Programme, Table, Tier
from portal.rebates.rules import GrowthBy, GrowthPays, Method
from portal.rebates.source_lines import SourceLine

ZERO = Decimal(0)
NONE, WHOLE = Fraction(0), Fraction(1)


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
            return [NONE] * len(shares)
        tiers = self._tiers(shares, qualified)
        amounts = []
        before = ZERO
        for share, tier in zip(shares, tiers, strict=True):
            after = before + share.qualifier
            amounts.append(_times(_times(self._of_line(share, tier, before, after), share.part), self.factor))
            before = after
        if not any(tier is not None and tier.fixed for tier in tiers):
            return amounts
        return [a + b for a, b in zip(amounts, self._fixed(shares, tiers), strict=True)]

    def _tiers(self, shares: Sequence[Share], qualified: Decimal) -> list[Tier | None]:
        """The reached tier of each line's table. Most lines have the table of the line before."""
        found: list[Tier | None] = []
        table: Table | None = None
        tier: Tier | None = None
        for share in shares:
            if share.table is not table:
                table = share.table
                reached = self.reached(table, qualified)
                tier = table.tiers[reached - 1] if reached else None
            found.append(tier)
        return found

    def _of_line(self, share: Share, tier: Tier | None, before: Decimal, after: Decimal) -> Fraction:
        if not share.part:
            return NONE
        if self.programme.method is Method.INCREMENTAL:
            return self._of_bands(share, before, after)
        if tier is None:
            return NONE
        return self._paid(share, tier, self._part_above_base(share, before, after))

    def _part_above_base(self, share: Share, before: Decimal, after: Decimal) -> Fraction:
        """How much of a line is growth, where growth alone is paid; else all of it."""
        growth = self.programme.growth
        if growth is None or growth.pays is GrowthPays.WHOLE:
            return WHOLE
        base = self.base.amount
        return _ratio(max(after, base) - max(before, base), share.qualifier)

    def _of_bands(self, share: Share, before: Decimal, after: Decimal) -> Fraction:
        total = NONE
        tiers = share.table.tiers
        for place, tier in enumerate(tiers):
            low = self.threshold(tier)
            high = self.threshold(tiers[place + 1]) if place + 1 < len(tiers) else None
            inside = _clamped(after, low, high) - _clamped(before, low, high)
            if inside:
                total += self._paid(share, tier, _ratio(inside, share.qualifier))
            elif not share.qualifier and before >= low and (high is None or before < high):
                total += self._paid(share, tier, WHOLE)  # goods that are paid on and count for no tier
        return total

    @staticmethod
    def _paid(share: Share, tier: Tier, part: Fraction) -> Fraction:
        if tier.percent is not None:
            return _times(_product(share.payout, tier.percent, 100), part)
        if tier.per_unit is not None:
            return _times(_product(share.source.quantity, tier.per_unit), part)
        return NONE

    def _fixed(self, shares: Sequence[Share], tiers: Sequence[Tier | None]) -> list[Fraction]:
        """The fixed amount of the reached tier, spread over the lines that earn by what they count."""
        weights = [Fraction(share.qualifier) if share.part else NONE for share in shares]
        total = sum(weights, NONE)
        return [
            weight / total * Fraction(tier.fixed) * self.factor
            if tier is not None and tier.fixed and total > 0
            else NONE
            for tier, weight in zip(tiers, weights, strict=True)
        ]

    def rates(self, shares: Sequence[Share], qualified: Decimal) -> list[Decimal | None]:
        """The rate each line earns in the end (§9)."""
        known: dict[tuple[int, Fraction], Decimal | None] = {}
        found = []
        for share, tier in zip(shares, self._tiers(shares, qualified), strict=True):
            key = (id(tier), share.part)
            if key not in known:
                known[key] = self._rate(share, tier)
            found.append(known[key])
        return found

    def _rate(self, share: Share, tier: Tier | None) -> Decimal | None:
        if tier is None or not share.part or not self.factor:
            return ZERO
        rate = tier.percent if tier.percent is not None else tier.per_unit
        if rate is None or self.programme.method is Method.INCREMENTAL:
            return None
        exact = Fraction(rate) * share.part * self.factor
        return Decimal(exact.numerator) / exact.denominator


def rounded(programme: Programme, earned: Sequence[Fraction]) -> tuple[list[Decimal], Decimal]:
    """Each line's amount as the difference of the rounded running total (§8, §9), and the total."""
    cap = None if programme.cap is None else Fraction(programme.cap)
    denominators = {one.denominator for one in earned} | {cap.denominator if cap else 1}
    unit = lcm(*denominators)  # whole numbers of it, since sums of fractions are slow
    most = None if cap is None else cap.numerator * (unit // cap.denominator)
    running = before = 0
    amounts = []
    for one in earned:
        running += one.numerator * (unit // one.denominator)
        held = max(running if most is None else min(running, most), 0)
        fen = (held * 200 + unit) // (2 * unit)  # half-up
        amounts.append(_yuan(fen - before))
        before = fen
    return amounts, _yuan(before)


def _yuan(fen: int) -> Decimal:
    return Decimal(fen).scaleb(-2)


def _clamped(value: Decimal, low: Decimal, high: Decimal | None) -> Decimal:
    value = max(value, low)
    return value if high is None else min(value, high)


def _ratio(part: Decimal, whole: Decimal) -> Fraction:
    if part == whole:
        return WHOLE if whole else NONE
    return Fraction(part) / Fraction(whole) if whole else NONE


def _times(value: Fraction, part: Fraction) -> Fraction:
    """The product; most lines earn the whole, and a fraction is slow to multiply."""
    return value if part is WHOLE or part == WHOLE else value * part


def _product(one: Decimal | int, other: Decimal, divisor: int = 1) -> Fraction:
    """One fraction of two numbers, where three would be shortened one after the other."""
    (a, b), (c, d) = one.as_integer_ratio(), other.as_integer_ratio()
    return Fraction(a * c, b * d * divisor)
