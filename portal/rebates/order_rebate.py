"""What an order earns if it is shipped, invoiced and paid today: by how much everything accrued grows."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from sqlalchemy.orm import Session

from portal.orders.lines import AssessedLine
from portal.rebates.engine import Accrual
from portal.rebates.known import known_of, product_lines
from portal.rebates.ladder import ZERO
from portal.rebates.next_tier import NextTier
from portal.rebates.programme import Programme
from portal.rebates.reckon import published_programmes
from portal.rebates.rules import Basis, Measure
from portal.rebates.supposed import DOCUMENT, Bought, accruals_on, first_day, lines_bought, with_lines


@dataclass(frozen=True, slots=True)
class Gain:
    """What an order adds to one programme's period. when_paid: not before its invoice is paid.

    basis: what counts. reached_before, reached: tiers, from 1; 0 is none. next_tier: after the order.
    """

    number: str
    title_zh: str
    title_en: str
    amount: Decimal
    when_paid: bool
    basis: Basis
    reached_before: int
    reached: int
    next_tier: NextTier | None


@dataclass(frozen=True, slots=True)
class OrderRebate:
    """What an order earns. total: ¥ by which everything accrued grows.

    lines: what each line of the order earns itself, in its order. on_others: what other purchases earn more,
    or less, because of it: a tier is reached, a cap is full. gains: of the programmes that it counts in.
    """

    total: Decimal
    lines: tuple[Decimal, ...]
    gains: tuple[Gain, ...]

    @property
    def on_others(self) -> Decimal:
        """¥ of the total that lie on what was bought before."""
        return self.total - sum(self.lines, ZERO)


def order_rebate(
    session: Session, *, dealer_id: int, lines: Sequence[AssessedLine], today: date
) -> OrderRebate:
    """What the lines of an order, gifts left out, earn under every programme that runs today."""
    published = published_programmes(session, today=today)
    running = [one for one in published.programmes.values() if one.valid_from <= today]
    current = [one for one in running if today <= one.valid_to]
    if not current or not lines:
        return OrderRebate(ZERO, (ZERO,) * len(lines), ())
    chosen = current if all(one.combinable for one in running) else running
    since = first_day(chosen, today)
    here = known_of(session, [dealer_id], chosen, since=since, until=today).get(dealer_id)
    if here is None:
        return OrderRebate(ZERO, (ZERO,) * len(lines), ())
    bought = lines_bought(_goods(lines, product_lines(session)), today)
    before = accruals_on(chosen, here, today)
    after = accruals_on(chosen, with_lines(here, bought), today)
    of_lines = _of_lines(after.values(), len(lines))
    gains = tuple(
        _gain(one, published.titles[one.number], before[one.number], after[one.number])
        for one in sorted(current, key=lambda one: (one.priority, one.number))
        if one.number in after and _changes(before[one.number], after[one.number])
    )
    return OrderRebate(sum((one.amount for one in gains), ZERO), of_lines, gains)


def _goods(lines: Sequence[AssessedLine], categories: Mapping[str, frozenset[str]]) -> list[Bought]:
    return [
        Bought(
            line.offer.sku,
            categories.get(line.offer.category_code, frozenset()),
            line.demand.quantity,
            line.amount - line.tax,
            line.amount,
        )
        for line in lines
    ]


def _of_lines(accruals: Iterable[Accrual], count: int) -> tuple[Decimal, ...]:
    """What each line of the order earns itself, under all programmes together."""
    found = [ZERO] * count
    for accrual in accruals:
        for line in accrual.lines:
            if line.source.document == DOCUMENT:
                found[line.source.line - 1] += line.amount
    return tuple(found)


def _gain(programme: Programme, titles: tuple[str, str], before: Accrual, after: Accrual) -> Gain:
    return Gain(
        programme.number,
        *titles,
        after.accrued - before.accrued,
        programme.measure is Measure.PAID or programme.on_time is not None,
        programme.basis,
        before.reached_tier,
        after.reached_tier,
        after.next_tier,
    )


def _changes(before: Accrual, after: Accrual) -> bool:
    return before.qualified != after.qualified or before.accrued != after.accrued
