"""Lists of statements and the progress of a closing, each within its scope."""

from __future__ import annotations

from datetime import timedelta
from functools import partial

import pytest

from portal.dealers.payment_reference import reference_of
from portal.kernel import clock
from portal.kernel.db import transaction
from portal.kernel.errors import Conflict, Invalid, NotFound
from portal.statements import queries
from portal.statements.close_tasks import claim_next, record_failure
from portal.statements.retry_close import retry_close
from tests import cast
from tests.invariants import broken_promises
from tests.ledger.acts import no_books_yet, paid
from tests.query_plans import plan_of_page
from tests.shipping.acts import audited
from tests.statements.acts import (
    LAST_DAY,
    LAST_MONTH,
    begun,
    closed,
    portal_within,
    statement_row,
    worked_off,
)

EARLIER = clock.previous_period(LAST_MONTH)


@pytest.fixture
def two_months(database, owner):
    no_books_yet(owner)
    for dealer in cast.dealers:
        paid(database, "10.00", on=clock.last_day(EARLIER), dealer=dealer)
        paid(database, "15.00", on=LAST_DAY, dealer=dealer)
    closed(database, EARLIER)
    closed(database, LAST_MONTH)


def asked(database, question, *args, by=cast.huadong.finance, **how):
    with transaction(database.session_for(by.actor())) as session:
        return getattr(queries, question)(session, *args, **how)


@pytest.mark.parametrize(
    ("by", "of", "index"),
    [
        (cast.huadong.finance, {"dealer_id": cast.huadong.id}, "uq_statement_dealer_id_period"),
        (cast.hq_finance, {"period": LAST_MONTH}, "ix_statement_period_id"),
        (cast.hq_finance, {}, "ix_statement_period_id"),
    ],
)
def test_a_list_is_read_by_an_index(database, count_statements, by, of, index):
    with transaction(database.session_for(by.actor())) as session, count_statements() as counted:
        values = {"limit": "51", "dealer_id": "1", "period": "'2026-10'"}
        plan = plan_of_page(session, counted, partial(queries.statements, **of), **values)
    assert f"using {index}" in plan, plan


@pytest.mark.usefixtures("two_months")
def test_a_dealer_sees_its_own_statements_the_latest_first(database):
    page = asked(database, "statements")
    assert [(row.period, row.dealer_id) for row in page.items] == [
        (LAST_MONTH, cast.huadong.id),
        (EARLIER, cast.huadong.id),
    ]


@pytest.mark.usefixtures("two_months")
def test_the_list_goes_on_where_a_page_ended(database):
    seen, cursor = [], None
    while True:
        page = asked(database, "statements", by=cast.hq_finance, limit=4, cursor=cursor)
        seen += page.items
        cursor = page.next_cursor
        if cursor is None:
            break
    assert len({row.number for row in seen}) == len(seen) == 6


@pytest.mark.usefixtures("two_months")
def test_headquarters_finds_by_month_dealer_and_number(database, owner):
    number = statement_row(owner, cast.yuegang).number

    def find(**how):
        return {
            (row.dealer_id, row.period)
            for row in asked(database, "statements", by=cast.hq_finance, **how).items
        }

    assert find(period=EARLIER) == {(dealer.id, EARLIER) for dealer in cast.dealers}
    assert find(q="粤康", period=LAST_MONTH) == {(cast.yuegang.id, LAST_MONTH)}
    assert find(q=number.lower()) == {(cast.yuegang.id, LAST_MONTH)}
    assert find(q="%") == find(q="_") == set()


@pytest.mark.usefixtures("two_months")
def test_a_regional_manager_sees_the_dealers_of_the_region(database):
    rows = asked(database, "statements", by=cast.south_manager).items
    assert {row.dealer_id for row in rows} == {cast.yuegang.id}


@pytest.mark.usefixtures("two_months")
def test_a_rivals_statement_is_not_found(database, owner):
    number = statement_row(owner, cast.huadong).number
    for question, how in (("statement", {}), ("document", {"locale": "zh"})):
        with pytest.raises(NotFound):
            asked(database, question, by=cast.yuegang.finance, **(how | {"number": number}))


def test_a_foreign_cursor_is_refused(database):
    with pytest.raises(Invalid):
        asked(database, "statements", cursor="WzEsMl0")


@pytest.mark.usefixtures("two_months")
def test_the_document_has_lines_with_running_balance(database, owner):
    document = asked(database, "document", number=statement_row(owner).number, locale="en")
    assert [(line.credit, line.balance) for line in document.lines] == [(15, -25)]
    assert (document.opening, document.closing, document.ageing.unallocated) == (-10, -25, -25)
    assert document.payment_reference.replace(" ", "") == reference_of(document.dealer.code)
    assert document.issued_at.utcoffset() == document.issued_at.astimezone(cast.ZONE).utcoffset()


@pytest.mark.usefixtures("two_months")
def test_a_late_document_says_so_in_the_language_of_the_paper(database, owner):
    paid(database, "3.00", on=LAST_DAY)
    this_month = clock.period_of(cast.TODAY)
    closed(database, this_month, today=clock.first_day(clock.next_period(this_month)))
    number = statement_row(owner, period=this_month).number
    said = [
        asked(database, "document", number=number, locale=locale).lines[0].description
        for locale in ("zh", "en")
    ]
    assert said == ["以前月份单据", "of an earlier month"]


@pytest.mark.usefixtures("two_months")
def test_the_dealers_page_takes_two_statements_of_sql(database, owner, count_statements):
    number = statement_row(owner).number
    with count_statements() as counted:
        asked(database, "document", number=number, locale="zh")
    assert len(counted) <= 2, counted


def progress(database, by=cast.hq_finance):
    return asked(database, "close_progress", by=by, period=LAST_MONTH, at=clock.now())


@pytest.fixture
def closing(database, owner):
    no_books_yet(owner)
    paid(database, "10.00", on=LAST_DAY)
    begun(database)


@pytest.mark.usefixtures("closing")
def test_progress_tells_what_is_done_failed_and_left(database):
    before = progress(database)
    assert (before.state, before.progress.total, before.progress.waiting, before.progress.left) == (
        "closing",
        3,
        3,
        None,
    )
    worked_off(database)
    after = progress(database).progress
    assert (after.done, after.failed, after.waiting, after.left) == (3, 0, 0, timedelta())
    assert after.rate > 0


@pytest.mark.usefixtures("closing")
def test_a_third_failure_waits_for_a_person_who_retries(database, owner):
    for attempt in range(3):
        with transaction(database.dealer_session(portal_within(cast.yuegang))) as session:
            record_failure(
                session,
                dealer_id=cast.yuegang.id,
                period=LAST_MONTH,
                error=f"attempt {attempt}",
                at=clock.now(),
            )
    worked_off(database)
    assert progress(database).progress.failed == 1
    failed = asked(database, "failed_tasks", by=cast.hq_finance, period=LAST_MONTH)
    assert [(task.dealer_id, task.attempts, task.error) for task in failed] == [
        (cast.yuegang.id, 3, "attempt 2")
    ]
    actor = cast.hq_finance.actor()
    with transaction(database.staff_session(actor)) as session:
        assert retry_close(session, actor=actor, period=LAST_MONTH) == 1
    assert worked_off(database) == 1
    assert audited(owner, LAST_MONTH)[-1] == "period:retried"
    assert broken_promises(owner) == {}


@pytest.mark.usefixtures("closing")
def test_there_is_nothing_to_retry_where_nothing_failed(database):
    actor = cast.hq_finance.actor()
    with pytest.raises(Conflict), transaction(database.staff_session(actor)) as session:
        retry_close(session, actor=actor, period=LAST_MONTH)


@pytest.mark.usefixtures("closing")
def test_the_months_of_the_books_are_listed_with_their_state(database, owner):
    paid(database, "1.00")
    this_month = clock.period_of(cast.TODAY)
    found = asked(database, "closings", by=cast.hq_finance, through=this_month, at=clock.now())
    assert [(closing.period, closing.state) for closing in found] == [
        (this_month, "open"),
        (LAST_MONTH, "closing"),
    ]
    assert found[1].closing_by == cast.hq_finance.actor().key


def test_a_month_without_books_has_no_progress(database):
    with pytest.raises(NotFound):
        asked(database, "close_progress", by=cast.hq_finance, period="1999-01", at=clock.now())


@pytest.mark.usefixtures("closing")
def test_a_failed_dealer_does_not_hold_up_the_others(database):
    with transaction(database.dealer_session(portal_within(cast.huadong))) as session:
        record_failure(session, dealer_id=cast.huadong.id, period=LAST_MONTH, error="once", at=clock.now())
    assert [_claimed(database) for _ in range(4)] == [cast.yuegang.id, cast.suzhou.id, cast.huadong.id, None]


def _claimed(database) -> int | None:
    with transaction(database.system_session()) as session:
        return claim_next(session, period=LAST_MONTH, at=clock.now())
