"""Payments: booked once, dated in the past, never more paid back than there is."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from portal.kernel.errors import Conflict, Forbidden, Invalid, NotFound
from portal.ledger.rules import Doubt
from tests import cast
from tests.invariants import broken_promises
from tests.ledger.acts import balance, delivered, entry, journal, no_books_yet, paid, reversed_, shut
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


def test_much_is_paid_back_as_a_refund_also_in_slices_of_any_day(database, owner):
    paid(database, "30000.00")
    first = paid(database, "-6000.00", on=cast.TODAY - timedelta(days=300))
    with pytest.raises(Conflict, match="refund_needed"):
        paid(database, "-4000.01")
    paid(database, "-4000.00")
    reversed_(database, first.document_no)
    paid(database, "-6000.00")
    assert balance(owner) == Decimal("-20000.00")


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
        "/amount": "amount",
        "/received_on": "in_future",
        "/method": "method_missing",
        "/reference": "reference",
    }


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


# What may be a slip has to be confirmed.


def doubts(database, amount, **how) -> dict[str, str]:
    with pytest.raises(Conflict) as refusal:
        paid(database, amount, **how)
    assert refusal.value.code == refusal.value.faults[0].code
    return codes(refusal)


@pytest.mark.parametrize(
    "again", ["FT 2611-001", "ft2611-001", "ＦＴ２６１１－００１", " FT\u3000 2611-001 ", "Ft 26 11 -0 01"]
)
def test_a_bank_reference_of_the_dealer_is_recognised_in_any_spelling(database, owner, again):
    first = paid(database, "10.00", reference="FT 2611-001")
    assert doubts(database, "20.00", reference=again) == {"/confirm_duplicate": "duplicate_reference"}
    assert balance(owner) == -10
    second = paid(database, "20.00", reference=again, confirmed={Doubt.DUPLICATE})
    assert first.document_no != second.document_no and balance(owner) == -30


@pytest.mark.parametrize("other", ["FT 2611-002", "T 2611-001", "FT 2611 001", ""])
def test_another_reference_is_another_payment(database, other):
    paid(database, "10.00", reference="FT 2611-001")
    paid(database, "10.00", reference=other)
    paid(database, "10.00", reference="")


def test_another_dealers_reference_is_nobodys_business(database):
    paid(database, "10.00", reference="FT-1", dealer=cast.yuegang)
    paid(database, "10.00", reference="FT-1")


def test_the_reference_of_a_reversed_payment_may_be_used_again(database):
    reversed_(database, paid(database, "10.00", reference="FT-1").document_no)
    paid(database, "10.00", reference="FT-1")
    assert doubts(database, "10.00", reference="FT-1") == {"/confirm_duplicate": "duplicate_reference"}


def test_money_paid_back_may_carry_the_reference_it_came_with(database):
    paid(database, "10.00", reference="FT-1")
    paid(database, "-4.00", reference="FT-1")
    assert doubts(database, "-4.00", reference="FT-1") == {"/confirm_duplicate": "duplicate_reference"}


def test_the_same_reference_from_two_desks_at_once_is_booked_once(database, owner):
    outcomes = together(4, lambda _: paid(database, "10.00", reference="FT-1"))
    assert {failure.code for failure in failures(outcomes)} == {"duplicate_reference"} and len(
        failures(outcomes)
    ) == 3
    assert balance(owner) == -10


@pytest.mark.parametrize("amount", ["999999999999.99", "5000000.01", "200000.01"])
def test_an_unusual_amount_is_confirmed_first(database, owner, amount):
    assert doubts(database, amount) == {"/confirm_amount": "unusual_amount"}
    assert doubts(database, amount, confirmed={Doubt.DUPLICATE}) == {"/confirm_amount": "unusual_amount"}
    assert balance(owner) == 0
    paid(database, amount, confirmed={Doubt.AMOUNT})
    assert balance(owner) == -Decimal(amount)


def test_what_is_owed_and_ordered_is_no_unusual_amount(given, database):
    done = delivered(given, database, {cast.stent: 5})
    order = given.an_order({cast.stent: 5})
    expected = done.gross + Decimal(order.answer["total"]) + 200_000
    assert doubts(database, str(expected + Decimal("0.01"))) == {"/confirm_amount": "unusual_amount"}
    paid(database, str(expected))


def test_every_doubt_is_told_at_once_and_each_is_confirmed_by_itself(database):
    paid(database, "10.00", reference="FT-1")
    both = {"/confirm_duplicate": "duplicate_reference", "/confirm_amount": "unusual_amount"}
    assert doubts(database, "300000", reference="FT-1") == both
    assert doubts(database, "300000", reference="FT-1", confirmed={Doubt.AMOUNT}) == {
        "/confirm_duplicate": "duplicate_reference"
    }
    paid(database, "300000", reference="FT-1", confirmed={Doubt.AMOUNT, Doubt.DUPLICATE})
