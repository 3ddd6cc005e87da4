"""Conditions of a programme that are figures: mix, payment on time, few returns (§7). Pure, exact."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction

from portal.rebates.evidence_rules import Unmet
from portal.rebates.programme import OnTime, Programme
from portal.rebates.rules import OnTimeMode
from portal.rebates.source_lines import Bill, LineKind, SourceLine

_ZERO = Decimal(0)


@dataclass(frozen=True, slots=True)
class Met:
    """factor: on the rate. unmet: of `mix`, `on_time`, `returns` and `evidence`. mix_percent: for display.

    why: what each unmet condition of `evidence` lacks.
    """

    factor: Decimal
    unmet: tuple[str, ...]
    mix_percent: Decimal | None
    why: tuple[Unmet, ...] = ()


def conditions_of(
    programme: Programme,
    lines: Sequence[SourceLine],
    bills: Mapping[str, Bill],
    why: Sequence[Unmet] = (),
) -> Met:
    """What the conditions make of the rate. why: those that are no figures and do not hold."""
    counted = [line for line in lines if programme.goods.hold(line.sku, line.categories)]
    factor, unmet = Decimal(1), []
    mix = programme.mix
    share, total = _ZERO, sum((line.amount(programme.basis) for line in counted), _ZERO)
    if mix is not None:
        share = sum(
            (line.amount(programme.basis) for line in counted if mix.goods.hold(line.sku, line.categories)),
            _ZERO,
        )
        if total <= 0 or share * 100 < mix.at_least * total:
            factor *= mix.factor
            unmet.append("mix")
    if not _all_on_time(programme.on_time, counted, bills):
        factor = _ZERO
        unmet.append("on_time")
    if not _few_returns(programme, counted, total):
        factor = _ZERO
        unmet.append("returns")
    shown = mix is not None and total > 0
    percent = (share * 100 / total).quantize(Decimal("0.01"), ROUND_HALF_UP) if shown else None
    if why:
        factor = _ZERO
        unmet += [name for name, _ in why]
    return Met(factor, tuple(unmet), percent, tuple(why))


def grades_of(on_time: OnTime | None, bills: Mapping[str, Bill]) -> dict[str, Fraction]:
    """The part of its rate that each invoice earns; 1 for those that are not named."""
    if on_time is None or on_time.mode is OnTimeMode.ALL:
        return {}
    return {number: _grade(on_time, bill) for number, bill in bills.items()}


def _grade(on_time: OnTime, bill: Bill) -> Fraction:
    if on_time.mode is OnTimeMode.LATE_EXCLUDED:
        return Fraction(_is_on_time(on_time, bill))
    if bill.paid_on is None:
        return Fraction(0)
    days = (bill.paid_on - bill.on).days
    pays = next((grade.pays for grade in on_time.grades if days <= grade.days), _ZERO)
    return Fraction(pays) / 100


def _is_on_time(on_time: OnTime, bill: Bill) -> bool:
    return bill.paid_on is not None and bill.paid_on <= bill.due_on + timedelta(days=on_time.grace_days)


def _all_on_time(on_time: OnTime | None, lines: Sequence[SourceLine], bills: Mapping[str, Bill]) -> bool:
    if on_time is None or on_time.mode is not OnTimeMode.ALL:
        return True
    numbers = {line.invoice or line.document for line in lines if line.kind is LineKind.SALE}
    return all(_is_on_time(on_time, bills[number]) for number in numbers if number in bills)


def _few_returns(programme: Programme, lines: Sequence[SourceLine], total: Decimal) -> bool:
    if programme.returns_at_most is None:
        return True
    came_back = -sum((line.amount(programme.basis) for line in lines if line.kind is LineKind.RETURN), _ZERO)
    return came_back * 100 <= programme.returns_at_most * (total + came_back)
