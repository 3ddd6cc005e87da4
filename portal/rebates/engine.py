"""What a dealer has earned under a programme in a period, line by line, to the fen. Pure.

Everything is exact until the one rounding of the running total (§9): fractions, no division before it.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction

from portal.rebates.conditions import conditions_of, grades_of
from portal.rebates.evidence_rules import Evidence, Unmet, unmet_of
from portal.rebates.ladder import NONE, WHOLE, ZERO, Base, Ladder, Share, rounded
from portal.rebates.next_tier import NextTier, next_tier_of
from portal.rebates.programme import Programme, Standing
from portal.rebates.rules import LateReturns, Measure, Period, ZeroBase
from portal.rebates.source_lines import Bill, LineKind, SourceLine


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of one dealer on a day.

    lines: of the programme's measure, every line, in order of date, number and line. bills: by invoice.
    """

    dealer: str
    standings: Sequence[Standing]
    lines: Sequence[SourceLine]
    bills: Mapping[str, Bill]
    evidence: Evidence = field(default_factory=Evidence)

    def between(self, period: Period) -> Sequence[SourceLine]:
        """The lines of some days."""
        first = bisect_left(self.lines, period.first, key=lambda line: line.on)
        return self.lines[first : bisect_right(self.lines, period.last, key=lambda line: line.on)]


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
class Accrual:
    """A dealer's period under a programme. reached_tier: counts from 1; 0 is none.

    base, growth_percent, mix_percent: for display; None where the programme has no such thing, or nothing to
    compare with. unmet: the conditions that do not hold; why: what each of them that is no figure lacks.
    paid_on: the goods it pays on (§10).
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
    why: tuple[Unmet, ...]
    paid_on: frozenset[tuple[str, int]]


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
    lines = list(lines_of(programme, known, period))
    kept_out = closed if programme.combinable else paid_before
    grades = grades_of(programme.on_time, known.bills)
    shares = [_share(programme, line, grades, kept_out) for line in lines]
    qualified = sum((share.qualifier for share in shares), ZERO)
    base = _base(programme, known, period)
    met = conditions_of(programme, lines, known.bills, list(_unmet(programme, known, period)))
    factor = Fraction(met.factor) * Fraction(programme.multiplier)
    ladder = Ladder(programme, base, factor)
    reached = ladder.reached(programme.table_on(period.last), qualified)
    earned = ladder.earned(shares, qualified)
    amounts, accrued = rounded(programme, earned)
    pays = accrued > 0
    return Accrual(
        period,
        qualified,
        reached,
        accrued,
        _accrued_lines(shares, ladder.rates(shares, qualified), amounts),
        next_tier_of(programme, known.dealer, known.standings, period, ladder, shares, qualified, accrued),
        base.shown,
        _percent(qualified - base.amount, base.amount) if base.amount and base.shown is not None else None,
        met.mix_percent,
        met.unmet,
        met.why,
        frozenset(_paid_on(share.source) for share, one in zip(shares, earned, strict=True) if one and pays),
    )


def _paid_on(line: SourceLine) -> tuple[str, int]:
    """What a line is paid on: goods by their sale. What is only taken back is no more than its own line, so
    that a return never closes the sale that another programme has paid on in an earlier period.
    """
    return line.key if line.kind is LineKind.SALE else line.own_key


def _unmet(programme: Programme, known: Known, period: Period) -> Iterator[Unmet]:
    def is_in(day: date) -> bool:
        return programme.is_for(known.dealer, known.standings, day)

    return unmet_of(programme, known.evidence, period, is_in)


def lines_of(programme: Programme, known: Known, period: Period) -> Iterable[SourceLine]:
    """The lines that count in a period: of its days, of its goods, while the dealer was in the programme."""
    goods, payout = programme.goods, programme.payout
    goes_back = programme.late_returns is LateReturns.ORIGIN_PERIOD
    starts = [one.start for one in known.standings]
    is_in = [False, *(programme.whom.holds(known.dealer, one) for one in known.standings)]
    for line in known.lines if goes_back else known.between(period):
        counts_on = line.on
        if goes_back and line.kind is LineKind.RETURN and line.origin_on is not None:
            counts_on = line.origin_on
        if not period.holds(counts_on) or not is_in[bisect_right(starts, counts_on)]:
            continue
        if goods.hold(line.sku, line.categories) or (
            payout is not None and payout.goods.hold(line.sku, line.categories)
        ):
            yield line


def _base(programme: Programme, known: Known, period: Period) -> Base:
    growth = programme.growth
    if growth is None:
        return Base()
    # The programme was not yet valid last year: its days are not asked, its dealers and goods are.
    lines = lines_of(programme, known, period.year_before())
    amount = sum((_qualifier(programme, line) for line in lines), ZERO)
    if growth.base_at_least is not None:
        amount = max(amount, growth.base_at_least)
    if amount > 0:
        return Base(amount, amount)
    return Base(ZERO, ZERO, growth.zero_base is ZeroBase.COUNTS)


def _qualifier(programme: Programme, line: SourceLine) -> Decimal:
    return line.amount(programme.basis) if programme.goods.hold(line.sku, line.categories) else ZERO


def _share(
    programme: Programme,
    line: SourceLine,
    grades: Mapping[str, Fraction],
    kept_out: Collection[tuple[str, int]],
) -> Share:
    payout = programme.payout
    basis, goods = (payout.basis, payout.goods) if payout else (programme.basis, programme.goods)
    is_closed = line.key in kept_out or line.own_key in kept_out
    pays = goods.hold(line.sku, line.categories) and not is_closed
    part = grades.get(line.invoice or line.document, WHOLE) if pays else NONE
    goes_back = line.kind is LineKind.RETURN and programme.late_returns is LateReturns.ORIGIN_PERIOD
    day = line.origin_on if goes_back and line.origin_on is not None else line.on
    paid_on = line.amount(basis) if pays else ZERO
    return Share(line, programme.table_on(day), _qualifier(programme, line), paid_on, part)


def _accrued_lines(
    shares: Sequence[Share], rates: Sequence[Decimal | None], amounts: Sequence[Decimal]
) -> tuple[AccruedLine, ...]:
    lines, cumulative = [], ZERO
    for share, rate, amount in zip(shares, rates, amounts, strict=True):
        cumulative += share.qualifier
        lines.append(AccruedLine(share.source, share.qualifier, cumulative, share.payout, rate, amount))
    return tuple(lines)


def _percent(part: Decimal, whole: Decimal) -> Decimal:
    return (part * 100 / whole).quantize(Decimal("0.01"), ROUND_HALF_UP)


def accrue_all(
    programmes: Iterable[Programme], known: Mapping[Measure, Known], until: date
) -> Iterator[tuple[Programme, Accrual]]:
    """Every programme in each of its periods that has begun, the first by priority first (§10).

    Periods in which the dealer was in no day of the programme are left out.
    """
    paid: set[tuple[str, int]] = set()
    closed: set[tuple[str, int]] = set()
    for programme in sorted(programmes, key=lambda one: (one.priority, one.number)):
        here = known[programme.measure]
        found = [
            accrue(programme, here, period, paid_before=paid, closed=closed)
            for period in programme.periods(until)
            if is_ever_in(programme, here, period)
        ]
        for accrual in found:
            paid |= accrual.paid_on
            if not programme.combinable:
                closed |= accrual.paid_on
            yield programme, accrual


def is_ever_in(programme: Programme, known: Known, period: Period) -> bool:
    """Whether the dealer is in the programme on a day of a period."""
    days = [period.first, *(one.start for one in known.standings if period.holds(one.start))]
    return any(programme.is_for(known.dealer, known.standings, day) for day in days)
