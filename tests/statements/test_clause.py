"""The clause by which time confirms a statement: off by default, told before, stopped by a dispute."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from hypothesis import given as for_all
from hypothesis import strategies as some
from sqlalchemy import text

from portal.kernel import clock
from portal.kernel.db import transaction
from portal.kernel.errors import Conflict, Forbidden, Invalid, NotFound
from portal.statements import correction_rules as rules
from portal.statements.clause import (
    CONFIRMED_BY_CLAUSE,
    NOTICED,
    carry_out_clause,
    clause_of,
    clause_of_statement,
    due_by_clause,
    set_clause,
)
from portal.statements.content import fingerprint
from portal.statements.queries import document
from tests import cast
from tests.disputes import acts as disputes
from tests.ledger.acts import no_books_yet, paid
from tests.played import played
from tests.races import together
from tests.shipping.acts import audited
from tests.statements.acts import LAST_DAY, closed, portal_within, statement_row

HQ = cast.hq_finance
DAY = timedelta(days=1)


def clause_set(
    database,
    *,
    is_active=True,
    days=30,
    contract="经销合同 7.3 条",
    revision=0,
    by=HQ,
    code=cast.huadong.code,
):
    with transaction(database.session_for(by.actor())) as session:
        set_clause(
            session,
            actor=by.actor(),
            code=code,
            is_active=is_active,
            days=days,
            contract=contract,
            revision=revision,
            at=clock.now(),
        )


@played
def number(given, database, owner):
    """A statement issued after the clause was set."""
    no_books_yet(owner)
    paid(database, "10.00", on=LAST_DAY)
    clause_set(database)
    closed(database)
    return statement_row(owner).number


def carried_out(database, number, at: datetime) -> str:
    actor = portal_within(cast.huadong)
    with transaction(database.dealer_session(actor)) as session:
        return carry_out_clause(session, actor=actor, number=number, zone=cast.ZONE, at=at)


def due(database, at: datetime, *, limit: int = 500) -> list[str]:
    with transaction(database.system_session()) as session:
        return [number for _, number in due_by_clause(session, at=at, limit=limit)]


def test_the_dealer_is_told_before_and_time_confirms_without_a_signature(database, owner, number):
    issued = statement_row(owner).issued_at
    assert due(database, issued + 24 * DAY) == []
    assert carried_out(database, number, issued + 24 * DAY) == ""
    assert due(database, issued + 25 * DAY) == [number]
    assert carried_out(database, number, issued + 25 * DAY) == NOTICED
    assert carried_out(database, number, issued + 26 * DAY) == ""
    assert carried_out(database, number, issued + 30 * DAY) == CONFIRMED_BY_CLAUSE
    assert carried_out(database, number, issued + 31 * DAY) == ""
    answer = disputes.standing(database, number)
    assert (answer.state, answer.confirmation.by_clause, answer.confirmation.name) == ("confirmed", True, "")
    assert answer.confirmation.means["clause"] == "经销合同 7.3 条"
    with transaction(database.session_for(HQ.actor())) as session:
        assert answer.confirmation.sha256 == fingerprint(document(session, number=number, locale="zh"))
    assert audited(owner, number).count("statement:confirmed") == 1
    days = owner.execute(
        text("SELECT DISTINCT payload -> 'facts' ->> 'on' FROM outbox WHERE payload ->> 'event' = :event"),
        {"event": NOTICED},
    )
    assert days.scalars().all() == [str((issued + 30 * DAY).astimezone(cast.ZONE).date())]
    told = owner.execute(text("SELECT payload ->> 'event' FROM outbox WHERE topic = 'notification.tell'"))
    assert [one for one in told.scalars() if one.startswith("statement.")] == [NOTICED, CONFIRMED_BY_CLAUSE]


def test_what_waits_after_its_notice_takes_nobodys_place(database, owner, number):
    clause_set(database, code=cast.yuegang.code)
    owner.execute(text("UPDATE confirmation_clause SET set_at = set_at - interval '1 day'"))
    at = clock.now() + 25 * DAY
    both = due(database, at)
    assert len(both) == 2
    dealer = owner.execute(text("SELECT dealer_id FROM statement WHERE number = :n"), {"n": both[0]}).scalar()
    actor = portal_within(cast.yuegang if dealer == cast.yuegang.id else cast.huadong)
    with transaction(database.dealer_session(actor)) as session:
        assert carry_out_clause(session, actor=actor, number=both[0], zone=cast.ZONE, at=at) == NOTICED
    assert due(database, at, limit=1) == both[1:]
    assert due(database, at + 5 * DAY, limit=1) == both[:1]


def test_a_notice_that_came_late_moves_the_day(database, owner, number):
    issued = statement_row(owner).issued_at
    assert carried_out(database, number, issued + 40 * DAY) == NOTICED
    assert carried_out(database, number, issued + 44 * DAY) == ""
    assert carried_out(database, number, issued + 45 * DAY) == CONFIRMED_BY_CLAUSE


def test_a_dispute_stops_it_and_its_answer_begins_the_days_anew(database, owner, number):
    issued = statement_row(owner).issued_at
    carried_out(database, number, issued + 25 * DAY)
    payment = owner.execute(text("SELECT number FROM payment")).scalar_one()
    ours = disputes.opened(database, number, disputes.disputed(payment))
    assert due(database, issued + 90 * DAY) == []
    assert carried_out(database, number, issued + 90 * DAY) == ""
    disputes.withdrawn(database, ours)
    since = disputes.standing(database, number).since
    assert carried_out(database, number, since + 24 * DAY) == ""
    assert carried_out(database, number, since + 25 * DAY) == NOTICED


def test_without_the_clause_time_confirms_nothing(database, owner, number):
    clause_set(database, is_active=False, revision=1)
    at = statement_row(owner).issued_at + 400 * DAY
    assert due(database, at) == [] and carried_out(database, number, at) == ""


def test_what_was_issued_before_the_clause_is_left_alone(database, owner, number):
    clause_set(database, revision=1, days=20)
    assert due(database, clock.now() + 400 * DAY) == []


def test_a_dealer_who_confirms_meanwhile_has_signed(database, owner, number):
    issued = statement_row(owner).issued_at
    carried_out(database, number, issued + 25 * DAY)

    def act(place):
        if place:
            return carried_out(database, number, issued + 30 * DAY)
        return disputes.confirmed(database, number)

    signed, by_time = together(2, act)
    answer = disputes.standing(database, number)
    assert answer.state == "confirmed"
    assert answer.confirmation.by_clause == (by_time == CONFIRMED_BY_CLAUSE)
    assert isinstance(signed, str) != answer.confirmation.by_clause


def test_the_clause_needs_its_contract_its_days_and_the_revision_that_was_seen(database, number):
    with pytest.raises(Invalid) as refusal:
        clause_set(database, days=3, contract=" ", revision=1)
    assert [one.pointer for one in refusal.value.faults] == ["/days", "/contract"]
    with pytest.raises(Conflict):
        clause_set(database, revision=0)
    with pytest.raises(Forbidden):
        clause_set(database, by=cast.order_desk, revision=1)
    with pytest.raises(NotFound):
        clause_set(database, code="D-NOBODY")
    with transaction(database.session_for(cast.huadong.finance.actor())) as session:
        mine = clause_of(session, dealer_id=cast.huadong.id)
        assert (mine.is_active, mine.days, mine.set_by_label) == (True, 30, HQ.display_name)
        assert clause_of_statement(session, number=number) is not None
    with transaction(database.session_for(cast.yuegang.finance.actor())) as session:
        assert not clause_of(session, dealer_id=cast.huadong.id).is_active
        assert clause_of_statement(session, number=number) is None


@for_all(
    days=some.integers(10, 180),
    told=some.integers(0, 400),
    waited=some.integers(0, 400),
)
def test_nothing_is_confirmed_that_was_not_announced_long_enough_before(days, told, waited):
    since = datetime.fromisoformat("2026-11-01T00:00:00+08:00")
    at, noticed = since + waited * DAY, since + told * DAY
    assert not rules.is_confirmed_by_clause(since, days, None, at)
    if rules.is_confirmed_by_clause(since, days, noticed, at):
        assert at >= since + days * DAY and at - noticed >= rules.NOTICE
