"""What the database itself refuses, and what happens to a posting that meets a closing."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from threading import Event

import pytest
from sqlalchemy import text

from portal.kernel import clock
from portal.kernel.db import transaction
from portal.kernel.errors import Conflict
from portal.ledger import period_lock
from portal.ledger.journal import Entry, lock_account, post
from portal.ledger.rules import Account, EntryKind, payment_entry
from tests import cast
from tests.ledger.acts import entry, no_books_yet, paid, shut
from tests.races import failures, together, until_somebody_waits_at_a_gate

THIS_MONTH = clock.period_of(cast.TODAY)
LAST_MONTH = clock.previous_period(THIS_MONTH)


def posted(database, lines, *, on=cast.TODAY):
    actor = cast.hq_finance.actor()
    with transaction(database.staff_session(actor)) as session:
        lock_account(session, cast.huadong.id)
        return post(
            session, Entry(cast.huadong.id, EntryKind.OPENING, "OB-1", on, lines), actor=actor, at=cast.NOW
        )


@pytest.mark.parametrize(
    "lines",
    [
        ((Account.RECEIVABLE, Decimal(10)), (Account.REVENUE, Decimal("-9.99"))),
        ((Account.RECEIVABLE, Decimal(10)),),
    ],
)
def test_an_entry_that_does_not_balance_is_refused_at_commit(database, owner, lines):
    with pytest.raises(Conflict) as refusal:
        posted(database, lines)
    assert refusal.value.code == "unbalanced_entry"
    assert owner.execute(text("SELECT count(*) FROM journal_entry")).scalar_one() == 0


@pytest.mark.parametrize(
    "lines", ["", "INSERT INTO journal_line VALUES (101, 1, 'receivable', 4), (101, 1, 'bank', -4)"]
)
def test_an_entry_whose_receivable_is_not_that_of_its_lines_is_refused(owner, lines):
    with pytest.raises(Exception, match="does not balance"), owner.engine.begin() as connection:
        connection.execute(
            text(
                "INSERT INTO accounting_period (period) VALUES ('2030-01') ON CONFLICT DO NOTHING;"
                "INSERT INTO journal_entry (dealer_id, id, kind, document_no, occurred_on, period,"
                " receivable, posted_by)"
                f" VALUES (101, 1, 'opening', 'OB', '2030-01-01', '2030-01', 5, 'x'); {lines}"
            )
        )


CHANGES = [
    "UPDATE journal_entry SET receivable = 1",
    "DELETE FROM journal_entry",
    "UPDATE journal_line SET amount = 1",
    "DELETE FROM journal_line",
    "UPDATE payment SET amount = 1",
    "DELETE FROM payment",
]


@pytest.mark.parametrize("change", CHANGES)
def test_the_serving_role_may_not_change_what_is_posted(database, change):
    paid(database, "10.00")
    with (
        pytest.raises(Exception, match="permission denied"),
        transaction(database.system_session()) as session,
    ):
        session.execute(text(change))


@pytest.mark.parametrize("change", [*CHANGES, "TRUNCATE journal_line"])
def test_not_even_the_owner_changes_what_is_posted(database, owner, change):
    paid(database, "10.00")
    with pytest.raises(Exception, match="append-only"):
        owner.execute(text(change))


def test_the_first_posting_of_a_month_opens_it(database, owner):
    no_books_yet(owner)
    paid(database, "10.00")
    assert owner.execute(text("SELECT period, state FROM accounting_period")).all() == [(THIS_MONTH, "open")]


def test_many_first_postings_at_once_open_the_month_once(database, owner):
    no_books_yet(owner)
    dealers = (cast.huadong, cast.yuegang, cast.suzhou)
    outcomes = together(6, lambda place: paid(database, "10.00", dealer=dealers[place % 3]))
    assert failures(outcomes) == []
    assert owner.execute(text("SELECT count(*) FROM accounting_period")).scalar_one() == 1


@pytest.mark.parametrize("state", ["closing", "closed"])
def test_the_database_refuses_a_posting_in_a_month_that_is_shut(database, owner, monkeypatch, state):
    shut(owner, LAST_MONTH, state)
    monkeypatch.setattr(period_lock, "posting_period", lambda *_: (LAST_MONTH, False))
    with pytest.raises(Conflict) as refusal:
        posted(database, payment_entry(Decimal(10)))
    assert refusal.value.code == "period_shut"


def test_a_posting_waits_for_the_closing_and_then_counts_in_the_next_month(database, owner):
    no_books_yet(owner)
    day = clock.last_day(LAST_MONTH)
    shutting = database.system_session()
    period_lock.shut_gate(shutting)
    shutting.execute(
        text("INSERT INTO accounting_period (period, state) VALUES (:p, 'closing')"), {"p": LAST_MONTH}
    )
    begun = Event()

    def act(place):
        if place == 0:
            begun.set()
            return paid(database, "10.00", on=day)
        begun.wait()
        until_somebody_waits_at_a_gate(owner)
        return shutting.commit()

    outcomes = together(2, act)
    assert failures(outcomes) == []
    assert (outcomes[0].period, outcomes[0].late) == (THIS_MONTH, True)


def test_a_closing_waits_for_the_posting_and_then_counts_it(database, owner):
    no_books_yet(owner)
    actor = cast.hq_finance.actor()
    day = clock.last_day(LAST_MONTH)
    posting = database.staff_session(actor)
    lock_account(posting, cast.huadong.id)
    post(
        posting,
        Entry(cast.huadong.id, EntryKind.PAYMENT, "PY-1", day, payment_entry(Decimal(10))),
        actor=actor,
        at=cast.NOW,
    )

    def act(place):
        if place == 0:
            with transaction(database.system_session()) as session:
                period_lock.shut_gate(session)
                return session.scalar(
                    text("SELECT sum(receivable) FROM journal_entry WHERE period = :p"), {"p": LAST_MONTH}
                )
        until_somebody_waits_at_a_gate(owner)
        return posting.commit()

    outcomes = together(2, act)
    assert failures(outcomes) == []
    assert outcomes[0] == Decimal(-10)
    assert entry(owner, "PY-1").late is False


def test_a_document_dated_long_ago_counts_in_the_first_open_month(database, owner):
    no_books_yet(owner)
    shut(owner, clock.previous_period(LAST_MONTH))
    shut(owner, LAST_MONTH)
    posted_late = paid(database, "10.00", on=clock.first_day(LAST_MONTH) - timedelta(days=300))
    assert (posted_late.period, posted_late.late) == (THIS_MONTH, True)
