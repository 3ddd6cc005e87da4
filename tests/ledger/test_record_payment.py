"""Payments: booked once, dated in the past, never more paid back than there is."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from portal.errors import Conflict, Forbidden, Invalid, NotFound
from tests import cast
from tests.invariants import broken_promises
from tests.ledger.acts import balance, delivered, entry, journal, no_books_yet, paid, shut
from tests.races import failures, together
from tests.shipping.acts import audited


def codes(refusal) -> dict[str, str]:
    return {fault.pointer: fault.code for fault in refusal.value.faults}


def test_a_payment_lowers_what_the_dealer_owes(given, database, owner):
    done = delivered(given, database, {cast.gloves: 10})
    posted = paid(database, "150.00")
    assert balance(owner) == done.gross - 150
    assert journal(owner, posted.document_no) == {"receivable": Decimal(-150), "bank": Decimal(150)}
    assert audited(owner, posted.document_no) == ["payment:posted"]
    assert broken_promises(owner) == {}


def test_what_exceeds_the_debt_stays_as_credit(database, owner):
    paid(database, "80.00")
    assert balance(owner) == Decimal("-80.00")


def test_credit_can_be_paid_back(database, owner):
    paid(database, "80.00")
    paid(database, "-80.00")
    assert balance(owner) == 0


@pytest.mark.parametrize("amount", ["-80.01", "-1000000"])
def test_more_than_the_credit_cannot_be_paid_back(database, amount):
    paid(database, "80.00")
    with pytest.raises(Conflict) as refusal:
        paid(database, amount)
    assert (refusal.value.code, refusal.value.params) == ("refund_exceeds_credit", {"credit": "80.00"})


def test_two_refunds_at_once_do_not_spend_the_credit_twice(database, owner):
    paid(database, "80.00")
    outcomes = together(4, lambda _: paid(database, "-50.00"))
    assert len(failures(outcomes)) == 3
    assert balance(owner) == Decimal("-30.00")


@pytest.mark.parametrize("amount", ["0", "0.001", "1e12", "NaN", "Infinity", "-0.005"])
def test_what_is_no_amount_of_money_is_refused(database, amount):
    with pytest.raises(Invalid) as refusal:
        paid(database, amount)
    assert codes(refusal) == {"/amount": "amount"}


def test_every_fault_is_told_at_once(database):
    with pytest.raises(Invalid) as refusal:
        paid(database, "0", on=cast.TODAY + timedelta(days=1), method=" ", reference="x\n" * 100)
    assert codes(refusal) == {
        "/amount": "amount", "/received_on": "in_future", "/method": "method_missing", "/reference": "reference",
    }  # fmt: skip


def test_a_payment_of_a_closed_month_counts_in_the_next_and_is_marked(database, owner):
    no_books_yet(owner)
    last_month = cast.TODAY.replace(day=1) - timedelta(days=1)
    shut(owner, f"{last_month:%Y-%m}")
    posted = paid(database, "10.00", on=last_month)
    assert (posted.period, posted.late) == (f"{cast.TODAY:%Y-%m}", True)
    row = entry(owner, posted.document_no)
    assert (row.occurred_on, row.period, row.late) == (last_month, f"{cast.TODAY:%Y-%m}", True)


def test_an_unknown_dealer_is_not_found(database):
    with pytest.raises(NotFound):
        paid(database, "10.00", dealer=replace(cast.huadong, id=999))


@pytest.mark.parametrize("person", [cast.huadong.finance, cast.order_desk, cast.national_manager])
def test_only_headquarters_finance_books_money(database, person):
    with pytest.raises(Forbidden):
        paid(database, "10.00", by=person)
