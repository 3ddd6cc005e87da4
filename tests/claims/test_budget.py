"""Claims draw on budgets: what is asked is held, what was approved is spent, and nothing twice."""

from __future__ import annotations

from decimal import Decimal as D

import pytest
from sqlalchemy import text

from portal.claims.rules import Decision
from portal.kernel.errors import Conflict, Invalid
from tests import cast
from tests.checks.acts import found
from tests.claims.acts import (
    FINANCE,
    LAST_MONTH,
    LAST_MONTH_BEGINS,
    LAST_MONTH_ENDS,
    a_programme,
    an_invoice,
    claimed,
    decided,
    drafted,
    edited,
    expenses,
    of_period,
    submitted,
    withdrawn,
)
from tests.claims.test_claims import faults
from tests.ledger.acts import delivered
from tests.races import failures, together
from tests.settlements.acts import rows, settled
from tests.tampering import tampering


def held(owner, number):
    query = text("SELECT state, amount FROM budget_use WHERE document = :number")
    row = owner.execute(query, {"number": number}).one_or_none()
    return row and (row.state, row.amount)


def left(owner, amount: str) -> None:
    """So much is left of the activity of each dealer."""
    owner.execute(text("UPDATE budget_use SET amount = :left WHERE document = 'AC-1'"), {"left": D(amount)})
    with tampering(owner, "activity"):
        owner.execute(text("UPDATE activity SET planned = :left, approved = :left"), {"left": D(amount)})
    owner.execute(
        text("UPDATE rebate_budget SET reserved = (SELECT sum(amount) FROM budget_use) WHERE state = 'open'"),
    )


def of(number: str, amount: str):
    return expenses(amount, invoices=(an_invoice(number, amount),))


def test_what_is_asked_is_held_and_what_was_approved_is_spent(database, owner):
    number = claimed(database, of("1", "8000.00"))
    assert held(owner, number) == ("reserved", D("8000.00"))
    decided(database, number, Decision.RETURN, reason="why")
    assert held(owner, number) == ("reserved", D("8000.00"))
    edited(database, number, of("1", "6000.00"))
    submitted(database, number)
    assert held(owner, number) == ("reserved", D("6000.00"))
    decided(database, number, amount="5000.00", reason="cap")
    assert held(owner, number) == ("spent", D("5000.00")) and not found(database)


def test_a_claim_that_ends_without_money_gives_back_what_it_held(database, owner):
    gone, no = claimed(database, of("1", "10.00")), claimed(database, of("2", "20.00"))
    withdrawn(database, gone)
    decided(database, no, Decision.REJECT, reason="why")
    assert held(owner, gone)[0] == held(owner, no)[0] == "released" and not found(database)


def test_two_submissions_at_once_never_take_more_of_an_activity_than_it_has(database, owner):
    left(owner, "1000.00")
    numbers = [drafted(database, of(str(n), "600.00")).number for n in range(2)]
    [lost] = failures(together(2, lambda place: submitted(database, numbers[place])))
    assert isinstance(lost, Conflict) and lost.code == "budget_exhausted"
    assert sorted(held(owner, number) is None for number in numbers) == [False, True]


def test_two_dealers_at_once_never_take_more_of_a_programme_than_it_has(given, database, owner):
    delivered(given, database, {cast.gloves: 40}, to=cast.suzhou, on=LAST_MONTH_ENDS)
    programme = a_programme(given, database, budget=D("30.00"))
    entry = of_period(programme, "16.00")
    people = (cast.huadong.finance, cast.suzhou.finance)
    numbers = [drafted(database, entry, by=who).number for who in people]
    [lost] = failures(together(2, lambda place: submitted(database, numbers[place], by=people[place])))
    assert isinstance(lost, Conflict) and lost.code == "budget_exhausted"
    assert "30" not in f"{lost.message}{lost.fix}"


def test_parallel_approvals_spend_each_what_its_claim_held(given, database, owner):
    left(owner, "2000.00")
    numbers = [claimed(database, of(str(n), f"{900 + n}.00")) for n in range(2)]
    assert not failures(together(2, lambda place: decided(database, numbers[place])))
    assert [held(owner, number) for number in numbers] == [("spent", D("900.00")), ("spent", D("901.00"))]
    assert not found(database)


def test_a_period_is_paid_from_the_pot_of_its_programme_once(given, database, owner):
    number = claimed(database, of_period(a_programme(given, database, budget=D("500.00"))))
    decided(database, number)
    assert held(owner, number) == ("spent", D("16.00"))
    query = text("SELECT reserved, spent FROM rebate_budget WHERE kind = 'programme'")
    assert tuple(owner.execute(query).one()) == (D("0.00"), D("16.00")) and not found(database)


def test_expenses_name_an_activity_of_the_dealer_of_their_kind_and_its_days(database, owner):
    days = {"first": LAST_MONTH_BEGINS, "last": LAST_MONTH_ENDS, "rival": cast.yuegang.id}
    with tampering(owner, "activity"):
        owner.execute(text("UPDATE activity SET first_day = :first, last_day = :last"), days)
        owner.execute(text("UPDATE activity SET number = 'AC-2' WHERE dealer_id = :rival"), days)
    for said, told in (
        ({"activity": "AC-2"}, {"/activity": "unknown_activity"}),
        ({"kind": "promotion"}, {"/activity": "other_kind"}),
        ({"last_day": cast.TODAY}, {"/to": "outside_activity"}),
    ):
        with pytest.raises(Invalid) as refused:
            drafted(database, expenses(**said))
        assert faults(refused) == told
    assert drafted(database, expenses())


def test_asking_for_more_than_was_earned_holds_no_more_of_what_all_dealers_share(given, database, owner):
    programme = a_programme(given, database, budget=D("30"))
    number = claimed(database, of_period(programme, "9999.00"))
    assert held(owner, number) == ("reserved", D("16.00"))
    decided(database, number, amount="16.00", reason="as earned")
    assert held(owner, number) == ("spent", D("16.00")) and not found(database)


def test_what_is_granted_beyond_what_was_earned_is_taken_from_the_budget_too(given, database, owner):
    owner.execute(text("UPDATE rebate_claim_chain SET above_amount = 0 WHERE kind = 'period' AND place = 2"))
    programme = a_programme(given, database, budget=D("30"))
    number = claimed(database, of_period(programme, "40.00"))
    decided(database, number)
    with pytest.raises(Conflict) as refused:
        decided(database, number, by=FINANCE, reason="agreed with the board")
    assert refused.value.code == "budget_exhausted"
    decided(database, number, amount="28.00", by=FINANCE, reason="agreed with the board")
    assert held(owner, number) == ("spent", D("28.00")) and not found(database)


def test_a_run_cuts_nothing_that_the_dealers_own_claim_holds(given, database, owner):
    programme = a_programme(given, database, budget=D("16"))
    number = claimed(database, of_period(programme))
    settled(database, programme, LAST_MONTH)
    assert not rows(owner)
    decided(database, number)
    [row] = rows(owner)
    assert (row.source, row.paid, row.cut) == (number, D("16.00"), 0) and not found(database)
