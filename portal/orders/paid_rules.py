"""Which held order goes because its dealer has paid. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from decimal import Decimal

from portal.kernel.money import ZERO
from portal.orders.severity_rules import Hold

MONEY_HOLDS = frozenset({str(Hold.CREDIT), str(Hold.OVERDUE)})
"""Holds that money alone lifts."""


@dataclass(frozen=True, slots=True)
class HeldForMoney:
    """A held order. amount: ¥ of it that are still open. by_hand: an employee holds it too."""

    number: str
    holds: frozenset[str]
    amount: Decimal
    by_hand: bool = False


def next_covered(
    held: Iterable[HeldForMoney],
    *,
    exposure: Decimal,
    credit_limit: Decimal,
    overdue: Decimal,
    skip: Collection[str] = (),
) -> str | None:
    """The number of the first order, the oldest first, that fits within the limit by what was paid.

    exposure: ¥ owed and ordered, all of the held orders within: none of those that wait for credit counts
    against another before it is let go. One that is too large lets the next ones pass. skip: orders that
    cannot go for another reason.
    """
    waiting = list(held)
    without = exposure - sum((one.amount for one in waiting if Hold.CREDIT in one.holds), ZERO)
    for one in waiting:
        if one.by_hand or one.number in skip or not one.holds or not one.holds <= MONEY_HOLDS:
            continue
        if Hold.OVERDUE in one.holds and overdue > 0:
            continue
        if Hold.CREDIT in one.holds and without + one.amount > credit_limit:
            continue
        return one.number
    return None
