"""Deposits, a refund, write-offs and items of earlier books, posted by finance in the open months."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal

import psycopg

from demo.loading.acting import Acting, acting
from demo.scenario import Part, Scenario
from demo.world.business_days import local_date
from demo.world.network import FULLY_STAFFED
from portal.ledger.open_entries import NamedDebt, open_entries
from portal.ledger.pay_back import propose_deposit_return, propose_refund
from portal.ledger.post_openings import OpenItem, post_openings
from portal.ledger.queries import position
from portal.ledger.receive_deposit import receive_deposit, use_deposit
from portal.ledger.record_payment import record_payment
from portal.ledger.rules import Caution, Doubt
from portal.ledger.write_off import propose_write_off
from portal.rebates.reckon import published_programmes, reckon_dealers

DEPOSITS = (50_000, 20_000, 20_000, 10_000)  # of the first dealers
ALONE_MAX = Decimal("10000.00")
PAID_TWICE = Decimal("6800.00")
_CAUTION = Caution(Decimal("5000000.00"), Decimal("200000.00"), Decimal("10000.00"))
_TRANSFER = "bank transfer"

# The earliest open debt of dealers that nobody tells stories of, the largest first.
_DEBTS = """
SELECT dealer_id, document_no, open FROM (
  SELECT DISTINCT ON (e.dealer_id) e.dealer_id, e.document_no,
         e.receivable - coalesce((SELECT sum(s.amount) FROM allocation s
                                   WHERE s.dealer_id = e.dealer_id AND s.debit_id = e.id), 0) AS open
    FROM journal_entry e
   WHERE e.dealer_id > 20 AND e.kind = 'invoice'
     AND e.receivable > coalesce((SELECT sum(s.amount) FROM allocation s
                                   WHERE s.dealer_id = e.dealer_id AND s.debit_id = e.id), 0)
   ORDER BY e.dealer_id, e.due_on, e.id) earliest
 ORDER BY open DESC, dealer_id
"""


@dataclass(frozen=True, slots=True)
class Debt:
    """An open debt of a dealer."""

    dealer_id: int
    document: str
    open: Decimal


def post_documents(connection: psycopg.Connection, scenario: Scenario) -> None:
    """As finance posts them, in the order of the days."""
    debts = [Debt(*row) for row in connection.execute(_DEBTS).fetchall()]
    with acting(connection) as people:
        _hold(people, scenario)
        _take_over(people, scenario)
        touched = {FULLY_STAFFED}
        if len(debts) > 8:
            touched |= {*_give_up(people, scenario, debts), debts[-1].dealer_id}
            _pay_twice(people, scenario, debts[-1].dealer_id)
        _reckon(people, scenario, sorted(touched))


def _reckon(people: Acting, scenario: Scenario, dealers: Sequence[int]) -> None:
    """What they earn of rebates, once more: their books have changed."""
    mine = [one for one in dealers if one <= len(scenario.dealers)]
    published = published_programmes(people.session, today=scenario.today)
    reckon_dealers(people.session, published, mine, today=scenario.today, at=scenario.now)


def _ago(people: Acting, scenario: Scenario, **ago: int) -> tuple[datetime, date]:
    """A moment at which is acted: after what was settled of rebates, so that keys stay in order of time."""
    at = people.at(scenario.now - timedelta(**ago))
    return at, local_date(at)


def _hold(people: Acting, scenario: Scenario) -> None:
    """Deposits of the contracts of some dealers; one pays a debt, one is paid back in part."""
    finance = people.staff("finance")
    numbers = []
    for place, amount in enumerate(DEPOSITS[: min(FULLY_STAFFED, len(scenario.dealers))]):
        at, today = _ago(people, scenario, hours=60 - place)
        received_on = today - timedelta(days=18 - place)
        posted = receive_deposit(
            people.session,
            actor=finance,
            dealer_id=place + 1,
            amount=Decimal(amount),
            received_on=received_on,
            method=_TRANSFER,
            reference=f"合同保证金 {today:%Y}",
            today=today,
            at=at,
        )
        numbers.append(posted.document_no)
    at, today = _ago(people, scenario, hours=50)
    propose_deposit_return(
        people.session,
        actor=finance,
        number=numbers[-1],
        amount=Decimal("4000.00"),
        paid_on=today,
        method=_TRANSFER,
        reference="退保证金",
        reason="合同规模缩减，按约退还部分保证金",
        today=today,
        at=at,
        alone_max=ALONE_MAX,
    )
    _apply(people, scenario, numbers[1], dealer_id=2)


def _apply(people: Acting, scenario: Scenario, number: str, *, dealer_id: int) -> None:
    debts = open_entries(people.session, dealer_id, debts=True)
    if debts:
        at, today = _ago(people, scenario, hours=49)
        part = min(debts[0].open, Decimal("5000.00"))
        use_deposit(
            people.session,
            actor=people.staff("finance"),
            number=number,
            debts=[NamedDebt(debts[0].document_no, part)],
            today=today,
            at=at,
        )


def _take_over(people: Acting, scenario: Scenario) -> None:
    """What was open in the earlier books of a dealer that came with them."""
    at, today = _ago(people, scenario, hours=48)
    begin = today - timedelta(days=150)
    items = [
        OpenItem(f"{begin:%Y%m}-0187", begin, begin + timedelta(days=60), Decimal("3260.00")),
        OpenItem(f"{begin:%Y%m}-0214", begin, begin + timedelta(days=69), Decimal("980.50")),
        OpenItem(f"{begin:%Y%m}-0229", begin + timedelta(days=14), None, Decimal("-450.00")),
    ]
    post_openings(
        people.session,
        actor=people.staff("finance"),
        dealer_id=min(FULLY_STAFFED, len(scenario.dealers)),
        items=items,
        today=today,
        at=at,
    )


def _give_up(people: Acting, scenario: Scenario, debts: Sequence[Debt]) -> set[int]:
    """A small debt is written off at once, a large one waits for another person. Returns whose they are."""
    small = next((debt for debt in reversed(debts[:-1]) if debt.open > 100), debts[-2])
    for hours, debt, reason in (
        (30, small, "尾差长期未收回，经核实无法收回"),
        (4, debts[0], "经销商已进入破产程序，预计无法收回"),
    ):
        at, today = _ago(people, scenario, hours=hours)
        propose_write_off(
            people.session,
            actor=people.staff("finance"),
            dealer_id=debt.dealer_id,
            debts=[NamedDebt(debt.document)],
            reason=reason,
            today=today,
            at=at,
            alone_max=ALONE_MAX,
        )
    return {small.dealer_id, debts[0].dealer_id}


def _pay_twice(people: Acting, scenario: Scenario, dealer_id: int) -> None:
    """All that is owed and some more came in; what was too much goes back."""
    finance = people.staff("finance")
    at, today = _ago(people, scenario, hours=28)
    owed = position(people.session, dealer_id).balance
    paid = record_payment(
        people.session,
        actor=finance,
        dealer_id=dealer_id,
        amount=max(owed, Decimal(0)) + PAID_TWICE,
        received_on=today,
        method=_TRANSFER,
        reference="重复付款",
        today=today,
        at=at,
        caution=_CAUTION,
        confirmed=frozenset(Doubt),
    )
    at, today = _ago(people, scenario, hours=26)
    propose_refund(
        people.session,
        actor=finance,
        credit=paid.document_no,
        amount=PAID_TWICE,
        paid_on=today,
        method=_TRANSFER,
        reference="退款",
        reason="经销商重复付款，退回多付部分",
        today=today,
        at=at,
        alone_max=ALONE_MAX,
    )


PART = Part("account documents", act=post_documents)
