"""A programme over the past: which days, its terms moved there, what a dealer would have earned. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from enum import StrEnum

from portal.kernel.errors import N_, Fault
from portal.rebates.engine import Accrual
from portal.rebates.terms import Terms

MONTHS_MAX = 24
_DAYS_MAX = 366 + 365
_ZERO = Decimal(0)


class SimulationState(StrEnum):
    """How far a simulation is."""

    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Sold:
    """¥ with tax that counted, and what they would have earned."""

    sold: Decimal
    accrued: Decimal


@dataclass(frozen=True, slots=True)
class DealerResult:
    """A dealer over all periods. qualified: ¥ or pieces. reached_tier: the highest of its periods."""

    sold: Decimal
    qualified: Decimal
    reached_tier: int
    accrued: Decimal
    months: dict[str, Sold]
    products: dict[str, Sold]


def days_before(valid_from: date, valid_to: date, today: date) -> tuple[date, date]:
    """The same days a year ago, or as many years as it takes for them to have passed; at most two years."""
    years = 1
    while _years_before(valid_to, years) >= today:
        years += 1
    first, last = _years_before(valid_from, years), _years_before(valid_to, years)
    return max(first, last - timedelta(days=_DAYS_MAX - 1)), last


def day_faults(first: date, last: date, today: date) -> list[Fault]:
    """What is wrong with a range of past days."""
    if last >= today:
        message, fix = N_("Only days that have passed can be looked at."), N_("End with yesterday at most.")
        return [Fault("/to", "not_past", message, fix)]
    if last < first:
        return [Fault("/to", "ends_before", N_("It ends before it begins."), N_("Choose a later end."))]
    if (last - first).days >= _DAYS_MAX:
        message, fix = N_("At most %(months)s months are looked at."), N_("Choose fewer.")
        return [Fault("/from", "too_long", message, fix, {"months": MONTHS_MAX})]
    return []


def terms_over(terms: Terms, first: date, last: date) -> Terms:
    """The terms as if the programme had run on these days: what changes on a day of it moves along."""
    if terms.valid_from is None:
        return replace(terms, valid_from=first, valid_to=last)
    years = terms.valid_from.year - first.year
    if _years_before(terms.valid_from, years) == first:
        moved = [replace(one, start=_years_before(one.start, years)) for one in terms.amendments]
    else:
        by = first - terms.valid_from
        moved = [replace(one, start=one.start + by) for one in terms.amendments]
    return replace(terms, valid_from=first, valid_to=last, amendments=tuple(moved))


def result_of(accruals: Sequence[Accrual]) -> DealerResult:
    """What the periods of one dealer come to."""
    months: dict[str, list[tuple[Decimal, Decimal]]] = defaultdict(list)
    products: dict[str, list[tuple[Decimal, Decimal]]] = defaultdict(list)
    for accrual in accruals:
        for line in accrual.lines:
            counted = (line.source.gross, line.amount)
            months[f"{line.source.on:%Y-%m}"].append(counted)
            products[line.source.sku].append(counted)
    return DealerResult(
        sum((line.source.gross for one in accruals for line in one.lines), _ZERO),
        sum((one.qualified for one in accruals), _ZERO),
        max((one.reached_tier for one in accruals), default=0),
        sum((one.accrued for one in accruals), _ZERO),
        {name: _sums(found) for name, found in months.items()},
        {name: _sums(found) for name, found in products.items()},
    )


def _sums(found: Iterable[tuple[Decimal, Decimal]]) -> Sold:
    sold, accrued = (sum(values, _ZERO) for values in zip(*found, strict=True))
    return Sold(sold, accrued)


def _years_before(day: date, years: int) -> date:
    """The same day of an earlier year; the 29th of February is its 28th."""
    try:
        return day.replace(year=day.year - years)
    except ValueError:
        return day.replace(year=day.year - years, day=28)
