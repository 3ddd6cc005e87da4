"""A dealer's statement: the ledger to the fen, once, and the paper with it."""

from __future__ import annotations

import hashlib
import io
from datetime import timedelta
from decimal import Decimal

import pytest
from pypdf import PdfReader
from sqlalchemy import text

from portal.checks.run_checks import check
from portal.dealers.account import lock_account
from portal.kernel import clock
from portal.kernel.actor import SYSTEM
from portal.kernel.db import transaction
from portal.kernel.errors import Conflict, Forbidden, NotFound
from portal.ledger.journal import Entry, post
from portal.ledger.post_credit_note import Returned
from portal.ledger.rules import Account, EntryKind
from portal.statements.document import InconsistentStatement
from portal.statements.issue_statement import issue_statement
from tests import cast
from tests.builders import net
from tests.invariants import broken_promises
from tests.ledger.acts import delivered, no_books_yet, paid, returned, reversed_
from tests.played import played
from tests.races import failures, together
from tests.shipping.acts import audited
from tests.statements.acts import (
    ISSUER,
    LAST_DAY,
    LAST_MONTH,
    THIS_MONTH,
    begun,
    closed,
    finished,
    issued,
    portal_within,
    statement_row,
    worked_off,
)
from tests.tampering import tampering

DAY = timedelta(days=1)
EARLIER = clock.previous_period(LAST_MONTH)
EARLIER_DAY = clock.last_day(EARLIER)


def opened(database, amount: str, *, on=EARLIER_DAY, due_on=None, dealer=cast.huadong) -> None:
    """A balance taken over from elsewhere."""
    actor = cast.hq_finance.actor()
    with transaction(database.staff_session(actor)) as session:
        lock_account(session, dealer.id)
        lines = ((Account.RECEIVABLE, Decimal(amount)), (Account.OPENING_EQUITY, -Decimal(amount)))
        entry = Entry(dealer.id, EntryKind.OPENING, "OB-1", on, lines, due_on=due_on)
        post(session, entry, actor=actor, at=cast.NOW)


@played
def a_full_month(given, database, owner):
    """Two months with invoices, payments, a return and a reversal; the first is closed."""
    no_books_yet(owner)
    given.a_policy(net("100.00", product=cast.gloves, dealer=cast.huadong))
    first = delivered(given, database, {cast.gloves: 3, cast.syringe: 50}, on=EARLIER_DAY)
    paid(database, "120.00", on=EARLIER_DAY)
    closed(database, EARLIER)
    delivered(given, database, {cast.gloves: 2}, on=LAST_DAY - 9 * DAY)
    returned(database, first.invoice_number, Returned(1, 1), on=LAST_DAY - 5 * DAY)
    wrong = paid(database, "77.00", on=LAST_DAY - 4 * DAY)
    reversed_(database, wrong.document_no, on=LAST_DAY - 3 * DAY)
    paid(database, "33.33", on=LAST_DAY)
    paid(database, "55.00", on=EARLIER_DAY)
    begun(database)


PLAIN_SQL = text(
    """
    SELECT (SELECT coalesce(sum(l.amount), 0) FROM journal_line l
              JOIN journal_entry e ON (e.dealer_id, e.id) = (l.dealer_id, l.entry_id)
             WHERE e.dealer_id = s.dealer_id AND e.period < s.period AND l.account = 'receivable') AS opening,
           (SELECT coalesce(sum(l.amount), 0) FROM journal_line l
              JOIN journal_entry e ON (e.dealer_id, e.id) = (l.dealer_id, l.entry_id)
             WHERE e.dealer_id = s.dealer_id AND e.period = s.period AND l.account = 'receivable'
               AND l.amount > 0) AS debits,
           (SELECT -coalesce(sum(l.amount), 0) FROM journal_line l
              JOIN journal_entry e ON (e.dealer_id, e.id) = (l.dealer_id, l.entry_id)
             WHERE e.dealer_id = s.dealer_id AND e.period = s.period AND l.account = 'receivable'
               AND l.amount < 0) AS credits,
           (SELECT coalesce(sum(l.amount), 0) FROM journal_line l
              JOIN journal_entry e ON (e.dealer_id, e.id) = (l.dealer_id, l.entry_id)
             WHERE e.dealer_id = s.dealer_id AND e.period <= s.period AND l.account = 'receivable') AS closing
      FROM statement s WHERE s.dealer_id = :d AND s.period = :p
    """
)


@pytest.mark.usefixtures("a_full_month")
def test_the_figures_equal_plain_sql_over_the_ledger_to_the_fen(database, owner):
    issued(database)
    for period in (EARLIER, LAST_MONTH):
        row = statement_row(owner, period=period)
        expected = owner.execute(PLAIN_SQL, {"d": cast.huadong.id, "p": period}).one()
        assert (row.opening, row.debits, row.credits, row.closing) == tuple(expected)
    assert broken_promises(owner) == {}


@pytest.mark.usefixtures("a_full_month")
def test_every_document_of_the_month_is_a_line_and_a_late_one_too(database, owner):
    issued(database)
    assert statement_row(owner).line_count == 6


@pytest.mark.usefixtures("a_full_month")
def test_the_paper_names_every_document_and_the_closing_balance(database, owner):
    issued(database)
    row = statement_row(owner)
    kept = owner.execute(
        text("SELECT locale, content, sha256 FROM statement_pdf WHERE statement_id = :s"), {"s": row.id}
    ).one()
    assert kept.locale == "zh"
    assert kept.sha256 == hashlib.sha256(kept.content).hexdigest()
    words = "".join(page.extract_text() for page in PdfReader(io.BytesIO(kept.content)).pages)
    numbers = owner.execute(
        text("SELECT document_no FROM journal_entry WHERE dealer_id = :d AND period = :p"),
        {"d": cast.huadong.id, "p": LAST_MONTH},
    )

    assert all(number in words for number in numbers.scalars())
    assert f"{row.closing:,.2f}" in words and row.number in words


def test_a_statement_is_issued_once(database, owner):
    paid(database, "10.00", on=LAST_DAY)
    begun_alone(database, owner)
    assert issued(database).closing == -10
    assert issued(database) is None
    assert owner.execute(text("SELECT count(*) FROM statement")).scalar_one() == 1


def test_two_at_once_issue_it_once(database, owner):
    paid(database, "10.00", on=LAST_DAY)
    begun_alone(database, owner)
    outcomes = together(4, lambda _: issued(database))
    assert failures(outcomes) == []
    assert sum(outcome is not None for outcome in outcomes) == 1
    assert owner.execute(
        text("SELECT count(*), (SELECT count(*) FROM statement_pdf) FROM statement")
    ).one() == (1, 1)


def begun_alone(database, owner):
    owner.execute(text("DELETE FROM accounting_period WHERE period < :p"), {"p": LAST_MONTH})
    begun(database)


def test_a_month_that_is_open_has_no_statement(database, owner):
    paid(database, "10.00", on=LAST_DAY)
    with pytest.raises(Conflict) as refusal:
        issued(database)
    assert refusal.value.code == "period_open"


def test_a_dealer_without_any_document_has_a_statement_of_zero(database, owner):
    paid(database, "10.00", on=LAST_DAY, dealer=cast.yuegang)
    begun_alone(database, owner)
    assert issued(database).closing == 0


def test_it_is_audited_and_announced(database, owner):
    paid(database, "10.00", on=LAST_DAY)
    begun_alone(database, owner)
    number = issued(database).number
    assert audited(owner, number) == ["statement:issued"]
    announced = owner.execute(
        text("SELECT dealer_id, payload FROM outbox WHERE topic = 'statement.issued'")
    ).one()
    assert announced == (cast.huadong.id, {"number": number})


@pytest.mark.parametrize(
    ("due_days_before_the_end", "column"),
    [
        (0, "current_due"),
        (-5, "current_due"),
        (1, "days_1_30"),
        (30, "days_1_30"),
        (31, "days_31_60"),
        (60, "days_31_60"),
        (61, "days_61_90"),
        (90, "days_61_90"),
        (91, "days_over_90"),
    ],
)
def test_ageing_counts_days_past_due_at_the_months_end(database, owner, due_days_before_the_end, column):
    no_books_yet(owner)
    opened(database, "40.00", due_on=LAST_DAY - due_days_before_the_end * DAY)
    closed(database, EARLIER)
    begun(database)
    issued(database)
    row = statement_row(owner)._asdict()
    buckets = ("current_due", "days_1_30", "days_31_60", "days_61_90", "days_over_90", "unallocated")
    assert {name: row[name] for name in buckets if row[name]} == {column: Decimal(40)}


def test_credit_is_unallocated_and_nothing_is_due(database, owner):
    no_books_yet(owner)
    paid(database, "80.00", on=LAST_DAY)
    begun(database)
    issued(database)
    row = statement_row(owner)
    assert (row.closing, row.unallocated, row.current_due) == (-80, -80, 0)


def test_a_reversal_next_month_leaves_this_months_statement_as_it_was(database, owner):
    no_books_yet(owner)
    opened(database, "100.00", on=LAST_DAY - 9 * DAY)
    payment = paid(database, "100.00", on=LAST_DAY)
    reversed_(database, payment.document_no)
    begun(database)
    issued(database)
    row = statement_row(owner)
    assert (row.debits, row.credits, row.closing) == (100, 100, 0)


@pytest.mark.parametrize("issued_first", [True, False], ids=["issued before", "issued after"])
def test_credit_that_takes_the_place_of_a_payment_reversed_next_month_leaves_this_month_as_it_was(
    database, owner, issued_first
):
    no_books_yet(owner)
    opened(database, "100.00", on=LAST_DAY - 9 * DAY)
    bounced = paid(database, "100.00", on=LAST_DAY - DAY)
    paid(database, "50.00", on=LAST_DAY)
    begun(database)
    if issued_first:
        issued(database)
    reversed_(database, bounced.document_no)
    if not issued_first:
        issued(database)
    row = statement_row(owner)
    assert (row.closing, row.current_due, row.unallocated) == (-50, 0, -50)
    assert broken_promises(owner) == {}
    with transaction(database.system_session()) as session:
        assert [result.name for result in check(session, actor=SYSTEM) if result.told] == []


def test_a_ledger_that_does_not_continue_the_statement_before_is_not_printed(database, owner):
    no_books_yet(owner)
    paid(database, "10.00", on=EARLIER_DAY)
    closed(database, EARLIER)
    with tampering(owner, "statement"):
        changed = (
            "UPDATE statement"
            " SET credits = credits + 1, closing = closing - 1, unallocated = unallocated - 1"
            " WHERE dealer_id = :d"
        )
        owner.execute(text(changed), {"d": cast.huadong.id})
    paid(database, "10.00", on=LAST_DAY)
    begun(database)
    with pytest.raises(InconsistentStatement, match=r"statement before closed with -11\.00"):
        issued(database)
    assert (
        owner.execute(
            text("SELECT count(*) FROM statement WHERE period = :p"), {"p": LAST_MONTH}
        ).scalar_one()
        == 0
    )


def test_a_dealer_out_of_scope_is_not_found(database):
    actor = portal_within(cast.yuegang)
    with pytest.raises(NotFound), transaction(database.dealer_session(actor)) as session:
        issue_statement(
            session, actor=actor, dealer_id=cast.huadong.id, period=LAST_MONTH, issuer=ISSUER, at=cast.NOW
        )


def test_a_dealer_does_not_issue_its_own(database):
    actor = cast.huadong.finance.actor()
    with pytest.raises(Forbidden), transaction(database.dealer_session(actor)) as session:
        issue_statement(
            session, actor=actor, dealer_id=cast.huadong.id, period=LAST_MONTH, issuer=ISSUER, at=cast.NOW
        )


@pytest.mark.usefixtures("a_full_month")
def test_a_statement_takes_six_statements_of_sql_however_long_it_is(database, owner, count_statements):
    with count_statements() as counted:
        issued(database)
    assert len(counted) <= 6, counted


def test_months_follow_each_other_without_a_gap(database, owner):
    no_books_yet(owner)
    for day in (EARLIER_DAY, LAST_DAY):
        paid(database, "10.00", on=day)
    closed(database, EARLIER)
    closed(database, LAST_MONTH)
    assert (
        statement_row(owner, period=LAST_MONTH).opening == statement_row(owner, period=EARLIER).closing == -10
    )
    assert worked_off(database, THIS_MONTH) == 0
    assert not finished(database, THIS_MONTH)
