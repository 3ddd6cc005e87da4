"""What is paid when a period is settled (§13). Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum

_ZERO = Decimal(0)
_FEN = Decimal("0.01")


@dataclass(frozen=True, slots=True)
class PriorPeriod:
    """A settled period reckoned again: an amendment or a return that goes back to it changed it."""

    period: str
    was: Decimal
    now: Decimal

    @property
    def adjustment(self) -> Decimal:
        """What is paid more now, or taken back."""
        return self.now - self.was


@dataclass(frozen=True, slots=True)
class Settlement:
    """payable or clawback: one of them, both positive. carried: kept for the next period, below the minimum.

    guaranteed: what a guaranteed minimum adds to what was accrued.
    """

    payable: Decimal
    clawback: Decimal
    carried: Decimal
    guaranteed: Decimal


def settle(
    accrued: Decimal,
    adjustments: Sequence[PriorPeriod],
    provisional: Decimal,
    *,
    carried_in: Decimal = _ZERO,
    guaranteed: Decimal | None = None,
    minimum_payout: Decimal | None = None,
) -> Settlement:
    """Accrued and adjusted, less what was paid already. A small amount waits for the next period."""
    added = max(guaranteed - accrued, _ZERO) if guaranteed is not None else _ZERO
    due = accrued + added + carried_in + sum((one.adjustment for one in adjustments), _ZERO) - provisional
    if due < 0:
        return Settlement(_ZERO, -due, _ZERO, added)
    if minimum_payout is not None and due < minimum_payout:
        return Settlement(_ZERO, _ZERO, due, added)
    return Settlement(due, _ZERO, _ZERO, added)


class RunState(StrEnum):
    """Where the settlement of a period for all dealers stands."""

    PROPOSED = "proposed"
    APPROVED = "approved"
    REJECTED = "rejected"
    SETTLED = "settled"


TOLERANCE = Decimal("0.01")


def is_beyond(given: Decimal, ceiling: Decimal | None) -> bool:
    """Whether a run gives more than was approved, and a hundredth of that: then it is asked for again."""
    return ceiling is not None and given > ceiling + ceiling * TOLERANCE


class SettlementKind(StrEnum):
    """An advance on a period, its settlement, or what a settled period changed by afterwards."""

    PROVISIONAL = "provisional"
    FINAL = "final"
    ADJUSTMENT = "adjustment"


@dataclass(frozen=True, slots=True)
class PeriodAccount:
    """One period of a programme for one dealer: what is accrued now, and what was settled and advanced.

    guaranteed, cut: what was added to what was settled, and not paid of it.
    """

    first_day: date
    period: str
    accrued: Decimal
    settled: Decimal
    advanced: Decimal
    is_settled: bool
    guaranteed: Decimal = _ZERO
    cut: Decimal = _ZERO


@dataclass(frozen=True, slots=True)
class SettledPeriod:
    """What one act settles of one period. paid: what a note gives for it, or takes back.

    advanced: what was paid ahead and is taken off now; of an advance itself, negative. cut: what is not paid
    although it is due.
    """

    first_day: date
    period: str
    kind: SettlementKind
    accrued: Decimal = _ZERO
    guaranteed: Decimal = _ZERO
    carried_in: Decimal = _ZERO
    advanced: Decimal = _ZERO
    carried_out: Decimal = _ZERO
    cut: Decimal = _ZERO

    @property
    def paid(self) -> Decimal:
        """What is due, less what waits or is cut."""
        return self.accrued + self.guaranteed + self.carried_in - self.advanced - self.carried_out - self.cut


def is_nothing(rows: Sequence[SettledPeriod]) -> bool:
    """Whether nothing is paid, taken back, cut or carried: the period is only marked as settled."""
    return not any(
        (row.accrued, row.guaranteed, row.carried_in, row.advanced, row.carried_out, row.cut) != (_ZERO,) * 6
        for row in rows
    )


def settled_now(
    this: PeriodAccount,
    earlier: Sequence[PeriodAccount],
    *,
    carried_in: Decimal = _ZERO,
    guaranteed: Decimal | None = None,
    minimum_payout: Decimal | None = None,
) -> list[SettledPeriod]:
    """The settlement of a period; settled periods that changed since then in rows of their own (§11)."""
    changed = adjusted_now(earlier, guaranteed=guaranteed)
    due = settle(
        this.accrued,
        [PriorPeriod(one.period, _ZERO, one.paid) for one in changed],
        this.advanced,
        carried_in=carried_in,
        guaranteed=guaranteed,
        minimum_payout=minimum_payout,
    )
    final = SettledPeriod(
        this.first_day,
        this.period,
        SettlementKind.FINAL,
        accrued=this.accrued,
        guaranteed=due.guaranteed,
        carried_in=carried_in,
        advanced=this.advanced,
        carried_out=due.carried,
    )
    return [final, *changed]


def adjusted_now(
    periods: Sequence[PeriodAccount], *, guaranteed: Decimal | None = None, waiting: Decimal = _ZERO
) -> list[SettledPeriod]:
    """What settled periods changed by, each in a row of its own.

    What a guarantee has paid already is not paid again, and nothing is taken back that was never paid: less
    is first taken off what was cut, then off what is `waiting` for the next settlement.
    """
    rows = []
    for one in periods:
        if not one.is_settled or one.accrued == one.settled:
            continue
        change = one.accrued - one.settled
        added = max(guaranteed - one.accrued, _ZERO) - one.guaranteed if guaranteed is not None else _ZERO
        less = max(-(change + added), _ZERO)
        uncut = min(less, one.cut)
        taken = min(less - uncut, waiting)
        waiting -= taken
        row = SettledPeriod(one.first_day, one.period, SettlementKind.ADJUSTMENT, accrued=change)
        rows.append(replace(row, guaranteed=added, carried_in=taken, cut=-uncut))
    return rows


def advanced_now(this: PeriodAccount, percent: Decimal) -> list[SettledPeriod]:
    """An advance: so many per cent of what is accrued, less what was advanced before, rounded half-up."""
    advance = (this.accrued * percent / 100).quantize(_FEN, ROUND_HALF_UP) - this.advanced
    if this.is_settled or advance <= 0:
        return []
    return [SettledPeriod(this.first_day, this.period, SettlementKind.PROVISIONAL, advanced=-advance)]


def limited(rows: Sequence[SettledPeriod], most: Decimal) -> list[SettledPeriod]:
    """The rows with no more paid in all than `most`, 0 or more: the rest is cut from the first of them.

    An advance is made smaller instead: it is taken off at the settlement as it was paid.
    """
    excess = sum((row.paid for row in rows), _ZERO) - most
    if excess <= 0 or not rows:
        return list(rows)
    if rows[0].kind is SettlementKind.PROVISIONAL:
        return [replace(rows[0], advanced=rows[0].advanced + excess)] if most > 0 else []
    return [replace(rows[0], cut=rows[0].cut + excess), *rows[1:]]


def usable_on(gross: Decimal, left: Decimal, balance: Decimal, share: Decimal) -> Decimal:
    """What a balance pays of an invoice: so many per cent, half-up, and no more than is left of either."""
    most = (gross * share / 100).quantize(_FEN, ROUND_HALF_UP)
    return max(min(most, left, balance), _ZERO)


def apportioned(total: Decimal, weights: Sequence[Decimal]) -> list[Decimal]:
    """A total in parts by weight: differences of the rounded running share, so that they add up to it.

    Weights may be negative; their sum is not zero. More than they come to goes to those of their sum's sign
    only: what was sold and returned would make a part many times what it was sold for.
    """
    whole, parts, before, weight = sum(weights, _ZERO), [], _ZERO, _ZERO
    if abs(total) > abs(whole):
        weights = [one if (one > 0) == (whole > 0) else _ZERO for one in weights]
        whole = sum(weights, _ZERO)
    for one in weights:
        weight += one
        after = (total * weight / whole).quantize(_FEN, ROUND_HALF_UP)
        parts.append(after - before)
        before = after
    return parts
