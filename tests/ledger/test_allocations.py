"""What settles what, as rows: written with the entry, undone with it, never more than there is."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from portal.kernel import clock
from portal.kernel.db import transaction
from portal.kernel.errors import Conflict
from portal.ledger import documents, queries
from portal.ledger.post_credit_note import Returned
from tests import cast
from tests.builders import net
from tests.invariants import broken_promises
from tests.ledger.acts import delivered, no_books_yet, paid, returned, reversed_

THIS_MONTH = clock.period_of(cast.TODAY)
LAST_MONTH = clock.previous_period(THIS_MONTH)
DAY = timedelta(days=1)


def settled(owner) -> dict[tuple[str, str], Decimal]:
    """What of each credit settles which debt, by their documents."""
    rows = owner.execute(
        text(
            "SELECT c.document_no, d.document_no, sum(a.amount) FROM allocation a"
            " JOIN journal_entry c ON (c.dealer_id, c.id) = (a.dealer_id, a.credit_id)"
            " JOIN journal_entry d ON (d.dealer_id, d.id) = (a.dealer_id, a.debit_id)"
            " GROUP BY 1, 2 HAVING sum(a.amount) <> 0"
        )
    )
    return {(credit, debit): amount for credit, debit, amount in rows}


def settlement(database):
    with transaction(database.session_for(cast.huadong.finance.actor())) as session:
        return queries.settlement(session, cast.huadong.id)


@pytest.fixture
def invoices(given, database):
    """Three of ¥100, shipped one day after the other."""
    given.a_policy(net("100.00", product=cast.gloves, dealer=cast.huadong))
    return [
        delivered(given, database, {cast.gloves: 1}, on=cast.TODAY - days * DAY).invoice_number
        for days in (3, 2, 1)
    ]


def test_a_payment_names_the_invoices_it_settles(database, owner, invoices):
    number = paid(database, "150.00").document_no
    assert settled(owner) == {(number, invoices[0]): Decimal(100), (number, invoices[1]): Decimal(50)}


def test_two_payments_may_settle_one_invoice(database, owner, invoices):
    first, second = (paid(database, "60.00").document_no for _ in range(2))
    assert settled(owner) == {
        (first, invoices[0]): Decimal(60),
        (second, invoices[0]): Decimal(40),
        (second, invoices[1]): Decimal(20),
    }


def test_what_was_paid_ahead_settles_the_next_invoice(given, database, owner):
    number = paid(database, "1000.00").document_no
    done = delivered(given, database, {cast.gloves: 3})
    assert settled(owner) == {(number, done.invoice_number): done.gross}
    assert settlement(database).unallocated == done.gross - 1000


def test_a_credit_note_settles_like_a_payment(database, owner, invoices):
    note = returned(database, invoices[2], Returned(1, 1)).number
    assert settled(owner) == {(note, invoices[0]): Decimal(100)}


def test_a_reversal_undoes_what_the_payment_settled_and_nothing_else(database, owner, invoices):
    first, second = paid(database, "150.00").document_no, paid(database, "100.00").document_no
    reversed_(database, first)
    assert settled(owner) == {
        (second, invoices[1]): Decimal(50),
        (second, invoices[2]): Decimal(50),
        (first, first): Decimal(150),
    }
    assert [(item.document_no, item.amount) for item in settlement(database).items] == [
        (invoices[0], Decimal(100)),
        (invoices[1], Decimal(50)),
        (invoices[2], Decimal(50)),
    ]
    assert broken_promises(owner) == {}


def test_credit_that_settled_nothing_takes_the_place_of_a_reversed_payment(database, owner, invoices):
    first, second = paid(database, "300.00").document_no, paid(database, "120.00").document_no
    reversed_(database, first)
    assert {pair: amount for pair, amount in settled(owner).items() if pair[0] == second} == {
        (second, invoices[0]): Decimal(100),
        (second, invoices[1]): Decimal(20),
    }
    assert broken_promises(owner) == {}


def test_money_paid_back_settles_with_the_payment_it_came_from(database, owner):
    payment, refund = paid(database, "80.00").document_no, paid(database, "-80.00").document_no
    assert settled(owner) == {(payment, refund): Decimal(80)}
    reversed_(database, payment)
    assert [(item.document_no, item.amount) for item in settlement(database).items] == [(refund, Decimal(80))]
    assert broken_promises(owner) == {}


def test_a_month_shows_what_was_settled_by_its_end_only(given, database, owner):
    no_books_yet(owner)
    given.a_policy(net("100.00", product=cast.gloves, dealer=cast.huadong))
    number = delivered(given, database, {cast.gloves: 1}, on=clock.last_day(LAST_MONTH)).invoice_number
    payment = paid(database, "100.00").document_no
    with transaction(database.session_for(cast.huadong.finance.actor())) as session:
        then, now = (
            queries.month(session, dealer_id=cast.huadong.id, period=period).settlement
            for period in (LAST_MONTH, THIS_MONTH)
        )
    assert [(item.document_no, item.amount) for item in then.items] == [(number, Decimal(100))]
    assert (now.items, now.unallocated) == ((), 0)
    assert settled(owner) == {(payment, number): Decimal(100)}


def test_a_documents_page_shows_every_act_in_its_order(database, invoices):
    number = paid(database, "150.00").document_no
    reversed_(database, number)
    with transaction(database.session_for(cast.hq_finance.actor())) as session:
        found = documents.invoice(session, invoices[1])
        rows = documents.allocations(session, found)
        payment = documents.payment(session, number)
    assert [(row.document_no, row.amount) for row in rows] == [(number, Decimal(50)), (number, Decimal(-50))]
    assert (found.open, payment.unallocated, payment.reversed_at is not None) == (Decimal(100), 0, True)


@pytest.mark.parametrize("amount", ["0.01", "-0.01"])
def test_the_database_allocates_no_entry_beyond_its_amount(database, owner, invoices, amount):
    paid(database, "300.00")
    beyond = (
        "INSERT INTO allocation (dealer_id, credit_id, debit_id, amount, period, posted_with_id)"
        " SELECT a.dealer_id, a.credit_id, a.debit_id, {}, a.period, a.posted_with_id FROM allocation a"
        " LIMIT 1"
    )
    with pytest.raises(Conflict) as refusal, transaction(database.system_session()) as session:
        session.execute(text(beyond.format("0.01")))
    assert refusal.value.code == "over_allocated"
    with pytest.raises(DBAPIError, match="more is allocated"):
        owner.execute(text(beyond.format("-100.01" if amount < "0" else "0.01")))


def test_a_debt_is_no_credit(database, owner, invoices):
    paid(database, "300.00")
    swapped = (
        "INSERT INTO allocation (dealer_id, credit_id, debit_id, amount, period, posted_with_id)"
        " SELECT dealer_id, debit_id, credit_id, 0.01, period, posted_with_id FROM allocation LIMIT 1"
    )
    with pytest.raises(DBAPIError, match="more is allocated"):
        owner.execute(text(swapped))
