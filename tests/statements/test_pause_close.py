"""A closing is paused and goes on; a month that is over is proposed once, and closed by a person."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import text

from portal.kernel import clock
from portal.kernel.actor import SYSTEM
from portal.kernel.db import transaction
from portal.kernel.errors import Conflict, Forbidden
from portal.statements.close_tasks import claim_next, closings_under_way
from portal.statements.pause_close import pause_close, resume_close
from portal.statements.propose_close import propose_close
from portal.statements.queries import close_progress
from tests import cast
from tests.ledger.acts import no_books_yet, paid
from tests.races import together
from tests.shipping.acts import audited
from tests.statements.acts import LAST_DAY, LAST_MONTH, begun, finished, state, worked_off

HQ = cast.hq_finance


@pytest.fixture
def closing(database, owner):
    no_books_yet(owner)
    paid(database, "10.00", on=LAST_DAY)
    begun(database)


def paused(database, by=HQ):
    with transaction(database.session_for(by.actor())) as session:
        pause_close(session, actor=by.actor(), period=LAST_MONTH, at=clock.now())


def resumed(database, by=HQ):
    with transaction(database.session_for(by.actor())) as session:
        resume_close(session, actor=by.actor(), period=LAST_MONTH)


def progress(database):
    with transaction(database.session_for(HQ.actor())) as session:
        return close_progress(session, period=LAST_MONTH, at=clock.now())


def test_a_paused_closing_hands_out_nothing_and_goes_on_where_it_was(database, owner, closing):
    paused(database)
    assert worked_off(database) == 0 and not finished(database)
    with transaction(database.system_session()) as session:
        assert closings_under_way(session) == []
    found = progress(database)
    assert (found.paused_by, found.progress.waiting) == (HQ.display_name, 3)
    with pytest.raises(Conflict):
        paused(database)
    resumed(database)
    with pytest.raises(Conflict):
        resumed(database)
    assert worked_off(database) == 3 and finished(database)
    assert state(owner) == "closed"
    assert audited(owner, LAST_MONTH) == [
        "period:closing",
        "period:paused",
        "period:resumed",
        "period:closed",
    ]
    with pytest.raises(Conflict):
        paused(database)


def test_what_a_worker_has_at_hand_is_finished_and_nothing_follows(database, closing):
    with transaction(database.system_session()) as session:
        at_hand = claim_next(session, period=LAST_MONTH, at=clock.now())
        assert at_hand is not None
        paused(database)  # waits for nobody
        assert claim_next(session, period=LAST_MONTH, at=clock.now()) is None
    assert progress(database).progress.done == 1


def test_a_pause_against_running_workers_leaves_every_dealer_done_once_or_waiting(database, owner, closing):
    def act(place):
        return worked_off(database) if place else paused(database)

    _, first, second = together(3, act)
    done = progress(database).progress
    assert first + second == done.done == owner.execute(text("SELECT count(*) FROM statement")).scalar_one()
    assert done.waiting == 3 - done.done and done.failed == 0
    resumed(database)
    assert worked_off(database) == done.waiting


@pytest.mark.parametrize("person", [cast.order_desk, cast.huadong.finance])
def test_only_finance_steers_a_closing(database, closing, person):
    with pytest.raises(Forbidden):
        paused(database, by=person)


def test_a_month_that_is_over_is_proposed_once_and_closed_by_nobody(database, owner):
    no_books_yet(owner)
    paid(database, "10.00", on=LAST_DAY)

    def proposed(today):
        with transaction(database.system_session()) as session:
            return propose_close(session, actor=SYSTEM, today=today, at=clock.now())

    assert proposed(LAST_DAY) is None
    assert proposed(LAST_DAY + timedelta(days=1)) == LAST_MONTH
    assert proposed(LAST_DAY + timedelta(days=2)) is None
    assert state(owner) == "open"
    told = owner.execute(text("SELECT payload ->> 'event' FROM outbox WHERE topic = 'notification.tell'"))
    assert list(told.scalars()) == ["close.proposed"]
