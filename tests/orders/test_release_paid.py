"""A payment lets go the orders that it covers: the oldest first, within the limit, each once."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import text

from jobs import outbox
from portal.orders.paid_rules import HeldForMoney, next_covered
from tests import cast
from tests.jobs.conftest import at_work  # noqa: F401 - a fixture
from tests.ledger.acts import paid, reversed_
from tests.orders.acts import held
from tests.races import together


def order(number, amount, *holds, by_hand=False):
    return HeldForMoney(number, frozenset(holds), Decimal(amount), by_hand)


def all_covered(orders, exposure, limit=0, overdue=0):
    """The orders that go, one after the other, as the job lets them."""
    gone, skip = [], []
    left = list(orders)
    while number := next_covered(
        left, exposure=Decimal(exposure), credit_limit=Decimal(limit), overdue=Decimal(overdue), skip=skip
    ):
        gone.append(number)
        left = [one for one in left if one.number != number]
    return gone


@pytest.mark.parametrize(
    ("orders", "paid_in_advance", "gone"),
    [
        ([order("A", 10, "credit"), order("B", 20, "credit")], 0, []),
        ([order("A", 10, "credit"), order("B", 20, "credit")], 10, ["A"]),
        ([order("A", 10, "credit"), order("B", 20, "credit")], 29, ["A"]),
        ([order("A", 10, "credit"), order("B", 20, "credit")], 30, ["A", "B"]),
        ([order("A", 50, "credit"), order("B", 20, "credit")], 30, ["B"]),  # a large one lets others pass
        ([order("A", 10, "credit", "compliance")], 30, []),
        ([order("A", 10, "manual")], 30, []),
        ([order("A", 10, "credit", by_hand=True)], 30, []),
    ],
)
def test_orders_go_as_far_as_what_was_paid_reaches(orders, paid_in_advance, gone):
    exposure = sum((one.amount for one in orders), Decimal(-paid_in_advance))
    assert all_covered(orders, exposure) == gone


def test_what_is_overdue_holds_until_it_is_paid():
    assert all_covered([order("A", 10, "overdue")], 10, 100, overdue=1) == []
    assert all_covered([order("A", 10, "overdue")], 10, 100) == ["A"]
    assert all_covered([order("A", 10, "overdue", "credit")], 110, 100) == []


@given(st.lists(st.integers(0, 50), max_size=6), st.integers(0, 200), st.integers(-50, 100))
def test_nothing_goes_beyond_the_limit_and_all_that_fits_goes(amounts, limit, billed):
    orders = [order(str(place), amount, "credit") for place, amount in enumerate(amounts)]
    gone = all_covered(orders, billed + sum(amounts), limit)
    used = billed + sum(one.amount for one in orders if one.number in gone)
    assert used <= limit or not gone
    assert all(used + one.amount > limit for one in orders if one.number not in gone)


# Through the books


@pytest.fixture
def no_credit(given):
    given.credit_limit_of(cast.huadong, "0.00")


def status_of(owner, placed):
    query = text("SELECT status, holds FROM sales_order WHERE number = :n")
    return tuple(owner.execute(query, {"n": placed.number}).one())


@pytest.mark.usefixtures("at_work", "no_credit")
def test_an_order_of_who_pays_first_goes_when_it_is_paid(given, database, owner):
    first, second = (given.an_order({cast.gloves: units}) for units in (2, 3))
    outbox.sweep()
    assert status_of(owner, first) == ("on_hold", ["credit"])
    paid(database, "39.99")
    outbox.sweep()
    assert status_of(owner, first)[0] == "on_hold"
    paid(database, "0.01")
    outbox.sweep()
    assert status_of(owner, first) == ("confirmed", [])
    assert status_of(owner, second)[0] == "on_hold"
    paid(database, "60.00")
    outbox.sweep()
    outbox.sweep()
    assert status_of(owner, second) == ("confirmed", [])
    told = text("SELECT actor, reason FROM audit_event WHERE action = 'order:released'")
    acts = owner.execute(told).all()
    assert len(acts) == 2
    assert all(one.actor == "system" and one.reason.startswith("Rule") for one in acts)


@pytest.mark.usefixtures("at_work", "no_credit")
def test_two_payments_at_once_let_an_order_go_once(given, database, owner):
    from jobs import payments
    from portal.kernel.outbox import Effect

    placed = given.an_order({cast.gloves: 2})
    paid(database, "40.00")
    effect = Effect(1, "payment.received", cast.huadong.id, {}, 0)
    assert together(2, lambda _: payments.received(effect)) == [None, None]
    assert status_of(owner, placed)[0] == "confirmed"
    acts = text("SELECT count(*) FROM audit_event WHERE action = 'order:released'")
    assert owner.execute(acts).scalar_one() == 1


@pytest.mark.usefixtures("at_work", "no_credit")
def test_an_order_that_somebody_holds_too_stays(given, database, owner):
    placed = given.an_order({cast.gloves: 2})
    held(database, placed.number)
    paid(database, "40.00")
    outbox.sweep()
    assert status_of(owner, placed)[0] == "on_hold"


@pytest.mark.usefixtures("at_work", "no_credit")
def test_money_that_was_taken_out_of_the_books_lets_nothing_go(given, database, owner):
    payment = paid(database, "40.00").document_no
    reversed_(database, payment)
    placed = given.an_order({cast.gloves: 2})
    outbox.sweep()
    assert status_of(owner, placed)[0] == "on_hold"
