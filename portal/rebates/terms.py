"""What a programme says, as it is written. Pure values."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from portal.kernel.errors import Fault
from portal.rebates.programme import (
    Goods,
    Grade,
    Growth,
    Mix,
    OnTime,
    Payout,
    Programme,
    Table,
    Tier,
    Whom,
)
from portal.rebates.rules import (
    Basis,
    GrowthBy,
    GrowthPays,
    LateReturns,
    Measure,
    Method,
    OnTimeMode,
    PeriodKind,
    ZeroBase,
)


@dataclass(frozen=True, slots=True)
class TierTerms:
    """start: ¥, pieces, or per cent of growth; exactly one of the others."""

    start: Decimal
    percent: Decimal | None = None
    amount_per_unit: Decimal | None = None
    fixed: Decimal | None = None


@dataclass(frozen=True, slots=True)
class AmendmentTerms:
    """Other tiers from a day on."""

    start: date
    tiers_of: tuple[TierTerms, ...]


@dataclass(frozen=True, slots=True)
class PayoutTerms:
    """What the money is reckoned on, where that is not the qualifier. Without goods: the programme's."""

    basis: Basis
    skus: tuple[str, ...] = ()
    category: str = ""


@dataclass(frozen=True, slots=True)
class GrowthTerms:
    """Tiers by growth on last year."""

    by: GrowthBy = GrowthBy.PERCENT
    pays: GrowthPays = GrowthPays.WHOLE
    base_at_least: Decimal | None = None
    zero_base: ZeroBase = ZeroBase.SKIP


@dataclass(frozen=True, slots=True)
class MixTerms:
    """at_least: per cent of the qualifier. factor: of the rebate, where it is missed."""

    at_least: Decimal
    category: str = ""
    skus: tuple[str, ...] = ()
    factor: Decimal = Decimal(0)


@dataclass(frozen=True, slots=True)
class GradeTerms:
    """pays: per cent of the rate, for an invoice that is paid within the days."""

    days: int
    pays: Decimal


@dataclass(frozen=True, slots=True)
class OnTimeTerms:
    """What becomes of invoices that are paid late."""

    mode: OnTimeMode
    grace_days: int = 0
    grades: tuple[GradeTerms, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """A programme as somebody wrote it, by codes. Days are business days, both inclusive.

    budget: ¥ for all dealers together. minimum_payout: less than this waits for the next period.
    usable_share: what is settled is kept as a balance, and pays at most so many per cent of an invoice.
    guaranteed: at least this is paid a period to a dealer who bought something. inventory_reports: days
    after a month's end by which its stock has to be reported. misread: what could not be read at all; told
    with everything else.
    """

    title_zh: str
    title_en: str
    valid_from: date | None
    valid_to: date | None
    period: PeriodKind
    measure: Measure
    basis: Basis
    method: Method
    tiers_of: tuple[TierTerms, ...]
    text_zh: str = ""
    text_en: str = ""
    regions: tuple[str, ...] = ()
    tiers: tuple[str, ...] = ()
    dealers: tuple[str, ...] = ()
    skus: tuple[str, ...] = ()
    category: str = ""
    payout: PayoutTerms | None = None
    growth: GrowthTerms | None = None
    mix: MixTerms | None = None
    on_time: OnTimeTerms | None = None
    returns_at_most: Decimal | None = None
    inventory_reports: int | None = None
    no_diversion_case: bool = False
    multiplier: Decimal = Decimal(1)
    cap: Decimal | None = None
    guaranteed: Decimal | None = None
    minimum_payout: Decimal | None = None
    usable_share: Decimal | None = None
    budget: Decimal | None = None
    late_returns: LateReturns = LateReturns.OWN_DATE
    priority: int = 1
    combinable: bool = True
    amendments: tuple[AmendmentTerms, ...] = ()
    misread: tuple[Fault, ...] = field(default=(), compare=False)


def programme_of(terms: Terms, number: str, valid_from: date, valid_to: date) -> Programme:
    """The terms as the engine reads them."""
    goods = _goods(terms.skus, terms.category)
    payout, growth, mix, on_time = terms.payout, terms.growth, terms.mix, terms.on_time
    return Programme(
        number=number,
        valid_from=valid_from,
        valid_to=valid_to,
        period=terms.period,
        measure=terms.measure,
        basis=terms.basis,
        method=terms.method,
        tables=(
            Table(valid_from, tables_tiers(terms.tiers_of)),
            *(Table(one.start, tables_tiers(one.tiers_of)) for one in terms.amendments),
        ),
        whom=Whom(frozenset(terms.regions), frozenset(terms.tiers), frozenset(terms.dealers)),
        goods=goods,
        payout=None
        if payout is None
        else Payout(payout.basis, _goods(payout.skus, payout.category) if _names_goods(payout) else goods),
        growth=None
        if growth is None
        else Growth(growth.by, growth.pays, growth.base_at_least, growth.zero_base),
        mix=None if mix is None else Mix(_goods(mix.skus, mix.category), mix.at_least, mix.factor),
        on_time=None
        if on_time is None
        else OnTime(
            on_time.mode, on_time.grace_days, tuple(Grade(one.days, one.pays) for one in on_time.grades)
        ),
        returns_at_most=terms.returns_at_most,
        inventory_reports=terms.inventory_reports,
        no_diversion_case=terms.no_diversion_case,
        multiplier=terms.multiplier,
        cap=terms.cap,
        late_returns=terms.late_returns,
        priority=terms.priority,
        combinable=terms.combinable,
    )


def tables_tiers(tiers: Sequence[TierTerms]) -> tuple[Tier, ...]:
    """Tiers as the engine reads them."""
    return tuple(Tier(one.start, one.percent, one.amount_per_unit, one.fixed) for one in tiers)


def _goods(skus: Sequence[str], category: str) -> Goods:
    return Goods(frozenset(skus), frozenset({category} if category else ()))


def _names_goods(payout: PayoutTerms) -> bool:
    return bool(payout.skus or payout.category)
