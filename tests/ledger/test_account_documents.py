"""Deposits, write-offs, refunds, opening balances, interest: each with its entry, bounds and reversal."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from portal.kernel.db import transaction
from portal.kernel.errors import Conflict, Forbidden, Invalid, NotFound
from portal.ledger import queries
from portal.ledger.deposits import deposit_of
from portal.ledger.deposits import held as held_of
from portal.ledger.document_queries import account_documents
from portal.ledger.post_credit_note import Returned
from tests import cast
from tests.disputes.acts import a_note_on
from tests.invariants import broken_promises
from tests.ledger.acts import balance, delivered, entry, journal, paid, returned, reversed_
from tests.ledger.document_acts import (
    DUE,
    agreed,
    charged,
    held,
    opened,
    refunded,
    returned_deposit,
    used,
    written_off,
)
from tests.ledger.test_allocations import settled
from tests.query_plans import plan_of_page
from tests.races import failures, together

SOUTH = replace(cast.hq_finance, regions=cast.south_manager.regions)


def faults_of(refusal) -> set[tuple[str, str]]:
    return {(fault.pointer, fault.code) for fault in refusal.value.faults}


def left(database, number) -> Decimal:
    with transaction(database.session_for(cast.hq_finance.actor())) as session:
        return deposit_of(session, number).left


def open_debts(database) -> dict[str, Decimal]:
    with transaction(database.session_for(cast.hq_finance.actor())) as session:
        found = queries.settlement(session, cast.huadong.id)
    return {item.document_no: item.amount for item in found.items}


@pytest.fixture
def debts(database) -> list[str]:
    """Two of ¥100 that are overdue."""
    return [one.document_no for one in opened(database, ("OLD-1", "100.00"), ("OLD-2", "100.00"))]


def test_a_deposit_is_held_and_pays_nothing_until_it_is_used(database, owner, debts):
    number = held(database, "80.00")
    assert journal(owner, number) == {"receivable": 0, "bank": Decimal(80), "deposits_held": Decimal(-80)}
    assert (balance(owner), settled(owner)) == (Decimal(200), {})
    use = used(database, number, (debts[1], "30.00")).document_no
    assert settled(owner) == {(use, debts[1]): Decimal(30)}
    assert (balance(owner), left(database, number)) == (Decimal(170), Decimal(50))
    returned_deposit(database, number, "50.00")
    assert (balance(owner), left(database, number)) == (Decimal(170), 0)
    assert broken_promises(owner) == {}


def test_no_more_is_used_or_paid_back_of_a_deposit_than_is_left(database, debts):
    number = held(database, "80.00")
    used(database, number, (debts[0], "80.00"))
    for act in (lambda: used(database, number, debts[1]), lambda: returned_deposit(database, number, "0.01")):
        with pytest.raises(Conflict) as refusal:
            act()
        assert refusal.value.code == "deposit_exceeded"


def test_the_database_holds_every_deposit_to_its_amount(database, owner, debts):
    number = held(database, "80.00")
    used(database, number, (debts[0], "80.00"))
    row = (
        "INSERT INTO account_document (dealer_id, number, kind, source, issued_on, amount)"
        " VALUES (:d, 'DB-1', 'deposit_return', :source, current_date, 0.01)"
    )
    with pytest.raises(DBAPIError, match="more is taken of a deposit"):
        owner.execute(text(row), {"d": cast.huadong.id, "source": number})


def test_a_deposit_that_was_used_is_reversed_after_its_uses(database, owner, debts):
    number = held(database, "80.00")
    use = used(database, number, (debts[0], "80.00")).document_no
    with pytest.raises(Conflict) as refusal:
        reversed_(database, number)
    assert refusal.value.code == "deposit_spent"
    reversed_(database, use)
    assert (left(database, number), balance(owner)) == (Decimal(80), Decimal(200))
    reversed_(database, number)
    assert left(database, number) == 0
    with transaction(database.session_for(cast.hq_finance.actor())) as session:
        assert held_of(session, cast.huadong.id) == 0
    assert broken_promises(owner) == {}


def test_a_write_off_gives_up_the_debts_that_are_named_and_no_other(database, owner, debts):
    done = written_off(database, (debts[1], "60.00"))
    assert journal(owner, done.document_no) == {"receivable": Decimal(-60), "bad_debt": Decimal(60)}
    assert settled(owner) == {(done.document_no, debts[1]): Decimal(60)}
    assert open_debts(database) == {debts[0]: Decimal(100), debts[1]: Decimal(40)}
    reversed_(database, done.document_no)
    assert open_debts(database) == dict.fromkeys(debts, Decimal(100))
    assert broken_promises(owner) == {}


def test_a_large_write_off_waits_for_another_person(database, owner, debts):
    asked = written_off(database, *debts, alone_max=Decimal(150))
    assert (asked.state, asked.amount, balance(owner)) == ("waiting", Decimal(200), Decimal(200))
    with pytest.raises(Forbidden):
        agreed(database, asked.request_no)
    done = agreed(database, asked.request_no, by=cast.finance_colleague)
    assert settled(owner) == {(done.document_no, debt): Decimal(100) for debt in debts}
    assert balance(owner) == 0


def test_small_write_offs_of_one_debt_are_one_large_one(database, debts):
    assert written_off(database, (debts[0], "60.00"), alone_max=Decimal(80)).state == "approved"
    assert written_off(database, (debts[0], "30.00"), alone_max=Decimal(80)).state == "waiting"


def test_a_write_off_is_approved_of_what_is_still_open(database, debts):
    asked = written_off(database, debts[0], alone_max=Decimal(10))
    paid(database, "50.00")
    with pytest.raises(Invalid) as refusal:
        agreed(database, asked.request_no, by=cast.finance_colleague)
    assert faults_of(refusal) == {("/debts/0/amount", "exceeds_open")}


def test_what_was_written_off_of_a_debt_is_no_credit_when_the_debt_is_taken_back(given, database, owner):
    invoice = delivered(given, database, {cast.gloves: 1}).invoice_number
    debt = opened(database, ("OLD-1", "100.00"))[0].document_no
    done = written_off(database, debt, (invoice, "5.00"))
    for act in (
        lambda: reversed_(database, debt),
        lambda: returned(database, invoice, Returned(1, 1)),
        lambda: a_note_on(database, cast.huadong, invoice, "1.00"),
    ):
        with pytest.raises(Conflict) as refusal:
            act()
        assert refusal.value.code == "written_off"
        assert refusal.value.params["write_offs"] == done.document_no
    reversed_(database, done.document_no)
    reversed_(database, debt)
    returned(database, invoice, Returned(1, 1))
    assert balance(owner) == 0
    assert broken_promises(owner) == {}


def test_every_fault_of_a_write_off_is_told_at_once(database, debts):
    with pytest.raises(Invalid) as refusal:
        written_off(database, (debts[0], "100.01"), (debts[1], "0.00"), "IN-NONE", reason=" ")
    assert faults_of(refusal) == {
        ("/debts/0/amount", "exceeds_open"),
        ("/debts/1/amount", "amount"),
        ("/debts/2/document", "not_open"),
        ("/reason", "reason_missing"),
    }
    with pytest.raises(Invalid) as refusal:
        written_off(database, debts[0], debts[0])
    assert faults_of(refusal) == {("/debts/0/document", "twice"), ("/debts/1/document", "twice")}


def test_a_refund_takes_from_the_credit_that_is_named(database, owner):
    first, second = paid(database, "80.00").document_no, paid(database, "50.00").document_no
    done = refunded(database, second, "20.00")
    assert settled(owner) == {(second, done.document_no): Decimal(20)}
    assert journal(owner, done.document_no) == {"receivable": Decimal(20), "bank": Decimal(-20)}
    with pytest.raises(Conflict) as refusal:
        refunded(database, second, "30.01")
    assert refusal.value.code == "refund_exceeds_credit"
    reversed_(database, done.document_no)
    assert refunded(database, second, "50.00").state == "approved"
    assert balance(owner) == Decimal(-80)
    assert first not in {credit for credit, _ in settled(owner)}
    assert broken_promises(owner) == {}


def test_a_large_refund_waits_and_is_paid_of_what_is_left_then(database, owner):
    credit = paid(database, "80.00").document_no
    asked = refunded(database, credit, "80.00", alone_max=Decimal(50))
    assert (asked.state, balance(owner)) == ("waiting", Decimal(-80))
    refunded(database, credit, "10.00")
    with pytest.raises(Conflict):
        agreed(database, asked.request_no, by=cast.finance_colleague)


def test_small_repayments_of_one_credit_or_deposit_are_one_large_one(database):
    credit, deposit = paid(database, "80.00").document_no, held(database, "80.00")
    for repaid, source in ((refunded, credit), (returned_deposit, deposit)):
        first = repaid(database, source, "40.00", alone_max=Decimal(50))
        assert repaid(database, source, "20.00", alone_max=Decimal(50)).state == "waiting"
        reversed_(database, first.document_no)
        assert repaid(database, source, "30.00", alone_max=Decimal(50)).state == "approved"


def test_opening_items_age_by_their_own_days(database, owner, debts):
    booked = entry(owner, debts[0])
    assert (booked.occurred_on, booked.due_on) == (cast.TODAY, cast.TODAY - timedelta(days=60))
    assert journal(owner, debts[0]) == {"receivable": Decimal(100), "opening_equity": Decimal(-100)}
    with pytest.raises(Invalid) as refusal:
        opened(database, ("OLD-1", "100.00"))
    assert faults_of(refusal) == {("/items/0/document", "taken")}
    reversed_(database, debts[0])
    assert opened(database, ("OLD-1", "90.00"))


def test_a_credit_of_earlier_books_settles_what_is_due_first(database, owner, debts):
    credit = opened(database, ("OLD-C", "-150.00"))[0].document_no
    assert settled(owner) == {(credit, debts[0]): Decimal(100), (credit, debts[1]): Decimal(50)}


def test_a_debt_of_earlier_books_has_a_due_date_after_its_own(database):
    for due_on, code in ((None, "due_missing"), (cast.TODAY - timedelta(days=91), "due_before")):
        with pytest.raises(Invalid) as refusal:
            opened(database, ("OLD-9", "1.00"), due_on=due_on)
        assert faults_of(refusal) == {("/items/0/due_on", code)}


def test_interest_is_a_debt_with_its_own_day(database, owner):
    number = charged(database).document_no
    assert journal(owner, number) == {"receivable": Decimal("12.34"), "interest_income": Decimal("-12.34")}
    booked = entry(owner, number)
    assert (booked.kind, booked.due_on, booked.reference) == ("interest", DUE, "DL2611-1")
    assert balance(owner) == Decimal("12.34")
    reversed_(database, number)
    assert balance(owner) == 0
    assert broken_promises(owner) == {}


@pytest.mark.parametrize(("amount", "source"), [("0.00", "DL2611-1"), ("-1.00", "DL2611-1"), ("1.00", "")])
def test_interest_of_nothing_or_for_nothing_is_a_fault_of_the_program(database, amount, source):
    with pytest.raises(ValueError, match="interest of"):
        charged(database, amount, source=source)


def test_a_payment_may_name_the_order_that_it_pays_ahead(given, database, owner):
    order = given.an_order({cast.gloves: 1})
    number = paid(database, "500.00", advance_for=order.number).document_no
    assert (
        owner.scalar(text("SELECT advance_for FROM payment WHERE number = :n"), {"n": number}) == order.number
    )
    with pytest.raises(Invalid) as refusal:
        paid(database, "500.00", advance_for="SO-NONE")
    assert faults_of(refusal) == {("/advance_for", "unknown_order")}


def test_nobody_reaches_the_documents_of_other_regions(database, debts):
    number = held(database, "10.00")
    credit = paid(database, "300.00").document_no
    for act in (
        lambda: used(database, number, debts[0], by=SOUTH),
        lambda: returned_deposit(database, number, "1.00", by=SOUTH),
        lambda: refunded(database, credit, "1.00", by=SOUTH),
        lambda: written_off(database, debts[0], by=SOUTH),
    ):
        with pytest.raises(NotFound):
            act()


def test_a_list_reads_its_page_by_an_index(database, count_statements):
    values = {"kinds": "'{deposit}'", "before": "9000", "limit": "51", "dealer_id": "1"}
    asks = {
        "ix_account_document_kind_id": lambda session: account_documents(session),
        "pk_account_document": lambda session: account_documents(session, dealer_id=cast.huadong.id),
    }
    for index, ask in asks.items():
        with transaction(database.session_for(cast.hq_finance.actor())) as session, count_statements() as one:
            plan = plan_of_page(session, one, ask, **values)
        assert "(id < " in plan.split(f"{index} on account_document")[1].splitlines()[1], plan
        assert "Seq Scan" not in plan, plan


# Races


def test_two_who_take_of_one_deposit_or_credit_at_once_take_what_there_is_once(database, owner, debts):
    deposit = held(database, "80.00")
    outcomes = together(
        4,
        lambda place: (
            used(database, deposit, (debts[0], "50.00"))
            if place % 2
            else returned_deposit(database, deposit, "50.00")
        ),
    )
    assert [failure.code for failure in failures(outcomes)] == ["deposit_exceeded"] * 3
    assert left(database, deposit) == 30
    credit = paid(database, "300.00").document_no
    rest = -balance(owner)
    outcomes = together(4, lambda _: refunded(database, credit, str(rest)))
    assert [failure.code for failure in failures(outcomes)] == ["refund_exceeds_credit"] * 3
    assert balance(owner) == 0
    assert broken_promises(owner) == {}


def test_a_debt_is_written_off_or_paid_but_not_both(database, owner, debts):
    outcomes = together(
        4, lambda place: paid(database, "100.00") if place == 0 else written_off(database, debts[0])
    )
    assert {fault.code for failure in failures(outcomes) for fault in failure.faults} == {"not_open"}
    assert broken_promises(owner) == {}
