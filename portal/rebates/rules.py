"""What a rebate programme can say, and the periods it is reckoned in. Pure.

The conventions are those of `docs/rebates.md`; their numbers stand in the comments as §.
"""

from __future__ import annotations

from calendar import monthrange
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum


class PeriodKind(StrEnum):
    """How long a programme adds up before it pays."""

    MONTH = "month"
    QUARTER = "quarter"
    HALF = "half"
    YEAR = "year"
    WHOLE = "whole"


class Measure(StrEnum):
    """Which documents count (§1)."""

    SHIPPED = "shipped"
    INVOICED = "invoiced"
    PAID = "paid"


class Basis(StrEnum):
    """What of a line counts: the amount with tax, without, or the pieces."""

    AMOUNT = "amount"
    AMOUNT_NET = "amount_net"
    QUANTITY = "quantity"


class Method(StrEnum):
    """Whether the rate of the reached tier pays on everything, or each band's on its part (§5)."""

    ALL_UNITS = "all_units"
    INCREMENTAL = "incremental"


class GrowthBy(StrEnum):
    """Whether tiers of growth are per cent of last year or an amount above it (§6)."""

    PERCENT = "percent"
    AMOUNT = "amount"


class GrowthPays(StrEnum):
    """Whether growth pays on this period or on what it has more than last year's."""

    WHOLE = "whole"
    INCREASE = "increase"


class ZeroBase(StrEnum):
    """What a dealer without last year gets: nothing, or growth from nothing."""

    SKIP = "skip"
    COUNTS = "counts"


class OnTimeMode(StrEnum):
    """What late payment does (§7)."""

    ALL = "all"
    LATE_EXCLUDED = "late_excluded"
    GRADED = "graded"


class LateReturns(StrEnum):
    """Where returns of an earlier period count (§12)."""

    OWN_DATE = "own_date"
    ORIGIN_PERIOD = "origin_period"


class FactKind(StrEnum):
    """What headquarters states of a dealer with evidence; each is a condition of programmes."""

    NO_DIVERSION_CASE = "no_diversion_case"


class FactState(StrEnum):
    """Whether another person has confirmed what was stated."""

    STATED = "stated"
    CONFIRMED = "confirmed"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True, order=True)
class Period:
    """Days that are added up, both inclusive. name: 2026-03, 2026-Q1, 2026-H1, 2026, or the two days."""

    first: date
    last: date
    name: str

    def holds(self, day: date) -> bool:
        """Whether a day lies in it."""
        return self.first <= day <= self.last

    def year_before(self) -> Period:
        """The same days of last year (§6); the 29th of February is its 28th."""
        first, last = (_year_before(day) for day in (self.first, self.last))
        if (self.last + timedelta(days=1)).day == 1:  # a month's end stays one, in leap years too
            last = last.replace(day=monthrange(last.year, last.month)[1])
        return Period(first, last, self.name)

    def within(self, first: date, last: date) -> Period:
        """The part of it that lies within some days."""
        return Period(max(self.first, first), min(self.last, last), self.name)


def period_of(kind: PeriodKind, day: date, valid_from: date, valid_to: date) -> Period:
    """The period of a programme that holds a day, within the days in which the programme is valid."""
    if kind is PeriodKind.WHOLE:
        return Period(valid_from, valid_to, f"{valid_from}/{valid_to}")
    months = {PeriodKind.MONTH: 1, PeriodKind.QUARTER: 3, PeriodKind.HALF: 6, PeriodKind.YEAR: 12}[kind]
    first = date(day.year, (day.month - 1) // months * months + 1, 1)
    last_month = first.month + months - 1
    last = date(day.year, last_month, monthrange(day.year, last_month)[1])
    ordinal = last_month // months
    name = {
        PeriodKind.MONTH: f"{day.year}-{day.month:02d}",
        PeriodKind.QUARTER: f"{day.year}-Q{ordinal}",
        PeriodKind.HALF: f"{day.year}-H{ordinal}",
        PeriodKind.YEAR: f"{day.year}",
    }[kind]
    return Period(first, last, name).within(valid_from, valid_to)


def _year_before(day: date) -> date:
    return day.replace(year=day.year - 1, day=28 if (day.month, day.day) == (2, 29) else day.day)
