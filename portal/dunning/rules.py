"""When a debt is demanded, at which level, and what interest it bears. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum

from portal.disputes.rules import text_faults
from portal.kernel import money
from portal.kernel.errors import N_, Fault
from portal.kernel.money import ZERO

LEVELS_MAX = 5
DAYS_MAX = 365
RESPITE_MAX = 60
RATE_MAX = Decimal("0.24")
MINIMUM_MAX = Decimal("1000000.00")
REASON_MAX = 500
DAY_COUNTS = (360, 365)


class RunState(StrEnum):
    """What became of a run."""

    PROPOSED = "proposed"
    RELEASED = "released"
    DISCARDED = "discarded"


class LetterState(StrEnum):
    """What became of a letter. Settled: the debts were paid before it was sent."""

    PROPOSED = "proposed"
    RELEASED = "released"
    SENT = "sent"
    LEFT_OUT = "left_out"
    SETTLED = "settled"


class Tone(StrEnum):
    """How a letter speaks."""

    REMINDER = "reminder"
    DEMAND = "demand"
    LAST = "last"


@dataclass(frozen=True, slots=True)
class Policy:
    """How debts are demanded. days: overdue, from which each level is reached.

    minimum: ¥ below which nobody gets a letter. interest_rate: a year, as a fraction, None for none.
    day_count: days of the year for it. stop_level: from which a dealer is put on the stop list, None for
    never. respite: days that a letter gives to pay.
    """

    days: tuple[int, ...]
    minimum: Decimal
    interest_rate: Decimal | None
    day_count: int
    stop_level: int | None
    respite: int

    def level_after(self, days_late: int) -> int:
        """The level that a debt overdue for so long may be at, 0 for none."""
        return sum(days_late >= days for days in self.days)

    def tone(self, level: int) -> Tone:
        """How a letter of a level speaks: the first reminds, the last is the last."""
        if level >= len(self.days):
            return Tone.LAST
        return Tone.REMINDER if level <= 1 else Tone.DEMAND


@dataclass(frozen=True, slots=True)
class Debt:
    """A debt that is open and overdue. was_level: the highest at which it was demanded.

    interest_from: the day from which no interest is charged yet. bears_interest: not for interest itself.
    pay_by: the day that the letter gave by which it rose last, None before the first.
    """

    entry_id: int
    document_no: str
    occurred_on: date
    due_on: date
    amount: Decimal
    was_level: int
    interest_from: date
    is_disputed: bool
    bears_interest: bool = True
    pay_by: date | None = None


@dataclass(frozen=True, slots=True)
class Demanded:
    """A debt in a letter, at its level there."""

    debt: Debt
    days_late: int
    level: int
    interest: Decimal


@dataclass(frozen=True, slots=True)
class Demand:
    """A letter: its level is the highest of its debts'."""

    level: int
    items: tuple[Demanded, ...]

    @property
    def amount(self) -> Decimal:
        """¥ demanded, without interest."""
        return sum((one.debt.amount for one in self.items), ZERO)

    @property
    def interest(self) -> Decimal:
        """¥ of interest: the sum of what is rounded a debt."""
        return sum((one.interest for one in self.items), ZERO)


def demand(debts: Iterable[Debt], policy: Policy, day: date) -> Demand | None:
    """The letter to a dealer with these debts, None where there is nothing to demand.

    A debt rises by one level a letter, never above what its days allow and not before the days to pay of the
    letter before are over; a letter is written only where one rises. What is disputed is left out, and so is
    everything when it is less than the minimum.
    """
    items = tuple(
        _demanded(debt, policy, day)
        for debt in sorted(debts, key=lambda one: (one.due_on, one.entry_id))
        if not debt.is_disputed and policy.level_after((day - debt.due_on).days) > 0
    )
    rises = any(one.level > one.debt.was_level for one in items)
    found = Demand(max((one.level for one in items), default=0), items)
    return found if rises and found.amount >= policy.minimum else None


def _demanded(debt: Debt, policy: Policy, day: date) -> Demanded:
    late = (day - debt.due_on).days
    step = 1 if debt.pay_by is None or day > debt.pay_by else 0
    level = max(debt.was_level, min(policy.level_after(late), debt.was_level + step))
    days = (day - max(debt.due_on, debt.interest_from)).days
    charged = interest(debt.amount, days, policy) if debt.bears_interest else ZERO
    return Demanded(debt, late, level, charged)


def interest(amount: Decimal, days: int, policy: Policy) -> Decimal:
    """Simple interest of one debt for some days, rounded to the fen here and nowhere else."""
    if policy.interest_rate is None or days <= 0:
        return ZERO
    return money.to_fen(amount * policy.interest_rate * days / policy.day_count)


def policy_faults(policy: Policy, reason: str) -> list[Fault]:
    """Everything that is wrong with a policy somebody sets."""
    faults = [*_days_faults(policy.days), *text_faults("/reason", reason, most=REASON_MAX)]
    if not 0 <= policy.minimum <= MINIMUM_MAX:
        message, fix = N_("The smallest amount is not negative."), N_("Enter 0 to %(max)s.")
        faults.append(Fault("/minimum", "minimum", message, fix, {"max": MINIMUM_MAX}))
    if policy.interest_rate is not None and not 0 < policy.interest_rate <= RATE_MAX:
        message, fix = N_("Interest is at most 24 percent a year."), N_("Enter a rate, or nothing for none.")
        faults.append(Fault("/interest_rate", "interest_rate", message, fix))
    if policy.day_count not in DAY_COUNTS:
        message, fix = N_("A year of interest has 360 or 365 days."), N_("Choose one of them.")
        faults.append(Fault("/day_count", "day_count", message, fix))
    if policy.stop_level is not None and not 1 <= policy.stop_level <= len(policy.days):
        message, fix = N_("There is no such level."), N_("Choose one of the levels, or none.")
        faults.append(Fault("/stop_level", "stop_level", message, fix))
    if not 1 <= policy.respite <= RESPITE_MAX:
        message, fix = N_("A letter gives some days to pay."), N_("Enter 1 to %(max)s.")
        faults.append(Fault("/respite", "respite", message, fix, {"max": RESPITE_MAX}))
    return faults


def _days_faults(days: Sequence[int]) -> list[Fault]:
    if not 1 <= len(days) <= LEVELS_MAX:
        message, fix = N_("There are one to five levels."), N_("Enter the days of each level.")
        return [Fault("/days", "days", message, fix)]
    if any(not 1 <= one <= DAYS_MAX for one in days) or list(days) != sorted(set(days)):
        message = N_("Each level is reached later than the one before it, within %(max)s days.")
        return [
            Fault("/days", "days", message, N_("Enter rising days, such as 7, 21, 45."), {"max": DAYS_MAX})
        ]
    return []
