"""What each dealer has earned under each programme: docs/rebates.md and the head of
docs/examples/rebates.yaml.

Reckoned from the documents up to the entry and the day that the portal reckoned a dealer by. Exact until the
one rounding of the running total.
"""

from __future__ import annotations

import calendar
from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any

from sqlalchemy import Connection, text

from tests.recount.compared import Compared, fen, streamed
from tests.recount.prices import Prices
from tests.recount.rebate_books import Books, Line
from tests.recount.rebate_terms import PROGRAMMES, Programme, Tier, banded, reached, standing

_ACCRUALS = """
    SELECT dealer_id, programme_id, first_day, last_day, qualified, reached_tier, accrued, base,
      growth_percent,
           mix_percent, unmet FROM rebate_accrual
"""
_LINES = """
    SELECT dealer_id, programme_id, first_day, place, on_day, document, line_no, sku, quantity, qualifier,
      cumulative,
           payout, rate, amount
      FROM rebate_accrual_line ORDER BY dealer_id, programme_id, first_day, place
"""


@dataclass(frozen=True, slots=True)
class Earned:
    """A line in a period: what it counts, what it earns, at which rate (None under bands)."""

    line: Line
    qualifier: Decimal
    cumulative: Decimal
    payout: Decimal
    rate: Decimal | None
    amount: Decimal
    pays: bool


@dataclass(frozen=True, slots=True)
class Accrual:
    """What a period comes to."""

    qualified: Decimal
    reached: int
    accrued: Decimal
    base: Decimal | None
    growth: Decimal | None
    mix: Decimal | None
    unmet: list[str]
    lines: list[Earned]


class Reckoner:
    """Reckons a dealer's programmes in the order of their priority."""

    def __init__(self, rows: Connection) -> None:
        self.prices = Prices(rows)
        self.books = Books(rows)
        codes = dict(rows.execute(text("SELECT code, id FROM region")).all())
        self.sku_of = dict(rows.execute(text("SELECT id, sku FROM product")).all())
        skus = {sku: product for product, sku in self.sku_of.items()}
        dealers = dict(rows.execute(text("SELECT id, code FROM dealer")).all())
        self._in: dict[tuple[int, int, date], bool] = {}
        self._ordered: dict[tuple[str, int], list[Line]] = {}
        self.programmes = [
            Programme(row, self.prices, codes, skus, dealers) for row in rows.execute(text(PROGRAMMES))
        ]

    def dealer(self, dealer: int) -> Iterator[tuple[Programme, date, date, Accrual]]:
        """Every period of every programme that the dealer was in on a day of it."""
        paid_on: set[Any] = set()
        closed: set[Any] = set()
        for programme in self.programmes:
            earning = []
            for first, last in programme.periods(self.books.on_day[dealer]):
                lines = self._lines(programme, dealer, first, last)
                if not lines and not any(self._is_in(programme, dealer, day) for day in _days(first, last)):
                    continue
                accrual = self._reckon(programme, dealer, first, last, lines, closed, paid_on)
                yield programme, first, last, accrual
                # Paid on are goods by their sale; of what comes back alone, its own line.
                earning += [
                    one.line.sold if one.line.sale else one.line.own
                    for one in accrual.lines
                    if one.pays and accrual.accrued
                ]
            paid_on |= set(earning)
            if not programme.combinable:
                closed |= set(earning)

    def _lines(self, programme: Programme, dealer: int, first: date, last: date) -> list[Line]:
        """What counts in a period: on its days, in scope, for the tier and region of the day."""
        terms, counting = programme.terms, []
        lines = self._measured(terms["measure"], dealer)
        goes_back = terms["late_returns"] == "origin_period"
        if not goes_back:
            lines = lines[bisect_left(lines, first, key=_day) : bisect_right(lines, last, key=_day)]
        for line in lines:
            day = self._billed_on(dealer, line.invoice) if goes_back and not line.sale else line.day
            if first <= day <= last and self._is_in(programme, dealer, day):
                counting.append(line)
        return counting

    def _is_in(self, programme: Programme, dealer: int, day: date) -> bool:
        key = (programme.id, dealer, day)
        if key not in self._in:
            self._in[key] = programme.is_for(dealer, day)
        return self._in[key]

    def _measured(self, measure: str, dealer: int) -> list[Line]:
        """The lines of a dealer as a measure dates them, in their order."""
        key = (measure, dealer)
        if key not in self._ordered:
            lines = self.books.lines[dealer]
            if measure == "shipped":
                lines = [
                    replace(line, day=line.shipped_on) if line.sale and line.shipped_on else line
                    for line in lines
                ]
            elif measure == "paid":
                lines = self._shared_out(dealer)
            self._ordered[key] = sorted(lines, key=lambda line: line.order)
        return self._ordered[key]

    def _shared_out(self, dealer: int) -> list[Line]:
        """Each payment's share of each line: paid so far ÷ invoice, half-up, less what counted before."""
        of_invoice: dict[str, list[Line]] = defaultdict(list)
        for line in self.books.lines[dealer]:
            if line.document == line.invoice:
                of_invoice[line.invoice].append(line)
        shares = []
        for invoice, lines in of_invoice.items():
            paid = self.books.paid.get(dealer, {}).get(invoice)
            before = Fraction(0)
            for day, kind, document, amount in paid.parts if paid else ():
                if kind not in ("payment", "deposit_use"):
                    continue
                after = before + Fraction(amount) / Fraction(paid.whole)
                for line in lines:
                    shares.append(
                        replace(
                            line,
                            day=max(day, line.day),
                            document=document,
                            sale=amount > 0,
                            quantity=0,
                            gross=fen(line.gross * after) - fen(line.gross * before),
                            net=fen(line.net * after) - fen(line.net * before),
                        )
                    )
                before = after
        return shares

    def _billed_on(self, dealer: int, invoice: str) -> date:
        return next((line.day for line in self.books.lines[dealer] if line.document == invoice), date.max)

    def _reckon(
        self,
        programme: Programme,
        dealer: int,
        first: date,
        last: date,
        lines: Sequence[Line],
        closed: set[Any],
        paid_on: set[Any],
    ) -> Accrual:
        terms = programme.terms
        scope = [line for line in lines if programme.concerns(line.product, terms)]
        payout = {"basis": terms["basis"], "skus": terms["skus"], "category": terms["category"]}
        payout |= {key: value for key, value in (terms["payout"] or {}).items() if value}
        qualifiers = [_basis(line, terms["basis"]) for line in scope]
        qualified = sum(qualifiers, Decimal(0))
        base, growth = self._growth(programme, dealer, first, last, qualified)
        unmet, factor, mix = self._conditions(programme, dealer, first, last, scope, qualified)
        stands = standing(terms, qualified, base)
        shares = [self._pays(programme, dealer, line) for line in scope]
        if terms["on_time"] and terms["on_time"]["mode"] == "all" and 0 in shares:
            unmet = [*unmet, "on_time"]
        kept_out = closed if programme.combinable else closed | paid_on
        shut = {line.own for line in scope if line.own in kept_out or line.sold in kept_out}
        factor *= Fraction(terms["multiplier"])
        pays = [
            Fraction(0)
            if line.own in shut or not programme.concerns(line.product, payout)
            else share * factor
            for line, share in zip(scope, shares, strict=True)
        ]
        payouts = [
            _basis(line, payout["basis"])
            if programme.concerns(line.product, payout) and line.own not in shut
            else Decimal(0)
            for line in scope
        ]
        cap = Fraction(terms["cap"]) if terms["cap"] is not None else None
        if unmet and (unmet != ["mix"] or not factor):
            pays = [Fraction(0)] * len(pays)
        earned = _earned(programme, scope, qualifiers, payouts, pays, stands, base, cap)
        tier = reached(programme.table(last), stands)
        accrued = sum((one.amount for one in earned), Decimal(0))
        return Accrual(qualified, tier, accrued, base, growth, mix, unmet, earned)

    def _growth(
        self, programme: Programme, dealer: int, first: date, last: date, qualified: Decimal
    ) -> tuple[Decimal | None, Decimal | None]:
        terms = programme.terms
        if terms["growth"] is None:
            return None, None
        then = [
            line
            for line in self._measured(terms["measure"], dealer)
            if _a_year_ago(first) <= line.day <= _a_year_ago(last)
            and self._is_in(programme, dealer, line.day)
            and programme.concerns(line.product, terms)
        ]
        base = sum((_basis(line, terms["basis"]) for line in then), Decimal(0))
        least = terms["growth"]["base_at_least"]
        base = max(base, Decimal(least)) if least is not None else base
        if base <= 0:
            return base, None
        return base, fen((Fraction(qualified) - Fraction(base)) * 100 / Fraction(base))

    def _conditions(
        self,
        programme: Programme,
        dealer: int,
        first: date,
        last: date,
        scope: Sequence[Line],
        qualified: Decimal,
    ) -> tuple[list[str], Fraction, Decimal | None]:
        terms, unmet, factor, mix = programme.terms, [], Fraction(1), None
        if wanted := terms["mix"]:
            share = sum(
                (_basis(line, terms["basis"]) for line in scope if programme.concerns(line.product, wanted)),
                Decimal(0),
            )
            mix = fen(Fraction(share) * 100 / Fraction(qualified)) if qualified else None
            if share * 100 < qualified * Decimal(wanted["share_at_least"]):
                unmet.append("mix")
                factor = Fraction(wanted.get("otherwise") or 0)
        if terms["returns_at_most"] is not None:
            back = -sum((_basis(line, terms["basis"]) for line in scope if not line.sale), Decimal(0))
            if back * 100 > (qualified + back) * Decimal(terms["returns_at_most"]):
                unmet.append("returns_at_most")
        within = terms["inventory_reports"]
        if within is not None and self._unreported(programme, dealer, first, last, int(within)):
            unmet.append("inventory_reports")
        if terms["no_diversion_case"] and self._has_case(programme, dealer, first, last):
            unmet.append("no_diversion_case")
        return unmet, factor, mix

    def _unreported(self, programme: Programme, dealer: int, first: date, last: date, within: int) -> bool:
        for day in _days(first, last):
            if day != last and (day + timedelta(days=1)).day != 1:
                continue
            due = day + timedelta(days=within)
            if (
                due < self.books.on_day[dealer]
                and self._is_in(programme, dealer, day)
                and not any(
                    day <= counted <= due and came <= due for counted, came in self.books.reports[dealer]
                )
            ):
                return True
        return False

    def _has_case(self, programme: Programme, dealer: int, first: date, last: date) -> bool:
        for day in _days(first, min(last, self.books.on_day[dealer])):
            words = [
                fact
                for fact in self.books.facts[dealer]
                if fact.from_day <= day and (fact.to_day is None or day <= fact.to_day)
            ]
            if words and not words[-1].holds and self._is_in(programme, dealer, day):
                return True
        return False

    def _pays(self, programme: Programme, dealer: int, line: Line) -> Fraction:
        """What part of its rate a line earns by when its invoice was paid."""
        rule = programme.terms["on_time"]
        if rule is None:
            return Fraction(1)
        paid = self.books.paid.get(dealer, {}).get(line.invoice)
        completed = paid.completed_on if paid else None
        if completed is None:
            return Fraction(0)
        if rule["mode"] == "graded":
            days = (completed - paid.billed_on).days
            return next(
                (
                    Fraction(one["pays"]) / 100
                    for one in sorted(rule["grades"], key=lambda one: one["days"])
                    if days <= one["days"]
                ),
                Fraction(0),
            )
        return Fraction(completed <= paid.due_on + timedelta(days=rule["grace_days"]))


def recount(rows: Connection) -> Iterator[Compared]:
    """Every accrual and every line behind it."""
    reckoner = Reckoner(rows)
    kept = {(row.dealer_id, row.programme_id, row.first_day): row for row in rows.execute(text(_ACCRUALS))}
    lines: dict[Any, list[Any]] = defaultdict(list)
    for row in streamed(rows, _LINES):
        lines[row.dealer_id, row.programme_id, row.first_day].append(row)
    for dealer in sorted(reckoner.books.on_day):
        for programme, first, last, meant in reckoner.dealer(dealer):
            what = f"{programme.number} dealer {dealer} from {first}"
            row = kept.pop((dealer, programme.id, first), None)
            found = row and (
                row.last_day,
                row.qualified,
                row.reached_tier,
                row.accrued,
                row.base,
                row.growth_percent,
                row.mix_percent,
                sorted(row.unmet),
            )
            yield Compared(
                "rebate of a period",
                what,
                (
                    last,
                    meant.qualified,
                    meant.reached,
                    meant.accrued,
                    meant.base,
                    meant.growth,
                    meant.mix,
                    sorted(meant.unmet),
                ),
                found,
            )
            behind = lines[dealer, programme.id, first]
            yield Compared("lines behind a rebate", what, len(meant.lines), len(behind))
            for one, said in zip(meant.lines, behind, strict=False):
                line = one.line
                yield Compared(
                    "line behind a rebate",
                    f"{what} place {said.place}",
                    (
                        line.day,
                        line.document,
                        line.no,
                        reckoner.sku_of[line.product],
                        line.quantity,
                        one.qualifier,
                        one.cumulative,
                        one.payout,
                        one.rate,
                        one.amount,
                    ),
                    (
                        said.on_day,
                        said.document,
                        said.line_no,
                        said.sku,
                        said.quantity,
                        said.qualifier,
                        said.cumulative,
                        said.payout,
                        said.rate,
                        said.amount,
                    ),
                )
    for key, row in kept.items():
        yield Compared(
            "rebate of a period", f"programme {key[1]} dealer {key[0]} from {key[2]}", None, row.accrued
        )


def _earned(
    programme: Programme,
    scope: Sequence[Line],
    qualifiers: Sequence[Decimal],
    payouts: Sequence[Decimal],
    pays: Sequence[Fraction],
    stands: Fraction | None,
    base: Decimal | None,
    cap: Fraction | None,
) -> list[Earned]:
    """Line by line: differences of the rounded running total."""
    terms = programme.terms
    cumulative, running, before, earned = Decimal(0), Fraction(0), Decimal(0), []
    increase = Fraction(1)
    whole = sum(qualifiers, Decimal(0))
    if terms["growth"] and terms["growth"]["pays"] == "increase":
        increase = (Fraction(whole) - Fraction(base or 0)) / Fraction(whole) if whole else Fraction(0)
    fixed_over = sum(
        (Fraction(payout) for payout, pay in zip(payouts, pays, strict=True) if pay), Fraction(0)
    )
    reached_of: dict[tuple[Tier, ...], int] = {}
    for line, qualifier, payout, pay in zip(scope, qualifiers, payouts, pays, strict=True):
        so_far = running
        table = programme.table(line.day)
        if table not in reached_of:
            reached_of[table] = reached(table, stands)
        tier = table[reached_of[table] - 1] if reached_of[table] else None
        start, cumulative = cumulative, cumulative + qualifier
        rate: Fraction | None = Fraction(0)
        if terms["method"] == "incremental":
            rate = None if tier and pay else Fraction(0)
            if pay:
                part = banded(table, start, cumulative)
                if payout != qualifier:
                    part = part * Fraction(payout) / Fraction(qualifier) if qualifier else Fraction(0)
                running += part * pay
        elif tier and tier.fixed is not None:
            rate = None if pay else Fraction(0)
            if pay and fixed_over:
                running += tier.fixed * pay * Fraction(payout) / fixed_over
        elif tier and pay:
            rate = tier.shown * pay
            running += Fraction(payout) * (tier.rate * pay * increase)
        now = fen(max(running if cap is None else min(running, cap), Fraction(0)))
        earned.append(
            Earned(
                line,
                qualifier,
                cumulative,
                payout,
                None if rate is None else _decimal(rate),
                now - before,
                running != so_far,
            )
        )
        before = now
    return earned


def _basis(line: Line, basis: str) -> Decimal:
    return {"amount": line.gross, "amount_net": line.net, "quantity": Decimal(line.quantity)}[basis]


def _decimal(value: Fraction) -> Decimal:
    return Decimal(value.numerator) / Decimal(value.denominator)


def _day(line: Line) -> date:
    return line.day


def _days(first: date, last: date) -> Iterator[date]:
    while first <= last:
        yield first
        first += timedelta(days=1)


def _a_year_ago(day: date) -> date:
    last = calendar.monthrange(day.year - 1, day.month)[1]
    whole_month = day.day == calendar.monthrange(day.year, day.month)[1]
    return date(day.year - 1, day.month, last if whole_month else min(day.day, last))
