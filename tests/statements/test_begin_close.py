"""Closing a month: by one person, once, in turn, and never across a shipment."""

from __future__ import annotations

from dataclasses import replace

import pytest
from sqlalchemy import text

from portal.identity.rules import Role
from portal.kernel import clock
from portal.kernel.errors import Conflict, Forbidden
from tests import cast
from tests.invariants import broken_promises
from tests.ledger.acts import no_books_yet, paid
from tests.races import failures, together
from tests.shipping.acts import audited, picked, shipped
from tests.statements.acts import (
    LAST_DAY,
    LAST_MONTH,
    THIS_MONTH,
    begun,
    finished,
    issued,
    state,
    statement_row,
    worked_off,
)


@pytest.fixture(autouse=True)
def last_month(owner, database):
    """The books begin with a payment last month."""
    no_books_yet(owner)
    paid(database, "10.00", dealer=cast.suzhou, on=LAST_DAY)


def test_a_closing_is_due_to_every_dealer_and_announced(database, owner):
    assert begun(database).dealers == len(cast.dealers)
    assert state(owner) == "closing"
    assert owner.execute(text("SELECT dealer_id, state FROM close_task ORDER BY dealer_id")).all() == [
        (dealer.id, "waiting") for dealer in cast.dealers
    ]
    assert owner.execute(text("SELECT topic, payload FROM outbox WHERE topic LIKE 'statements%'")).all() == [
        ("statements.close", {"period": LAST_MONTH})
    ]
    assert audited(owner, LAST_MONTH) == ["period:closing"]


def test_a_month_is_closed_once(database):
    begun(database)
    with pytest.raises(Conflict) as refusal:
        begun(database)
    assert refusal.value.code == "already_closing"


def test_two_people_at_once_close_it_once(database, owner):
    outcomes = together(4, lambda _: begun(database))
    assert [failure.code for failure in failures(outcomes)] == ["already_closing"] * 3
    assert audited(owner, LAST_MONTH) == ["period:closing"]


def test_a_month_that_is_not_over_stays_open(database, owner):
    paid(database, "1.00")
    with pytest.raises(Conflict) as refusal:
        begun(database, THIS_MONTH)
    assert refusal.value.code in ("period_not_over", "earlier_period_open")
    assert state(owner, THIS_MONTH) == "open"


@pytest.mark.parametrize("person", [cast.order_desk, cast.quality, cast.huadong.finance, cast.administrator])
def test_only_headquarters_finance_closes(database, person):
    with pytest.raises(Forbidden):
        begun(database, by=person)


def test_who_sees_only_some_regions_closes_for_nobody(database, owner):
    regional = replace(cast.hq_finance, regions=(cast.south, cast.guangdong))
    with pytest.raises(Forbidden) as refusal:
        begun(database, by=regional)
    assert refusal.value.code == "all_regions_needed"
    assert state(owner) == "open"


def test_the_period_is_closed_once_when_everything_is_through(database, owner):
    begun(database)
    assert not finished(database)
    worked_off(database)
    outcomes = together(4, lambda _: finished(database))
    assert sorted(outcomes) == [False, False, False, True]
    assert state(owner) == "closed"
    assert audited(owner, LAST_MONTH) == ["period:closing", "period:closed"]


def test_a_failed_statement_keeps_the_period_from_closing(database, owner):
    begun(database)
    worked_off(database)
    owner.execute(text("UPDATE close_task SET state = 'failed' WHERE dealer_id = :d"), {"d": cast.huadong.id})
    assert not finished(database)
    assert state(owner) == "closing"


@pytest.mark.parametrize("attempt", range(3))
def test_a_shipment_racing_the_closing_is_wholly_in_it_or_wholly_in_the_next_month(
    given, database, owner, attempt
):
    parcels = [
        picked(database, given.an_order({cast.gloves: 1}, by=dealer.buyer).number)
        for dealer in (cast.huadong, cast.yuegang) * 3
    ]

    def act(place):
        if place == 3:
            return begun(database)
        return shipped(database, parcels[place if place < 3 else place - 1].shipment_number, today=LAST_DAY)

    outcomes = together(7, act)
    assert failures(outcomes) == []
    assert worked_off(database) == len(cast.dealers)
    assert finished(database)
    entries = owner.execute(text("SELECT period, late FROM journal_entry WHERE kind = 'invoice'")).all()
    assert len(entries) == 6
    assert set(entries) <= {(LAST_MONTH, False), (THIS_MONTH, True)}
    in_statements = sum(statement_row(owner, dealer).line_count for dealer in cast.dealers)
    assert in_statements == sum(period == LAST_MONTH for period, _ in entries) + 1
    assert broken_promises(owner) == {}


def test_what_comes_late_is_in_the_next_months_statement(database, owner):
    begun(database)
    worked_off(database)
    finished(database)
    paid(database, "5.00", on=LAST_DAY)
    assert issued(database) is None
    begun(database, THIS_MONTH, today=clock.first_day(clock.next_period(THIS_MONTH)))
    worked_off(database, THIS_MONTH)
    later = statement_row(owner, period=THIS_MONTH)
    assert (later.line_count, later.credits, later.closing) == (1, 5, -5)
    assert broken_promises(owner) == {}


def test_the_cast_has_headquarters_finance_for_all_regions():
    assert Role.HQ_FINANCE in cast.hq_finance.roles and cast.hq_finance.actor().region_ids is None
