"""The books as of any day: what was open that evening, however much was posted, undone and closed since."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from itertools import count

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text

from portal.dealers.account import lock_account
from portal.kernel import clock
from portal.kernel.actor import SYSTEM
from portal.kernel.db import transaction
from portal.kernel.money import ZERO
from portal.ledger import rules
from portal.ledger.ageing import ageing_by_dealer, open_on
from portal.ledger.ageing_rules import AsOf, Buckets, buckets_of
from portal.ledger.journal import Entry, post
from portal.ledger.reverse_entry import reverse_entry
from portal.ledger.rules import EntryKind
from portal.ledger.snapshot_checks import SLICES, differing
from portal.ledger.snapshots import balance_at, keep_snapshot
from tests import cast, servers
from tests.conftest import owner_engine
from tests.invariants import broken_promises
from tests.ledger.acts import shut
from tests.query_plans import plan_of_page
from tests.tampering import tampering

ZONE = cast.ZONE
NUMBERS = count(1)
START = date(2026, 1, 1)


class Books:
    """One dealer's account from day to day, by the portal's own means; every act is committed."""

    def __init__(self, database, owner, dealer_id: int) -> None:
        self.database, self.owner, self.dealer_id = database, owner, dealer_id
        self.standing: list[str] = []
        self.then: dict[date, list] = {}
        self.closed: dict[str, list] = {}
        self.today = START

    def at(self) -> datetime:
        return datetime.combine(self.today, time(12), ZONE)

    def posted(self, amount: Decimal, days_back: int, terms: int) -> None:
        """A debt, or a credit that arrived some days ago."""
        number, on = f"T{next(NUMBERS)}", self.today - timedelta(days=days_back)
        entry = (
            Entry(
                self.dealer_id,
                EntryKind.SERVICE,
                number,
                on,
                rules.invoice_entry(amount, ZERO),
                due_on=on + timedelta(days=terms),
            )
            if amount > 0
            else Entry(self.dealer_id, EntryKind.PAYMENT, number, on, rules.payment_entry(-amount))
        )
        with transaction(self.database.system_session()) as session:
            lock_account(session, self.dealer_id)
            post(session, entry, actor=SYSTEM, at=self.at())
        self.standing.append(number)

    def reversed(self, place: int) -> None:
        """One of the documents that stand is taken back."""
        if not self.standing:
            return
        number = self.standing.pop(place % len(self.standing))
        about = {"dealer_id": self.dealer_id, "document_no": number, "reason": "x", "today": self.today}
        with transaction(self.database.system_session()) as session:
            reverse_entry(session, actor=SYSTEM, at=self.at(), **about)

    def month_closed(self) -> None:
        """The next month that is over."""
        period = clock.next_period(max(self.closed)) if self.closed else clock.period_of(START)
        if period >= clock.period_of(self.today):
            return
        shut(self.owner, period)
        with transaction(self.database.system_session()) as session:
            keep_snapshot(session, dealer_id=self.dealer_id, period=period, at=self.at())
        self.closed[period] = self.open(clock.last_day(period))

    def open(self, day: date, *, as_seen: bool = False) -> list:
        with transaction(self.database.system_session()) as session:
            return open_on(session, dealer_id=self.dealer_id, as_of=self.as_of(day, as_seen))

    def balance(self, day: date, *, as_seen: bool = False) -> Decimal:
        with transaction(self.database.system_session()) as session:
            return balance_at(session, dealer_id=self.dealer_id, as_of=self.as_of(day, as_seen))

    def summed(self, day: date, *, as_seen: bool = False) -> Buckets:
        """As headquarters' list adds it up."""
        with transaction(self.database.system_session()) as session:
            page = ageing_by_dealer(session, as_of=self.as_of(day, as_seen), limit=1000)
        found = [row for row in page.items if row.dealer_id == self.dealer_id]
        names = list(Buckets.__dataclass_fields__)
        return Buckets(**{name: getattr(found[0], name) for name in names}) if found else Buckets()

    @staticmethod
    def as_of(day: date, as_seen: bool) -> AsOf:
        return AsOf(day).as_seen_then(ZONE) if as_seen else AsOf(day)


@pytest.fixture(scope="module")
def many_books(cluster, template) -> Iterator:
    """A database for many accounts, one after the other."""
    name = cluster.create("ageing", template=template)
    engine, database = owner_engine(cluster, name), servers.database(cluster.app_url(name))
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as owner:
        yield database, owner
    database.dispose()
    engine.dispose()
    cluster.drop(name)


_KEPT = ("account_snapshot", "allocation", "journal_line", "journal_entry", "accounting_period")


def fresh(database, owner) -> Books:
    """Empty books of a dealer."""
    with tampering(owner, *_KEPT):
        for table in _KEPT:
            owner.execute(text(f"DELETE FROM {table}"))
    owner.execute(text("UPDATE dealer_account SET balance = 0"))
    return Books(database, owner, cast.huadong.id)


fen = st.integers(1, 40).map(lambda units: Decimal(units) * Decimal("0.05"))
ACTS = st.lists(
    st.tuples(
        st.sampled_from(["debt", "credit", "debt", "credit", "reverse", "close"]),
        fen,
        st.integers(0, 25),  # days back, or which of the documents that stand
        st.integers(0, 100),  # terms
        st.sampled_from([0, 0, 1, 3, 9, 20, 40]),  # days that pass then
    ),
    min_size=6,
    max_size=12,
)


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(acts=ACTS)
def test_the_books_of_a_day_stay_what_they_were_whatever_follows(many_books, acts):
    books = fresh(*many_books)
    for kind, amount, back, terms, days in acts:
        if kind == "close":
            books.month_closed()
        elif kind == "reverse":
            books.reversed(back)
        else:
            books.posted(amount if kind == "debt" else -amount, back, terms)
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
