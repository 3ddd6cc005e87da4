"""What was settled of rebates month by month, and what was owed at each month's end, reckoned by the portal's
own rules from what was known then. Values; `demo.loading.settlements` writes them.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from decimal import Decimal

from portal.kernel import clock, money
from portal.kernel.money import ZERO
from portal.ledger.post_rebate_note import NoteLine
from portal.rebates.engine import Accrual, Known
from portal.rebates.reckon import Published, reckoned
from portal.rebates.rules import Measure, Period, period_of
from portal.rebates.terms import Terms
from portal.settlements.accounts import DealerAccount, is_net
from portal.settlements.liability import net_of
from portal.settlements.rules import PeriodAccount, SettledPeriod, SettlementKind, apportioned, limited
from portal.settlements.settle_period import due_now

SETTLED_ON_DAY = 8  # of the month after
ADVANCED_BEFORE = timedelta(days=3)  # before the demonstration's moment
_STANDARD_RATE = Decimal("0.13")
_EVER = (date.min, date.max)

Everything = Mapping[int, Mapping[Measure, Known]]
"""What is known of each dealer today, by measure."""
Accruals = dict[int, dict[int, dict[date, Accrual]]]
"""By programme, dealer and first day."""


@dataclass(frozen=True, slots=True)
class Settling:
    """A programme as it is settled. waits: how many of its last periods are not."""

    id: int
    number: str
    terms: Terms
    waits: int | None
    advance: Decimal | None


@dataclass(frozen=True, slots=True)
class Paid:
    """What a run settled for one dealer, and the lines of its note."""

    dealer_id: int
    rows: Sequence[SettledPeriod]
    lines: Sequence[NoteLine]

    @property
    def amount(self) -> Decimal:
        """As the programme reckons it."""
        return sum((row.paid for row in self.rows), ZERO)


@dataclass(frozen=True, slots=True)
class Run:
    """A period settled for all dealers, or one that waits for another person's word."""

    programme: Settling
    period: Period
    kind: SettlementKind
    on: date
    paid: Sequence[Paid]
    waits: bool = False


@dataclass(frozen=True, slots=True)
class Owed:
    """What a dealer is owed under a programme at the end of a month."""

    dealer_id: int
    programme_id: int
    month: str
    accrued: Decimal
    settled: Decimal
    net: Decimal


@dataclass(slots=True)
class _Course:
    """What came of a dealer's periods of a programme so far: settled, advanced, whether finally."""

    periods: dict[date, tuple[Decimal, Decimal, bool]] = field(default_factory=dict)
    paid: Decimal = ZERO

    def note(self, rows: Sequence[SettledPeriod]) -> None:
        """Remember what was settled."""
        for row in rows:
            settled, advanced, is_final = self.periods.get(row.first_day, (ZERO, ZERO, False))
            self.periods[row.first_day] = (
                settled + row.accrued,
                advanced - row.advanced,
                is_final or row.kind is SettlementKind.FINAL,
            )
            self.paid += row.paid + row.cut - row.guaranteed


class Past:
    """The months, one after another."""

    def __init__(
        self,
        published: Published,
        programmes: Sequence[Settling],
        everything: Everything,
        rates: Mapping[str, Decimal],
        today: date,
    ) -> None:
        self._published, self._everything, self._rates, self._today = published, everything, rates, today
        self._programmes = programmes
        self._courses: dict[tuple[int, int], _Course] = defaultdict(_Course)
        self._left = {one.id: one.terms.budget for one in programmes}
        self._found: Accruals = defaultdict(lambda: defaultdict(dict))
        self.runs: list[Run] = []
        self.owed: list[Owed] = []

    def tell(self, months: Sequence[str]) -> None:
        """Go through the months that are over, then give the advances."""
        for month in months:
            last = clock.last_day(month)
            accruals = self._accruals(last)
            self.owed += self._owed(month, accruals)
            on = last + timedelta(days=SETTLED_ON_DAY)
            for one in self._programmes:
                if one.waits is not None and on < self._today:
                    self._settle(
                        one, accruals[one.id], last, on, waits=bool(one.waits) and month == months[-1]
                    )
        day = self._today - ADVANCED_BEFORE
        accruals = self._accruals(day)
        for one in self._programmes:
            if one.advance:
                self._advance(one, accruals[one.id], day)

    def _accruals(self, day: date) -> Accruals:
        """What every dealer had earned by the end of a day. Periods that were over stay as they were."""
        running = {
            key: replace(one, valid_from=max(one.valid_from, period_of(one.period, day, *_EVER).first))
            for key, one in self._published.programmes.items()
            if one.valid_from <= day
        }
        then = replace(self._published, programmes=running)
        found = self._found
        for dealer_id, known in self._everything.items():
            by_then = {measure: _as_of(one, day) for measure, one in known.items()}
            for programme_id, accrual in reckoned(then, by_then, until=day):
                found[programme_id][dealer_id][accrual.period.first] = accrual
        return found

    def _settle(
        self,
        one: Settling,
        accruals: Mapping[int, Mapping[date, Accrual]],
        last: date,
        on: date,
        *,
        waits: bool,
    ) -> None:
        ended = {a.period for of in accruals.values() for a in of.values() if a.period.last == last}
        for period in sorted(ended):
            paid = list(self._paid(one, accruals, period, SettlementKind.FINAL, waits=waits))
            self.runs.append(Run(one, period, SettlementKind.FINAL, on, paid, waits))

    def _advance(self, one: Settling, accruals: Mapping[int, Mapping[date, Accrual]], day: date) -> None:
        running = {a.period for of in accruals.values() for a in of.values() if a.period.last >= self._today}
        for period in sorted(running):
            paid = list(self._paid(one, accruals, period, SettlementKind.PROVISIONAL, waits=False))
            self.runs.append(Run(one, period, SettlementKind.PROVISIONAL, day, paid))

    def _paid(
        self,
        one: Settling,
        accruals: Mapping[int, Mapping[date, Accrual]],
        period: Period,
        kind: SettlementKind,
        *,
        waits: bool,
    ) -> Iterator[Paid]:
        for dealer_id, of in sorted(accruals.items()):
            course = self._courses[dealer_id, one.id]
            account = DealerAccount(dealer_id, "", {day: _account(a, course) for day, a in of.items()})
            rows = due_now(account, period.first, one.terms, kind, one.advance or ZERO)
            left = self._left[one.id]
            if left is not None:
                rows = limited(rows, left)
            if not rows:
                continue
            if not waits:
                course.note(rows)
            paid = Paid(dealer_id, rows, [line for row in rows for line in self._lines(one, of, row)])
            if left is not None and not waits:
                self._left[one.id] = left - paid.amount
            yield paid

    def _lines(
        self, one: Settling, accruals: Mapping[date, Accrual], row: SettledPeriod
    ) -> Iterator[NoteLine]:
        """What a row pays, by the invoices that earned it, as the portal's own settlement does."""
        if not row.paid:
            return
        earned: dict[tuple[str, Decimal], Decimal] = defaultdict(Decimal)
        for line in accruals[row.first_day].lines:
            source = line.source
            earned[source.invoice or source.document, self._rates[source.sku]] += line.amount
        lines = sorted((key, amount) for key, amount in earned.items() if amount)
        if not sum((amount for _, amount in lines), ZERO):
            lines = [(("", _STANDARD_RATE), Decimal(1))]
        parts = apportioned(row.paid, [amount for _, amount in lines])
        for ((invoice, rate), _), part in zip(lines, parts, strict=True):
            if part:
                gross = money.to_fen(part * (1 + rate)) if is_net(one.terms) else part
                yield NoteLine(invoice, rate, gross)

    def _owed(self, month: str, accruals: Accruals) -> Iterator[Owed]:
        for one in self._programmes:
            for dealer_id, of in sorted(accruals[one.id].items()):
                accrued = sum((accrual.accrued for accrual in of.values()), ZERO)
                paid = self._courses[dealer_id, one.id].paid
                if accrued or paid:
                    net = net_of(accrued - paid, of.values(), is_net=is_net(one.terms))
                    yield Owed(dealer_id, one.id, month, accrued, paid, net)


def _account(accrual: Accrual, course: _Course) -> PeriodAccount:
    settled, advanced, is_final = course.periods.get(accrual.period.first, (ZERO, ZERO, False))
    return PeriodAccount(
        accrual.period.first, accrual.period.name, accrual.accrued, settled, advanced, is_final
    )


def _as_of(known: Known, day: date) -> Known:
    """What was known at the end of an earlier day."""
    bills = {number: bill for number, bill in known.bills.items() if bill.on <= day}
    return replace(
        known,
        lines=[line for line in known.lines if line.on <= day],
        bills={
            number: replace(bill, paid_on=None) if bill.paid_on and bill.paid_on > day else bill
            for number, bill in bills.items()
        },
        evidence=replace(known.evidence, as_of=min(known.evidence.as_of, day)),
    )
