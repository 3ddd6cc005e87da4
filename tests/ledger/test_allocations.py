"""What settles what, as rows: written with the entry, undone with it, never more than there is."""

from __future__ import annotations

import importlib.util
import random
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

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


def reckoned_again(owner) -> None:
    """Forget every allocation, and let the migration make them of the journal alone."""
    migration = _migration("0011_corrections")
    with owner.engine.begin() as connection:
        connection.execute(text("ALTER TABLE allocation DISABLE TRIGGER USER"))
        connection.execute(text("DELETE FROM allocation"))
        migration.backfill(connection)
        connection.execute(text("ALTER TABLE allocation ENABLE TRIGGER USER"))
    assert broken_promises(owner) == {}


def test_the_migration_allocates_the_past_as_the_portal_would_have(given, database, owner):
    """A long story of one month, forgotten and reckoned again."""
    chance = random.Random(7)
    number = None
    for _ in range(40):
        match chance.choice(("ship", "ship", "pay", "return")):
            case "ship":
                number = delivered(given, database, {cast.gloves: chance.randint(1, 5)}).invoice_number
            case "pay":
                paid(database, str(chance.randint(1, 15_000) / Decimal(100)))
            case "return" if number:
                returned(database, number, Returned(1, 1))
                number = None
    undone = paid(database, "55.55").document_no
    reversed_(database, undone)
    live = settled(owner)
    reckoned_again(owner)
    assert len(live) > 20 and settled(owner) == live


def open_as_statements_said(owner, period: str) -> dict[str, Decimal]:
    """What was open at a month's end as it was reckoned before allocations were kept: the debts due last
    make up the balance.
    """
    rows = owner.execute(
        text(
            "SELECT e.document_no, e.receivable,"
            "       e.reverses_id IS NULL AND r.id IS NULL AND e.receivable > 0 AS is_debt"
            "  FROM journal_entry e"
            "  LEFT JOIN journal_entry r ON (r.dealer_id, r.reverses_id) = (e.dealer_id, e.id)"
            "   AND r.period <= :period"
            " WHERE e.dealer_id = :dealer AND e.period <= :period"
            " ORDER BY coalesce(e.due_on, e.occurred_on) DESC, e.occurred_on DESC, e.id DESC"
        ),
        {"dealer": cast.huadong.id, "period": period},
    ).all()
    left, found = sum((row.receivable for row in rows), Decimal(0)), {}
    for row in rows:
        if row.is_debt and left > 0:
            found[row.document_no] = min(left, row.receivable)
            left -= found[row.document_no]
    return found


def test_the_migration_leaves_every_month_as_its_statement_said(given, database, owner):
    """Terms that change, money paid back, a payment that bounces a month later, credit that was left: what
    a month said stands.
    """
    no_books_yet(owner)
    given.a_policy(net("100.00", product=cast.gloves, dealer=cast.huadong))
    months = [clock.previous_period(LAST_MONTH), LAST_MONTH, THIS_MONTH]
    days = [clock.last_day(months[0]), clock.last_day(months[1]), cast.TODAY]
    owner.execute(text("UPDATE dealer SET payment_terms_days = 90 WHERE id = :id"), {"id": cast.huadong.id})
    delivered(given, database, {cast.gloves: 1}, on=days[0])
    bounced = paid(database, "100.00", on=days[0]).document_no
    owner.execute(text("UPDATE dealer SET payment_terms_days = 0 WHERE id = :id"), {"id": cast.huadong.id})
    paid(database, "50.00", on=days[1])
    paid(database, "-50.00", on=days[1])
    delivered(given, database, {cast.gloves: 1}, on=days[1])
    paid(database, "130.00", on=days[2])
    reversed_(database, bounced)
    reckoned_again(owner)
    for period in months:
        with transaction(database.session_for(cast.huadong.finance.actor())) as session:
            shown = queries.month(session, dealer_id=cast.huadong.id, period=period).settlement
        assert {item.document_no: item.amount for item in shown.items} == open_as_statements_said(
            owner, period
        ), period
    assert len({tuple(open_as_statements_said(owner, period).items()) for period in months}) == 3


def _migration(name: str):
    path = Path(__file__).parents[2] / "migrations" / "versions" / f"{name}.py"
    spec = importlib.util.spec_from_file_location(name, path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
