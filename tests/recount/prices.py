"""What each order line should cost: docs/pricing.md and the head of docs/examples/prices_promotions.yaml.

List price of the moment, then the strongest rule of what was published then, its break, its floor. Before any
promotion: an order line says ``amount`` and what promotions took off as ``discount``.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from fractions import Fraction
from typing import Any

from sqlalchemy import Connection, text

from tests.recount.compared import Compared, fen, streamed

_LINES = """
    SELECT o.number, o.dealer_id, o.placed_at, o.placed_at::date AS day, o.tier, o.region_id,
           l.line_no, l.product_id, l.quantity, l.list_price, l.unit_price, l.amount, l.discount, l.tax_rate,
           l.tax, l.gift, x.number IS NOT NULL AS exchanged,
           round(l.amount * l.tax_rate / (1 + l.tax_rate), 2) AS tax_within
      FROM sales_order o
      JOIN order_line l ON (l.dealer_id, l.order_id) = (o.dealer_id, o.id)
      LEFT JOIN return_request x ON (x.dealer_id, x.replacement_no) = (o.dealer_id, o.number)
     ORDER BY o.dealer_id, o.id, l.line_no
"""
# Whoever agreed on them earlier ranks later: a version that was restored keeps the place of its original.
_RULES = """
    SELECT r.id, p.kind = 'contract' AS contract, coalesce(r.dealer_id, p.dealer_id) AS dealer_id,
           r.region_id, r.tier, r.product_id, r.category_code, r.kind, r.min_quantities, r.values,
           r.breaks_are, r.max_quantity, r.tax_included, p.below_floor = 'clamp' AS lifts,
           p.valid_from, p.valid_to, coalesce(p.ranked_at, p.published_at) AS ranked_at
      FROM price_policy p JOIN price_rule r ON r.policy_id = p.id
     WHERE p.published_at IS NOT NULL
"""


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule of a published policy."""

    contract: bool
    dealer: int | None
    region: int | None
    tier: str | None
    product: int | None
    category: str | None
    kind: str
    mins: Sequence[int]
    values: Sequence[Decimal]
    banded: bool
    most: int | None
    taxed: bool
    lifts: bool
    begins: datetime
    ends: datetime | None
    ranked: datetime


class Dated:
    """What counts from a day or a moment on, by key; before the first, the first where it says so."""

    def __init__(self, rows: Connection, query: str) -> None:
        self._of: dict[Any, tuple[list[Any], list[Any]]] = {}
        for key, begins, value in rows.execute(text(query)):
            begun, values = self._of.setdefault(key, ([], []))
            begun.append(begins)
            values.append(value)

    def at(self, key: Any, moment: date | datetime, *, as_begun: bool = False) -> Any:
        """The value of a moment."""
        begun, values = self._of.get(key, ([], []))
        place = bisect_right(begun, moment)
        if place == 0:
            return values[0] if as_begun and values else None
        return values[place - 1]


class Prices:
    """Prices of any moment, from the tables of prices alone."""

    def __init__(self, rows: Connection) -> None:
        rules = [
            Rule(*row[1:8], *row[8:10], row.breaks_are == "incremental", *row[11:])
            for row in rows.execute(text(_RULES))
        ]
        self._rules = rules
        edges = {rule.begins for rule in rules} | {rule.ends for rule in rules if rule.ends}
        self._edges = sorted(edges)
        self._own = {rule.dealer for rule in rules if rule.dealer is not None}
        parents = dict(rows.execute(text("SELECT code, parent_code FROM category")).all())
        self._categories = {code: _above(code, parents) for code in parents}
        above = dict(rows.execute(text("SELECT id, parent_id FROM region")).all())
        self._regions = {region: _above(region, above) for region in above}
        products = rows.execute(text("SELECT id, category_code, tax_category FROM product")).all()
        self.category = {row.id: row.category_code for row in products}
        self._tax_category = {row.id: row.tax_category for row in products}
        self._lists = Dated(rows, "SELECT product_id, valid_from, unit_price FROM list_price ORDER BY 1, 2")
        self._floors = Dated(rows, "SELECT product_id, valid_from, unit_price FROM floor_price ORDER BY 1, 2")
        self._rates = Dated(rows, "SELECT category, valid_from, rate FROM tax_rate ORDER BY 1, 2")
        self._tiers = Dated(rows, "SELECT dealer_id, valid_from, tier FROM dealer_tier ORDER BY 1, 2")
        self._places = Dated(rows, "SELECT dealer_id, valid_from, region_id FROM dealer_region ORDER BY 1, 2")
        self._whose: dict[Any, list[Rule]] = {}
        self._found: dict[Any, list[Rule]] = {}

    def within(self, category: str, wider: str) -> bool:
        """Whether a category is another one or below it."""
        return wider in self._categories[category]

    def inside(self, region: int, wider: int) -> bool:
        """Whether a region is another one or lies in it."""
        return wider in self._regions[region]

    def tier(self, dealer: int, day: date) -> str:
        """The tier of a day."""
        return str(self._tiers.at(dealer, day, as_begun=True))

    def region(self, dealer: int, day: date) -> int:
        """The region of a day."""
        return int(self._places.at(dealer, day, as_begun=True))

    def list_price(self, product: int, at: datetime) -> Decimal | None:
        """The list price of a moment."""
        price: Decimal | None = self._lists.at(product, at)
        return price

    def floor(self, product: int, at: datetime) -> Decimal:
        """The floor of a moment; 0 is none."""
        return self._floors.at(product, at) or Decimal(0)

    def rate(self, product: int, day: date) -> Decimal:
        """The rate of VAT of a day, a fraction."""
        return Decimal(self._rates.at(self._tax_category[product], day))

    def bands(
        self, dealer: int, product: int, quantity: int, at: datetime, day: date
    ) -> list[tuple[int, Decimal]]:
        """The units of a line by what each of them costs, before promotions."""
        listed = self.list_price(product, at)
        if listed is None:
            return []
        rules = self._strongest_first(dealer, product, at, day)
        bands: list[tuple[int, Decimal]] = []
        left = quantity
        while left:
            rule = next((one for one in rules if one.mins[0] <= left), None)
            if rule is None:
                return [*bands, (left, listed)]
            taken = min(left, rule.most or left)
            bands += self._priced(rule, taken, listed, product, at, day)
            left -= taken
            rules = [one for one in rules if one is not rule]
        return bands

    def _priced(
        self, rule: Rule, taken: int, listed: Decimal, product: int, at: datetime, day: date
    ) -> list[tuple[int, Decimal]]:
        def unit(value: Decimal) -> Decimal:
            price = self._effect(rule, value, listed, product, day)
            return max(price, self.floor(product, at)) if rule.lifts else price

        if not rule.banded:
            reached = bisect_right(rule.mins, taken) - 1
            return [(taken, unit(rule.values[reached]))]
        # From each minimum on, units cost the price of their own band; what lies below the first, the first.
        starts = [1, *rule.mins[1:], taken + 1]
        parts = [
            (min(end, taken + 1) - start, value)
            for start, end, value in zip(starts, starts[1:], rule.values, strict=False)
        ]
        return [(units, unit(value)) for units, value in parts if units > 0]

    def _effect(self, rule: Rule, value: Decimal, listed: Decimal, product: int, day: date) -> Decimal:
        match rule.kind:
            case "net":
                return fen(value if rule.taxed else value * (1 + self.rate(product, day)))
            case "percent_off":
                return fen(listed * (100 - value) / 100)
            case "amount_off":
                return max(listed - value, Decimal("0.00"))
        raise AssertionError(rule.kind)

    def _strongest_first(self, dealer: int, product: int, at: datetime, day: date) -> list[Rule]:
        whose = (
            bisect_right(self._edges, at),
            dealer if dealer in self._own else 0,
            self.tier(dealer, day),
            self.region(dealer, day),
        )
        if (found := self._found.get((whose, product))) is not None:
            return found
        _, own, tier, region = whose
        places = self._regions[region]
        if whose not in self._whose:
            self._whose[whose] = [
                rule
                for rule in self._rules
                if rule.begins <= at
                and (rule.ends is None or at < rule.ends)
                and rule.dealer in (None, own)
                and rule.tier in (None, tier)
                and (rule.region is None or rule.region in places)
            ]
        goods = self._categories[self.category[product]]
        fit = [
            rule
            for rule in self._whose[whose]
            if rule.product in (None, product) and (rule.category is None or rule.category in goods)
        ]
        fit.sort(key=lambda rule: rule.ranked, reverse=True)
        fit.sort(
            key=lambda rule: (
                not rule.contract,
                rule.dealer is None,
                rule.tier is None or rule.region is None,
                rule.tier is None,
                rule.region is None,
                len(places) if rule.region is None else places.index(rule.region),
                rule.product is None,
                len(goods) if rule.category is None else goods.index(rule.category),
            )
        )
        self._found[whose, product] = fit
        return fit


def recount(rows: Connection) -> Iterator[Compared]:
    """Every order line's price and tax; of goods that an exchange brings, the price is the one that was
    paid."""
    prices = Prices(rows)
    for line in streamed(rows, _LINES):
        what = f"{line.number} line {line.line_no}"
        yield Compared("tier of an order", what, prices.tier(line.dealer_id, line.day), line.tier)
        yield Compared("region of an order", what, prices.region(line.dealer_id, line.day), line.region_id)
        rate = prices.rate(line.product_id, line.day)
        yield Compared("rate of a line", what, rate, line.tax_rate)
        if not line.exchanged:  # what replaces goods has the tax that was given back for them
            yield Compared("tax of a line", what, line.tax_within, line.tax)
        if line.gift:
            yield Compared("price of a gift", what, Decimal(0), line.amount)
        elif not line.exchanged:
            listed = prices.list_price(line.product_id, line.placed_at)
            yield Compared("list price of a line", what, listed, line.list_price)
            bands = prices.bands(line.dealer_id, line.product_id, line.quantity, line.placed_at, line.day)
            whole = sum((units * price for units, price in bands), Decimal(0))
            yield Compared(
                "price of a line",
                what,
                (fen(Fraction(whole) / line.quantity), whole),
                (line.unit_price, line.amount + line.discount),
            )


def _above(key: Any, parents: dict[Any, Any]) -> list[Any]:
    """A key and those above it, the nearest first."""
    chain = []
    while key is not None:
        chain.append(key)
        key = parents[key]
    return chain
