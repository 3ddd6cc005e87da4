"""What is paid when a period is settled (§13). Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

_ZERO = Decimal(0)


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
