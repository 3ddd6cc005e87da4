"""A rebate programme as the engine reads it. Pure values.

Rates are per cent or ¥ a piece, thresholds ¥ or pieces as the basis is, or per cent of growth.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from portal.rebates.rules import (
    Basis,
    GrowthBy,
    GrowthPays,
    LateReturns,
    Measure,
    Method,
    OnTimeMode,
    Period,
    PeriodKind,
    ZeroBase,
    period_of,
)


@dataclass(frozen=True, slots=True)
class Tier:
    """What is paid from a threshold on, inclusive. Exactly one of percent, per_unit and fixed is given."""

    start: Decimal
    percent: Decimal | None = None
    per_unit: Decimal | None = None
    fixed: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Table:
    """The tiers that hold from a day on, ascending."""

    start: date
    tiers: tuple[Tier, ...]


@dataclass(frozen=True, slots=True)
class Goods:
    """Some products: by code, by category with all below it, or everything."""

    skus: frozenset[str] = frozenset()
    categories: frozenset[str] = frozenset()

    def hold(self, sku: str, categories: frozenset[str]) -> bool:
        """Whether a product is among them. categories: its own and all above it."""
        if not self.skus and not self.categories:
            return True
        return sku in self.skus or not self.categories.isdisjoint(categories)


@dataclass(frozen=True, slots=True)
class Standing:
    """A dealer's tier, and its regions with all above them, from a day on."""

    start: date
    tier: str
    regions: frozenset[str]


@dataclass(frozen=True, slots=True)
class Whom:
    """The dealers a programme is for: all of what is named has to hold."""

    regions: frozenset[str] = frozenset()
    tiers: frozenset[str] = frozenset()
    dealers: frozenset[str] = frozenset()

    def holds(self, dealer: str, standing: Standing) -> bool:
        """Whether a dealer with this standing is among them."""
        return (
            (not self.dealers or dealer in self.dealers)
            and (not self.tiers or standing.tier in self.tiers)
            and (not self.regions or not self.regions.isdisjoint(standing.regions))
        )


@dataclass(frozen=True, slots=True)
class Payout:
    """What the money is reckoned on, where that is not the qualifier (§3)."""

    basis: Basis
    goods: Goods


@dataclass(frozen=True, slots=True)
class Growth:
    """Tiers by growth on last year (§6)."""

    by: GrowthBy
    pays: GrowthPays
    base_at_least: Decimal | None = None
    zero_base: ZeroBase = ZeroBase.SKIP


@dataclass(frozen=True, slots=True)
class Mix:
    """A share of some goods in the qualifier, in per cent; missed, the rebate is multiplied by `factor`."""

    goods: Goods
    at_least: Decimal
    factor: Decimal = Decimal(0)


@dataclass(frozen=True, slots=True)
class Grade:
    """What an invoice paid within some days earns, in per cent."""

    days: int
    pays: Decimal


@dataclass(frozen=True, slots=True)
class OnTime:
    """What becomes of invoices that are paid late."""

    mode: OnTimeMode
    grace_days: int = 0
    grades: tuple[Grade, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Programme:
    """A published programme. valid_from, valid_to: business days, both inclusive. priority: 1 goes first.

    cap: ¥ a period. tables: by `start`, the first from the beginning. inventory_reports: within so many days
    the stock at a month's end has to be reported.
    """

    number: str
    valid_from: date
    valid_to: date
    period: PeriodKind
    measure: Measure
    basis: Basis
    method: Method
    tables: tuple[Table, ...]
    whom: Whom = Whom()
    goods: Goods = Goods()
    payout: Payout | None = None
    growth: Growth | None = None
    mix: Mix | None = None
    on_time: OnTime | None = None
    returns_at_most: Decimal | None = None
    inventory_reports: int | None = None
    no_diversion_case: bool = False
    multiplier: Decimal = Decimal(1)
    cap: Decimal | None = None
    late_returns: LateReturns = LateReturns.OWN_DATE
    priority: int = 1
    combinable: bool = True

    def table_on(self, day: date) -> Table:
        """The tiers in force on a day (§11)."""
        return next((table for table in reversed(self.tables) if table.start <= day), self.tables[0])

    def period_of(self, day: date) -> Period:
        """Its period that holds a day."""
        return period_of(self.period, day, self.valid_from, self.valid_to)

    def periods(self, until: date) -> Iterator[Period]:
        """Its periods that have begun by a day, the first first."""
        day = self.valid_from
        while day <= min(until, self.valid_to):
            period = self.period_of(day)
            yield period
            day = period.last + timedelta(days=1)

    def is_for(self, dealer: str, standings: Sequence[Standing], day: date) -> bool:
        """Whether it is for a dealer on a day (§2). standings: by `start`."""
        standing = next((one for one in reversed(standings) if one.start <= day), None)
        return standing is not None and self.whom.holds(dealer, standing)
