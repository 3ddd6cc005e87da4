"""The jobs of a closing, called in this process: bounded, forgiving, taken up again."""

from __future__ import annotations

import pytest
from rq import Queue
from sqlalchemy import text

from jobs import outbox, resources, statements
from jobs.queue import DEFAULT
from portal.kernel.errors import Unavailable
from portal.statements.document import InconsistentStatement
from tests import cast
from tests.invariants import broken_promises
from tests.ledger.acts import no_books_yet, paid
from tests.shipping.acts import audited
from tests.statements.acts import LAST_DAY, LAST_MONTH, begun, state


@pytest.fixture(autouse=True)
def closing(at_work, database, owner):
    """A closing of three dealers has begun."""
    no_books_yet(owner)
    paid(database, "10.00", on=LAST_DAY)
    begun(database)


def enqueued() -> int:
    return Queue(DEFAULT, connection=resources.valkey()).count


def tasks(owner) -> dict[int, tuple[str, int]]:
    rows = owner.execute(text("SELECT dealer_id, state, attempts FROM close_task"))
    return {row.dealer_id: (row.state, row.attempts) for row in rows}


def count(owner, table="statement") -> int:
    return owner.execute(text(f"SELECT count(*) FROM {table}")).scalar_one()


def test_the_beginning_enqueues_work(at_work):
    at_work.setattr(outbox, "_GATHER_SECONDS", 0)
    outbox.drain()
    assert enqueued() == 1


def test_a_batch_issues_every_statement_and_closes_the_month(owner):
    assert statements.close_batch(LAST_MONTH) == 3
    assert (count(owner), state(owner)) == (3, "closed")
    assert audited(owner, LAST_MONTH) == ["period:closing", "period:closed"]
    assert broken_promises(owner) == {}


def test_a_batch_is_bounded_and_leaves_one_to_follow(owner, at_work):
    at_work.setattr(statements, "BATCH", 2)
    assert statements.close_batch(LAST_MONTH) == 2
    assert (count(owner), state(owner), enqueued()) == (2, "closing", 1)
    assert statements.close_batch(LAST_MONTH) == 1
    assert (state(owner), enqueued()) == ("closed", 1)


def test_a_batch_that_finds_no_work_brings_no_other(owner):
    owner.execute(text("UPDATE close_task SET state = 'done'"))
    assert statements.close_batch(LAST_MONTH) == 0
    assert enqueued() == 0


def test_a_batch_repeated_does_nothing(owner):
    statements.close_batch(LAST_MONTH)
    assert statements.close_batch(LAST_MONTH) == 0
    assert count(owner) == count(owner, "statement_pdf") == 3
    assert audited(owner, LAST_MONTH) == ["period:closing", "period:closed"]


@pytest.fixture
def one_fails(at_work):
    """Yuegang's statement cannot be issued."""
    issue = statements.issue_statement

    def fail(session, *, dealer_id, **how):
        if dealer_id == cast.yuegang.id:
            raise InconsistentStatement("ST", ("closing is 1, expected 2",))
        return issue(session, dealer_id=dealer_id, **how)

    at_work.setattr(statements, "issue_statement", fail)


@pytest.mark.usefixtures("one_fails")
def test_one_dealer_that_fails_three_times_does_not_stop_the_others(owner):
    statements.close_batch(LAST_MONTH)
    assert tasks(owner) == {
        cast.huadong.id: ("done", 0),
        cast.yuegang.id: ("failed", 3),
        cast.suzhou.id: ("done", 0),
    }
    error = owner.execute(text("SELECT last_error FROM close_task WHERE state = 'failed'")).scalar_one()
    assert error == "InconsistentStatement: statement ST: closing is 1, expected 2"
    assert state(owner) == "closing"


@pytest.mark.usefixtures("one_fails")
def test_a_failure_leaves_no_trace_of_the_statement(owner):
    statements.close_batch(LAST_MONTH)
    assert (
        owner.execute(
            text("SELECT count(*) FROM statement WHERE dealer_id = :d"), {"d": cast.yuegang.id}
        ).scalar_one()
        == 0
    )


def test_a_database_that_is_away_is_no_failure_of_the_dealer(owner, at_work):
    def away(*_, **__):
        raise Unavailable

    at_work.setattr(statements, "issue_statement", away)
    with pytest.raises(Unavailable):
        statements.close_batch(LAST_MONTH)
    assert set(tasks(owner).values()) == {("waiting", 0)}


def test_the_sweep_takes_up_what_nobody_is_coming_for():
    statements.sweep()
    assert enqueued() == 1
    statements.sweep()
    assert enqueued() == 1


def test_the_sweep_finishes_what_is_through(owner):
    owner.execute(text("UPDATE close_task SET state = 'done'"))
    statements.sweep()
    assert (state(owner), enqueued()) == ("closed", 0)


@pytest.mark.usefixtures("one_fails")
def test_the_sweep_leaves_failed_statements_to_a_person(owner):
    statements.close_batch(LAST_MONTH)
    resources.valkey().flushdb()
    statements.sweep()
    assert (state(owner), enqueued()) == ("closing", 0)


def test_a_statement_takes_seven_statements_of_sql_with_its_claim(count_statements):
    with count_statements() as counted:
        statements._issue_next(LAST_MONTH)
    assert len(counted) <= 7, counted
    assert counted.scopes == 2


def test_the_work_for_a_dealer_sees_that_dealers_rows_only(at_work):
    seen = []

    def look(session, *, dealer_id, **_):
        seen.append((dealer_id, session.scalars(text("SELECT dealer_id FROM dealer_account")).all()))

    at_work.setattr(statements, "issue_statement", look)
    statements.close_batch(LAST_MONTH)
    assert seen == [(dealer.id, [dealer.id]) for dealer in cast.dealers]
