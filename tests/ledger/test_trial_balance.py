"""The trial balance: it starts from what the closes kept, and is the sum of all lines nevertheless."""

from __future__ import annotations

from datetime import timedelta

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text

from portal.kernel import clock
from portal.kernel.db import transaction
from portal.ledger.snapshots import keep_snapshot
from portal.ledger.trial_balance import trial_balance
from tests import cast
from tests.ledger.acts import shut
from tests.ledger.books import ACTS, START, fresh
from tests.query_plans import plan_of_page, rows_read_for
from tests.tampering import tampering

SUM = text(
    """
    SELECT l.account, coalesce(sum(l.amount) FILTER (WHERE e.period < :first), 0) AS opening,
           coalesce(sum(l.amount) FILTER (WHERE e.period >= :first AND l.amount > 0), 0) AS debit,
           coalesce(-sum(l.amount) FILTER (WHERE e.period >= :first AND l.amount < 0), 0) AS credit
      FROM journal_entry e JOIN journal_line l ON (l.dealer_id, l.entry_id) = (e.dealer_id, e.id)
     WHERE e.period <= :last AND l.amount <> 0
     GROUP BY l.account
    """
)
ENTRIES = 500  # a dealer
OF_DEALER = """
INSERT INTO journal_entry (dealer_id, id, kind, document_no, occurred_on, due_on, period, receivable,
                           posted_at, posted_by)
SELECT d.id, n, 'service', 'M' || d.id || '-' || n, CAST(:day AS date), CAST(:day AS date), :period, 1,
       now(), 'x'
  FROM dealer d CROSS JOIN generate_series(1, :entries) n
"""
LINES = """
INSERT INTO journal_line (dealer_id, entry_id, account, amount)
SELECT e.dealer_id, e.id, a.account, a.amount
  FROM journal_entry e CROSS JOIN (VALUES ('receivable', 1), ('revenue', -1)) a(account, amount)
"""
ENOUGH = 200


def of(database, *, dealer_id=None, **months):
    with transaction(database.system_session()) as session:
        return trial_balance(session, dealer_id=dealer_id, **months)


@settings(max_examples=12, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(acts=ACTS, month=st.integers(0, 3), months=st.integers(0, 3))
def test_it_is_the_sum_of_the_lines_whatever_was_closed(many_books, acts, month, months):
    books = fresh(*many_books)
    for kind, amount, back, terms, days in acts:
        books.act(kind, amount, back, terms)
        books.today += timedelta(days=days)
    first = clock.period_of(START + timedelta(days=31 * month - 31))
    last = clock.period_of(clock.first_day(first) + timedelta(days=31 * months))
    with transaction(books.database.system_session()) as session:
        summed = {row.account: tuple(row)[1:] for row in session.execute(SUM, {"first": first, "last": last})}
    for dealer_id in (None, books.dealer_id):
        found = of(books.database, first=first, last=last, dealer_id=dealer_id)
        assert {one.account: (one.opening, one.debit, one.credit) for one in found} == summed


def test_lines_behind_a_snapshot_are_not_read(many_books):
    books = fresh(*many_books)
    period = clock.period_of(START)
    made = {"period": period, "day": START, "entries": ENTRIES}
    with tampering(books.owner, "journal_entry", "journal_line"):
        books.owner.execute(text(OF_DEALER), made)
        books.owner.execute(text(LINES))
    shut(books.owner, period)
    dealers = list(books.owner.execute(text("SELECT id FROM dealer")).scalars())
    with transaction(books.database.system_session()) as session:
        for dealer_id in dealers:
            keep_snapshot(session, dealer_id=dealer_id, period=period, at=cast.NOW)
    books.owner.execute(text("ANALYZE journal_entry, journal_line, account_snapshot"))
    following, whole = clock.next_period(period), ENTRIES * len(dealers)
    for first, last in ((following, following), (period, period), (period, following)):

        def ask(session, first=first, last=last):
            found = trial_balance(session, first=first, last=last)
            assert {one.account: one.closing for one in found} == {"receivable": whole, "revenue": -whole}

        assert rows_read_for(books.database, cast.hq_finance, ask) <= ENOUGH


def test_the_lines_since_are_read_by_their_indexes(database, count_statements):
    values = {"before": "'2026-10'", "last": "'2026-11'"}

    def ask(session):
        return trial_balance(session, first="2026-11", last="2026-11")

    with transaction(database.session_for(cast.hq_finance.actor())) as session, count_statements() as counted:
        plan = plan_of_page(session, counted, ask, **values)
    for index in ("pk_account_snapshot", "ix_journal_entry_dealer_id_period", "pk_journal_line"):
        assert index in plan, plan
