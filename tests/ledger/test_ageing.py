"""The books as of any day: what was open that evening, however much was posted, undone and closed since."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

from hypothesis import HealthCheck, given, settings

from portal.kernel import clock
from portal.kernel.db import transaction
from portal.ledger.ageing import ageing_by_dealer
from portal.ledger.ageing_rules import AsOf, buckets_of
from portal.ledger.snapshot_checks import SLICES, differing
from portal.ledger.snapshots import balance_at
from tests import cast
from tests.invariants import broken_promises
from tests.ledger.books import ACTS, fresh
from tests.query_plans import plan_of_page


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(acts=ACTS)
def test_the_books_of_a_day_stay_what_they_were_whatever_follows(many_books, acts):
    books = fresh(*many_books)
    for kind, amount, back, terms, days in acts:
        books.act(kind, amount, back, terms)
        books.then[books.today] = books.open(books.today)
        books.today += timedelta(days=days)
    for day, then in books.then.items():
        assert books.open(day, as_seen=True) == then
    for period, then in books.closed.items():
        assert books.open(clock.last_day(period)) == then
    for day in {*books.then, *map(clock.last_day, books.closed)}:
        for as_seen in (False, True):
            items = books.open(day, as_seen=as_seen)
            aged = buckets_of(items, day)
            assert aged.balance == books.balance(day, as_seen=as_seen)
            assert aged == books.summed(day, as_seen=as_seen)
    assert broken_promises(books.owner) == {}
    with transaction(books.database.system_session()) as session:
        assert [differing(session, part=part) for part in range(SLICES)] == [[]] * SLICES


def test_what_was_freed_settles_from_the_day_it_was_freed(many_books):
    books = fresh(*many_books)
    books.posted(Decimal(10), 0, 0)
    books.posted(Decimal(-10), 0, 0)
    books.today += timedelta(days=12)
    books.reversed(0)
    books.today += timedelta(days=1)
    books.posted(Decimal(4), 4, 0)
    assert [item.amount for item in books.open(books.today)] == [Decimal(-6)]
    assert [item.amount for item in books.open(books.today - timedelta(days=3))] == [Decimal(4)]
    assert broken_promises(books.owner) == {}


def test_a_balance_is_one_snapshot_and_the_entries_since_by_their_indexes(database, count_statements):
    values = {"dealer_id": "1", "settled_through": "'2026-10'", "period": "'2026-11'", "day": "'2026-11-05'"}

    def ask(session):
        return balance_at(session, dealer_id=1, as_of=AsOf(date(2026, 11, 5)))

    with transaction(database.session_for(cast.hq_finance.actor())) as session, count_statements() as counted:
        plan = plan_of_page(session, counted, ask, **values)
    assert "pk_account_snapshot" in plan and "ix_journal_entry_dealer_id_period" in plan, plan
    assert "period > CASE" in plan.split("ix_journal_entry_dealer_id_period")[1].splitlines()[1], plan
    assert "Seq Scan" not in plan, plan


def test_ageing_reads_what_was_posted_since_by_its_indexes(database, count_statements):
    values = {"settled_through": "'2026-10'", "period": "'2026-11'", "day": "'2026-11-05'", "limit": "51"}

    def ask(session):
        return ageing_by_dealer(session, as_of=AsOf(date(2026, 11, 5)))

    with transaction(database.session_for(cast.hq_finance.actor())) as session, count_statements() as counted:
        plan = plan_of_page(session, counted, ask, **values)
    assert plan.count("period > CASE") == 2 == plan.count("(dealer_id = b"), plan
    for index in (
        "pk_account_snapshot",
        "ix_journal_entry_dealer_id_period",
        "ix_allocation_dealer_id_period",
    ):
        assert index in plan, plan
