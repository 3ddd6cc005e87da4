"""What a programme would pay at each of its tiers and around the last, reckoned by the engine that pays."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from decimal import ROUND_CEILING, Decimal
from fractions import Fraction

from portal.rebates.engine import Known, accrue
from portal.rebates.ladder import Base, Ladder
from portal.rebates.programme import Goods, Programme, Standing, Whom
from portal.rebates.rules import Basis, Period
from portal.rebates.source_lines import LineKind, SourceLine
from portal.rebates.term_faults import term_faults
from portal.rebates.terms import Terms, programme_of

PRICE = Decimal(100)
"""¥ with tax that a piece costs in an example, where pieces and money are both asked for."""
BOUGHT = Decimal(100_000)
"""¥ of an example where tiers name no amount, and of last year where growth is measured."""
_TAX = Decimal("1.13")
_FEN = Decimal("0.01")


@dataclass(frozen=True, slots=True)
class Example:
    """What would count in a period, and what that earns. rate: the part of it that is paid, where it is ¥."""

    qualified: Decimal
    reached_tier: int
    accrued: Decimal
    rate: Decimal | None


@dataclass(frozen=True, slots=True)
class Preview:
    """Examples of the first period. last_year: what counted then, where growth is measured.

    takes_price: whether they rest on what a piece is taken to cost.
    """

    period: str
    last_year: Decimal | None
    takes_price: bool
    examples: tuple[Example, ...]


def preview_of(terms: Terms) -> Preview | None:
    """At each tier, just below the last, and half as much again; None while the terms have faults.

    One invoice, paid in time, of goods that all count: the conditions hold.
    """
    if terms.valid_from is None or terms.valid_to is None or term_faults(terms):
        return None
    programme = _without_conditions(programme_of(terms, "", terms.valid_from, terms.valid_to))
    period = programme.period_of(terms.valid_from)
    last_year = _last_year(terms)
    examples = tuple(
        _example(programme, period, bought, last_year) for bought in _amounts(programme, period, last_year)
    )
    return Preview(period.name, last_year, _takes_price(programme), examples)


def _without_conditions(programme: Programme) -> Programme:
    return replace(
        programme,
        whom=Whom(),
        goods=Goods(),
        payout=replace(programme.payout, goods=Goods()) if programme.payout else None,
        mix=None,
        on_time=None,
        returns_at_most=None,
        inventory_reports=None,
        no_diversion_case=False,
    )


def _takes_price(programme: Programme) -> bool:
    """Whether pieces and money are both asked for."""
    asked = {programme.basis, programme.payout.basis if programme.payout else programme.basis}
    if any(tier.per_unit is not None for table in programme.tables for tier in table.tiers):
        asked.add(Basis.QUANTITY)
    return Basis.QUANTITY in asked and len(asked) > 1


def _last_year(terms: Terms) -> Decimal | None:
    if terms.growth is None:
        return None
    return terms.growth.base_at_least or _some(terms.basis)


def _some(basis: Basis) -> Decimal:
    return BOUGHT / PRICE if basis is Basis.QUANTITY else BOUGHT


def _amounts(programme: Programme, period: Period, last_year: Decimal | None) -> list[Decimal]:
    step = Decimal(1) if programme.basis is Basis.QUANTITY else _FEN
    ladder = Ladder(programme, Base(last_year or Decimal(0), last_year), Fraction(1))
    tiers = programme.table_on(period.last).tiers
    starts = {ladder.threshold(tier).quantize(step, ROUND_CEILING) for tier in tiers}
    top = max(starts)
    if top <= step:
        top = _some(programme.basis)
    more = {top - step, top, (top * 3 / 2).quantize(step, ROUND_CEILING)}
    return sorted(more | {start for start in starts if start > step})


def _example(programme: Programme, period: Period, bought: Decimal, last_year: Decimal | None) -> Example:
    lines = [_sale(programme.basis, period.first, bought)]
    if last_year is not None:
        lines.insert(0, _sale(programme.basis, period.year_before().first, last_year))
    known = Known("", [Standing(date.min, "", frozenset())], lines, {})
    found = accrue(programme, known, period)
    is_money = programme.basis is not Basis.QUANTITY
    rate = found.accrued / found.qualified if is_money and found.qualified > 0 else None
    return Example(found.qualified, found.reached_tier, found.accrued, rate)


def _sale(basis: Basis, day: date, counts: Decimal) -> SourceLine:
    """A line that counts so much."""
    if basis is Basis.AMOUNT_NET:
        net, gross = counts, (counts * _TAX).quantize(_FEN)
    else:
        gross = counts * PRICE if basis is Basis.QUANTITY else counts
        net = (gross / _TAX).quantize(_FEN)
    return SourceLine(
        on=day,
        document="",
        line=1,
        kind=LineKind.SALE,
        sku="",
        categories=frozenset(),
        quantity=int(counts if basis is Basis.QUANTITY else gross / PRICE),
        net=net,
        gross=gross,
    )
