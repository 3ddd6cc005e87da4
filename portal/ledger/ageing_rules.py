"""The books as of a day, and how long what is open is overdue. Pure.

An entry counts from its day in the month it is posted in, and a late one from the first of that month: the
last day of a closed month is what its statements say. What was posted afterwards with an earlier day counts
on that day too; `seen_by` leaves it out, so that one sees what was to be seen then.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, fields
from datetime import date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from portal.kernel import clock
from portal.kernel.errors import N_, Fault, Invalid
from portal.kernel.money import ZERO

FIRST_DAY = date(2000, 1, 1)
"""No books are older; an earlier day is a slip."""

LAST_DAYS = {"current": 0, "days_1_30": 30, "days_31_60": 60, "days_61_90": 90}
"""Days overdue up to which an open item stands in a bucket; the last bucket has no end."""


@dataclass(frozen=True, slots=True)
class AsOf:
    """The end of a business day. seen_by: and only of what was posted before this moment."""

    day: date
    seen_by: datetime | None = None

    @property
    def period(self) -> str:
        """The month of the day."""
        return clock.period_of(self.day)

    @property
    def settled_through(self) -> str:
        """The last month that is over at the end of the day: a snapshot up to it can serve."""
        is_last = self.day == clock.last_day(self.period)
        return self.period if is_last else clock.previous_period(self.period)

    def as_seen_then(self, zone: ZoneInfo) -> AsOf:
        """The same day as its evening saw it."""
        return AsOf(self.day, clock.start_of(self.day + timedelta(days=1), zone))


@dataclass(frozen=True, slots=True)
class Buckets:
    """What is owed, by how long it is overdue.

    unallocated: credit that settles nothing yet, 0 or less. All six together are the balance.
    """

    current: Decimal = ZERO
    days_1_30: Decimal = ZERO
    days_31_60: Decimal = ZERO
    days_61_90: Decimal = ZERO
    days_over_90: Decimal = ZERO
    unallocated: Decimal = ZERO

    @property
    def overdue(self) -> Decimal:
        """What fell due before the day."""
        return self.days_1_30 + self.days_31_60 + self.days_61_90 + self.days_over_90

    @property
    def balance(self) -> Decimal:
        """Owed less the credit; negative when we owe."""
        return self.current + self.overdue + self.unallocated

    def __add__(self, other: Buckets) -> Buckets:
        return Buckets(*(getattr(self, one.name) + getattr(other, one.name) for one in fields(self)))


@dataclass(frozen=True, slots=True)
class OpenOn:
    """What of an entry was open on a day: of a debt positive, of a credit negative."""

    document_no: str
    kind: str
    occurred_on: date
    due_on: date
    amount: Decimal


def bucket_of(due_on: date, day: date) -> str:
    """The bucket of a debt on a day: up to its last day of payment it is not due."""
    late = (day - due_on).days
    return next((name for name, last in LAST_DAYS.items() if late <= last), "days_over_90")


def buckets_of(items: Iterable[OpenOn], day: date) -> Buckets:
    """Open items added up by their age on a day."""
    sums = {one.name: ZERO for one in fields(Buckets)}
    for item in items:
        sums[bucket_of(item.due_on, day) if item.amount > 0 else "unallocated"] += item.amount
    return Buckets(**sums)


def require_day(day: date, today: date, pointer: str = "/at") -> None:
    """Raise Invalid for a day that is not over or lies before all books."""
    if day > today:
        message, fix = N_("This day is still to come."), N_("Choose today or an earlier day.")
        raise Invalid(faults=[Fault(pointer, "in_future", message, fix)])
    if day < FIRST_DAY:
        message, fix = N_("There are no books of that day."), N_("Check the year.")
        raise Invalid(faults=[Fault(pointer, "too_old", message, fix)])
