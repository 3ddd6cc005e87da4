"""What a dealer has earned under a programme in a period, line by line, to the fen. Pure.

Everything is exact until the one rounding of the running total (§9): fractions, no division before it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction

from portal.rebates.conditions import conditions_of, grades_of
from portal.rebates.programme import Programme, Standing, Table, Tier
from portal.rebates.rules import GrowthBy, GrowthPays, LateReturns, Method, Period, ZeroBase
from portal.rebates.source_lines import Bill, LineKind, SourceLine

ZERO = Decimal(0)


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of one dealer on a day.

    lines: of the programme's measure, in any order, every line ever. bills: by invoice.
    """

    dealer: str
    standings: Sequence[Standing]
    lines: Sequence[SourceLine]
    bills: Mapping[str, Bill]


@dataclass(frozen=True, slots=True)
class AccruedLine:
    """What one line counted and earned. qualifier: ¥ or pieces. cumulative: the qualifier up to here.

    rate: per cent or ¥ a piece, after grade, factor and multiplier; None where it has no single one.
    """

    source: SourceLine
    qualifier: Decimal
    cumulative: Decimal
    payout: Decimal
    rate: Decimal | None
    amount: Decimal


@dataclass(frozen=True, slots=True)
class NextTier:
    """start: as the table has it. missing: what the qualifier lacks. gain: ¥ more at exactly that tier."""

    start: Decimal
    missing: Decimal
    gain: Decimal


@dataclass(frozen=True, slots=True)
class Accrual:
    """A dealer's period under a programme. reached_tier: counts from 1; 0 is none.

    base, growth_percent, mix_percent: for display; None where the programme has no such thing, or nothing to
    compare with. unmet: the conditions that do not hold. paid_on: the goods it pays on (§10).
    """

    period: Period
    qualified: Decimal
    reached_tier: int
    accrued: Decimal
    lines: tuple[AccruedLine, ...]
    next_tier: NextTier | None
    base: Decimal | None
    growth_percent: Decimal | None
    mix_percent: Decimal | None
    unmet: tuple[str, ...]
    paid_on: frozenset[tuple[str, int]]


@dataclass(frozen=True, slots=True)
class _Share:
    """A line with what it counts, what its money is reckoned on, and the part of its rate that it earns."""

    source: SourceLine
    table: Table
    qualifier: Decimal
    payout: Decimal
    part: Fraction


def accrue(
    programme: Programme,
    known: Known,
    period: Period,
    *,
    paid_before: Collection[tuple[str, int]] = frozenset(),
    closed: Collection[tuple[str, int]] = frozenset(),
) -> Accrual:
    """Reckon one period of a programme.

    paid_before: goods on which a programme before this one pays. closed: those of them that it closed.
    """
    lines = sorted(lines_of(programme, known, period), key=lambda line: line.order)
    kept_out = closed if programme.combinable else paid_before
    grades = grades_of(programme.on_time, known.bills)
    shares = [_share(programme, line, grades, kept_out) for line in lines]
    qualified = sum((share.qualifier for share in shares), ZERO)
    base = _base(programme, known, period)
    met = conditions_of(programme, lines, known.bills)
    factor = Fraction(met.factor) * Fraction(programme.multiplier)
    ladder = _Ladder(programme, base, factor)
    reached = ladder.reached(programme.table_on(period.last), qualified)
    earned = ladder.earned(shares, qualified)
    amounts, accrued = _rounded(programme, earned)
    pays = accrued > 0
    return Accrual(
        period,
        qualified,
        reached,
        accrued,
        _accrued_lines(shares, ladder.rates(shares, qualified), amounts),
        _next_tier(programme, known, period, ladder, shares, qualified, accrued),
        base.shown,
        _percent(qualified - base.amount, base.amount) if base.amount and base.shown is not None else None,
        met.mix_percent,
        met.unmet,
        frozenset(share.source.key for share, one in zip(shares, earned, strict=True) if one and pays),
    )


def lines_of(programme: Programme, known: Known, period: Period) -> Iterable[SourceLine]:
    """The lines that count in a period: of its days, of its goods, while the dealer was in the programme."""
    goods, payout = programme.goods, programme.payout
    goes_back = programme.late_returns is LateReturns.ORIGIN_PERIOD
    for line in known.lines:
        counts_on = line.on
        if goes_back and line.kind is LineKind.RETURN and line.origin_on is not None:
            counts_on = line.origin_on
        if not period.holds(counts_on):
            continue
        if not programme.is_for(known.dealer, known.standings, counts_on):
            continue
        if goods.hold(line.sku, line.categories) or (
            payout is not None and payout.goods.hold(line.sku, line.categories)
        ):
            yield line


@dataclass(frozen=True, slots=True)
class _Base:
    """Last year's qualifier as growth takes it. grows: False where there is nothing to grow from."""

    amount: Decimal = ZERO
    shown: Decimal | None = None
    grows: bool = True


def _base(programme: Programme, known: Known, period: Period) -> _Base:
    growth = programme.growth
    if growth is None:
        return _Base()
    # The programme was not yet valid last year: its days are not asked, its dealers and goods are.
    lines = lines_of(programme, known, period.year_before())
    amount = sum((_qualifier(programme, line) for line in lines), ZERO)
    if growth.base_at_least is not None:
        amount = max(amount, growth.base_at_least)
    if amount > 0:
        return _Base(amount, amount)
    return _Base(ZERO, ZERO, growth.zero_base is ZeroBase.COUNTS)


def _qualifier(programme: Programme, line: SourceLine) -> Decimal:
    return line.amount(programme.basis) if programme.goods.hold(line.sku, line.categories) else ZERO


def _share(
    programme: Programme,
    line: SourceLine,
    grades: Mapping[str, Fraction],
    kept_out: Collection[tuple[str, int]],
) -> _Share:
    payout = programme.payout
    basis, goods = (payout.basis, payout.goods) if payout else (programme.basis, programme.goods)
    pays = goods.hold(line.sku, line.categories) and line.key not in kept_out
    part = grades.get(line.invoice or line.document, Fraction(1)) if pays else Fraction(0)
    goes_back = line.kind is LineKind.RETURN and programme.late_returns is LateReturns.ORIGIN_PERIOD
    day = line.origin_on if goes_back and line.origin_on is not None else line.on
    paid_on = line.amount(basis) if pays else ZERO
    return _Share(line, programme.table_on(day), _qualifier(programme, line), paid_on, part)


@dataclass(frozen=True, slots=True)
class _Ladder:
    """The tiers of a programme against one dealer's last year. factor: conditions and multiplier together."""

    programme: Programme
    base: _Base
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

    def earned(self, shares: Sequence[_Share], qualified: Decimal) -> list[Fraction]:
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

    def _of_line(self, share: _Share, before: Decimal, after: Decimal, qualified: Decimal) -> Fraction:
        if not share.part:
            return Fraction(0)
        if self.programme.method is Method.INCREMENTAL:
            return self._of_bands(share, before, after)
        reached = self.reached(share.table, qualified)
        if not reached:
            return Fraction(0)
        return self._paid(share, share.table.tiers[reached - 1], self._part_above_base(share, before, after))

    def _part_above_base(self, share: _Share, before: Decimal, after: Decimal) -> Fraction:
        """How much of a line is growth, where growth alone is paid; else all of it."""
        growth = self.programme.growth
        if growth is None or growth.pays is GrowthPays.WHOLE:
            return Fraction(1)
        base = self.base.amount
        return _ratio(max(after, base) - max(before, base), share.qualifier)

    def _of_bands(self, share: _Share, before: Decimal, after: Decimal) -> Fraction:
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
    def _paid(share: _Share, tier: Tier, part: Fraction) -> Fraction:
        if tier.percent is not None:
            return Fraction(share.payout) * Fraction(tier.percent) / 100 * part
        if tier.per_unit is not None:
            return share.source.quantity * Fraction(tier.per_unit) * part
        return Fraction(0)

    def _fixed(self, shares: Sequence[_Share], qualified: Decimal) -> list[Fraction]:
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

    def rates(self, shares: Sequence[_Share], qualified: Decimal) -> list[Decimal | None]:
        """The rate each line earns in the end (§9)."""
        return [self._rate(share, qualified) for share in shares]

    def _rate(self, share: _Share, qualified: Decimal) -> Decimal | None:
        reached = self.reached(share.table, qualified)
        if not reached or not share.part or not self.factor:
            return ZERO
        tier = share.table.tiers[reached - 1]
        rate = tier.percent if tier.percent is not None else tier.per_unit
        if rate is None or self.programme.method is Method.INCREMENTAL:
            return None
        exact = Fraction(rate) * share.part * self.factor
        return Decimal(exact.numerator) / exact.denominator


def _rounded(programme: Programme, earned: Sequence[Fraction]) -> tuple[list[Decimal], Decimal]:
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


def _accrued_lines(
    shares: Sequence[_Share], rates: Sequence[Decimal | None], amounts: Sequence[Decimal]
) -> tuple[AccruedLine, ...]:
    lines, cumulative = [], ZERO
    for share, rate, amount in zip(shares, rates, amounts, strict=True):
        cumulative += share.qualifier
        lines.append(AccruedLine(share.source, share.qualifier, cumulative, share.payout, rate, amount))
    return tuple(lines)


def _next_tier(
    programme: Programme,
    known: Known,
    period: Period,
    ladder: _Ladder,
    shares: Sequence[_Share],
    qualified: Decimal,
    accrued: Decimal,
) -> NextTier | None:
    """The next tier of the last day's table (§14); None at the top, without a base, and for who has left."""
    if not ladder.base.grows or not programme.is_for(known.dealer, known.standings, period.last):
        return None
    table = programme.table_on(period.last)
    tier = next((tier for tier in table.tiers if ladder.threshold(tier) > qualified), None)
    if tier is None:
        return None
    missing = ladder.threshold(tier) - qualified
    more = [*shares, _more(programme, shares, table, period.last, missing, qualified)]
    _, then = _rounded(programme, ladder.earned(more, qualified + missing))
    return NextTier(tier.start, missing, then - accrued)


def _more(
    programme: Programme,
    shares: Sequence[_Share],
    table: Table,
    day: date,
    missing: Decimal,
    qualified: Decimal,
) -> _Share:
    """What is missing as one line more; where the money is reckoned on something else, in the same proportion."""
    paid_on = sum((share.payout for share in shares), ZERO)
    pieces = sum(share.source.quantity for share in shares if share.part)
    per_cent = missing
    if programme.payout is not None and qualified > 0:
        per_cent = paid_on * missing / qualified
    quantity = (
        missing
        if programme.basis == "quantity"
        else (pieces * missing / qualified if qualified > 0 else ZERO)
    )
    source = SourceLine(
        on=day,
        document="",
        line=0,
        kind=LineKind.SALE,
        sku="",
        categories=frozenset(),
        quantity=int(quantity.quantize(Decimal(1), ROUND_HALF_UP)),
        net=missing,
        gross=missing,
    )
    return _Share(source, table, missing, per_cent, Fraction(1))


def half_up(value: Fraction) -> Decimal:
    """A positive amount to the fen."""
    fen = (value * 200 + 1) // 2
    return Decimal(fen).scaleb(-2)


def _clamped(value: Decimal, low: Decimal, high: Decimal | None) -> Decimal:
    value = max(value, low)
    return value if high is None else min(value, high)


def _ratio(part: Decimal, whole: Decimal) -> Fraction:
    return Fraction(part) / Fraction(whole) if whole else Fraction(0)


def _percent(part: Decimal, whole: Decimal) -> Decimal:
    return (part * 100 / whole).quantize(Decimal("0.01"), ROUND_HALF_UP)


def accrue_all(
    programmes: Iterable[Programme], known: Mapping[str, Known], day: date
) -> list[tuple[Programme, Accrual]]:
    """Several programmes on the same goods, by priority, each in its period that holds a day (§10).

    known: by measure.
    """
    paid: set[tuple[str, int]] = set()
    closed: set[tuple[str, int]] = set()
    found = []
    for programme in sorted(programmes, key=lambda one: (one.priority, one.number)):
        accrual = accrue(
            programme,
            known[programme.measure],
            programme.period_of(day),
            paid_before=paid,
            closed=closed,
        )
        paid |= accrual.paid_on
        if not programme.combinable:
            closed |= accrual.paid_on
        found.append((programme, accrual))
    return found
