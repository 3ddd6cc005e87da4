"""What a published rebate programme says: tiers by day, whom and what it is for, its periods; the ladder."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any

from tests.recount.prices import Prices

PROGRAMMES = """
    SELECT p.id, p.number, p.valid_from, coalesce(p.ended_on, p.valid_to) AS last_day, p.period,
      p.combinable, p.terms,
           (SELECT jsonb_agg(jsonb_build_object('start', a.starts_on, 'tiers_of', a.tiers_of)
             ORDER BY a.starts_on)
              FROM rebate_amendment a WHERE a.programme_id = p.id AND a.state = 'published') AS amended
      FROM rebate_programme p WHERE p.published_at IS NOT NULL
     ORDER BY p.priority, p.number
"""
_MONTHS = {"month": 1, "quarter": 3, "half": 6, "year": 12}


@dataclass(frozen=True, slots=True)
class Tier:
    """From a start on: a rate (¥ for a ¥, or for a piece; shown per cent or ¥), or a fixed amount."""

    start: Fraction
    rate: Fraction
    shown: Fraction
    fixed: Fraction | None


def _tiers(table: Sequence[dict[str, Any]]) -> tuple[Tier, ...]:
    return tuple(
        Tier(
            Fraction(tier["start"]),
            Fraction(tier["percent"] or 0) / 100 + Fraction(tier["amount_per_unit"] or 0),
            Fraction(tier["percent"] or tier["amount_per_unit"] or 0),
            None if tier["fixed"] is None else Fraction(tier["fixed"]),
        )
        for tier in table
    )


class Programme:
    """Published terms, and what they say of lines and days."""

    def __init__(
        self, row: Any, prices: Prices, codes: dict[str, int], skus: dict[str, int], dealers: dict[int, str]
    ) -> None:
        self.id, self.number, self.period = row.id, row.number, row.period
        self.first_day, self.last_day, self.combinable = row.valid_from, row.last_day, row.combinable
        self.terms = row.terms
        self._prices, self._dealers = prices, dealers
        self._regions = [codes[code] for code in self.terms["regions"]]
        self._skus = skus
        self._concerned: dict[tuple[Any, ...], bool] = {}
        tables = [(row.valid_from, self.terms["tiers_of"])]
        # What was written with the programme, then what was proposed afterwards.
        tables += [
            (date.fromisoformat(one["start"]), one["tiers_of"])
            for one in [*self.terms["amendments"], *(row.amended or [])]
        ]
        self._tables = sorted(((day, _tiers(table)) for day, table in tables), key=lambda table: table[0])

    def table(self, day: date) -> tuple[Tier, ...]:
        """The tiers in force on a day."""
        return [tiers for begins, tiers in self._tables if begins <= day][-1]

    def is_for(self, dealer: int, day: date) -> bool:
        """Whether the dealer is in the programme on a day, by its tier and region of then."""
        terms = self.terms
        return (
            (not terms["dealers"] or self._dealers[dealer] in terms["dealers"])
            and (not terms["tiers"] or self._prices.tier(dealer, day) in terms["tiers"])
            and (
                not self._regions
                or any(self._prices.inside(self._prices.region(dealer, day), one) for one in self._regions)
            )
        )

    def concerns(self, product: int, scope: dict[str, Any]) -> bool:
        """Whether goods are among those of a scope."""
        key = (product, scope.get("category"), *(scope.get("skus") or ()))
        if key not in self._concerned:
            if scope.get("skus"):
                self._concerned[key] = product in {self._skus[sku] for sku in scope["skus"]}
            else:
                category = scope.get("category")
                self._concerned[key] = not category or self._prices.within(
                    self._prices.category[product], category
                )
        return self._concerned[key]

    def periods(self, today: date) -> Iterator[tuple[date, date]]:
        """Each period that has begun, within the first and the last day."""
        if self.period == "whole":
            yield self.first_day, self.last_day
            return
        months = _MONTHS[self.period]
        begins = date(self.first_day.year, (self.first_day.month - 1) // months * months + 1, 1)
        while begins <= min(self.last_day, today):
            after = _months_later(begins, months)
            yield max(begins, self.first_day), min(after - timedelta(days=1), self.last_day)
            begins = after


def banded(table: Sequence[Tier], start: Decimal, end: Decimal) -> Fraction:
    """What lies between two points of the ladder, each part at its band's rate."""
    return _upto(table, Fraction(end)) - _upto(table, Fraction(start))


def _upto(table: Sequence[Tier], point: Fraction) -> Fraction:
    money = Fraction(0)
    for place, tier in enumerate(table):
        if point <= tier.start:
            break
        ends = min(point, table[place + 1].start) if place + 1 < len(table) else point
        money += (ends - tier.start) * tier.rate
    return money


def standing(terms: dict[str, Any], qualified: Decimal, base: Decimal | None) -> Fraction | None:
    """What is compared with the tiers' starts: the qualifier, or its growth, exactly."""
    if not terms["growth"]:
        return Fraction(qualified)
    if base is None or (base <= 0 and terms["growth"]["zero_base"] == "skip"):
        return None
    increase = Fraction(qualified) - Fraction(base)
    if terms["growth"]["by"] == "amount":
        return increase
    return increase * 100 / Fraction(base) if base else None


def reached(table: Sequence[Tier], at: Fraction | None) -> int:
    """The tier that is reached, from 1; 0 is none."""
    return 0 if at is None else sum(tier.start <= at for tier in table)


def _months_later(day: date, months: int) -> date:
    years, month = divmod(day.month - 1 + months, 12)
    return date(day.year + years, month + 1, 1)
