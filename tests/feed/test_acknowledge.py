"""What has to be acknowledged before the next order: asked of every order, given by whoever may order."""

from __future__ import annotations

from datetime import timedelta
from threading import Thread

import pytest
from sqlalchemy import text

from portal.feed.drafts import withdraw_entry
from portal.kernel import clock
from portal.kernel.db import transaction
from portal.kernel.errors import Conflict, Forbidden, Invalid, NotFound
from portal.orders.request import OrderRequest
from portal.orders.rules import Wanted
from portal.orders.terms import OrderLimits, OrderTerms
from portal.orders.validate_order import validate_order
from tests import cast
from tests.feed.acts import acknowledged, feed_of, opened, published
from tests.races import failures, together, until_somebody_waits_at_a_gate

TERMS = OrderTerms(OrderLimits(lines_max=10, quantity_max=1000), "CNY", cast.ZONE)
ONE = {cast.gloves: 1}


def demanded(given, **request) -> list[str]:
    """Codes of the faults of an order; none when it is placed."""
    try:
        given.an_order(ONE, **request)
    except Invalid as refusal:
        return [fault.code for fault in refusal.faults]
    return []


def test_an_order_is_refused_with_the_way_to_what_has_to_be_acknowledged(given, database, owner):
    number = given.an_entry(must_acknowledge=True, regions=("31",), title_zh="召回通知", title_en="Recall")
    with pytest.raises(Invalid) as refusal:
        given.an_order(ONE)
    [fault] = refusal.value.faults
    assert (fault.code, fault.params["link"]) == ("acknowledge_first", f"/feed/{number}")
    assert "召回通知" in fault.message % fault.params and f"/feed/{number}" in fault.fix % fault.params
    assert owner.execute(text("SELECT count(*) FROM sales_order")).scalar_one() == 0
    assert demanded(given, by=cast.suzhou.buyer) == []  # of another province
    with transaction(database.session_for(cast.huadong.buyer.actor())) as session:
        assessment = validate_order(
            session,
            actor=cast.huadong.buyer.actor(),
            dealer_id=cast.huadong.id,
            request=OrderRequest([Wanted("GLOVES", 1, "/lines/0")]),
            terms=TERMS,
        )
    assert [entry.number for entry in assessment.demanded] == [number]
    assert [found.code for found in assessment.faults] == ["acknowledge_first"]


def test_whoever_may_order_acknowledges_for_the_dealer_once_and_by_name(given, database, owner):
    number = given.an_entry(must_acknowledge=True)
    opened(database, cast.huadong.buyer, number)
    assert demanded(given) == ["acknowledge_first"]  # to have read it is not enough
    with pytest.raises(Forbidden):
        acknowledged(database, cast.huadong.finance, number)
    acknowledged(database, cast.huadong.boss, number)
    acknowledged(database, cast.huadong.buyer, number)
    assert demanded(given) == []
    assert demanded(given, by=cast.yuegang.buyer) == ["acknowledge_first"]  # each for the own dealer
    rows = owner.execute(text("SELECT dealer_id, reader FROM feed_acknowledgement")).all()
    assert rows == [(cast.huadong.id, cast.huadong.boss.actor().key)]
    audited = text("SELECT actor FROM audit_event WHERE action = 'notice:acknowledged'")
    assert owner.execute(audited).scalars().all() == [cast.huadong.boss.actor().key]
    assert [row.standing for row in feed_of(database, cast.huadong.finance)] == ["acknowledged"]


def test_what_asks_for_nothing_is_not_acknowledged_and_holds_up_nobody(given, database):
    number = given.an_entry()
    assert demanded(given) == []
    with pytest.raises(Conflict):
        acknowledged(database, cast.huadong.buyer, number)


@pytest.mark.parametrize("over", ["ended", "withdrawn", "to come"])
def test_only_what_holds_now_is_demanded(given, database, over):
    now, editor = clock.now(), cast.national_manager.actor()
    said = {"valid_until": now - timedelta(seconds=1)} if over == "ended" else {}
    later = now + timedelta(hours=1) if over == "to come" else None
    number = given.an_entry(must_acknowledge=True, not_before=later, **said)
    if over == "withdrawn":
        with transaction(database.session_for(editor)) as session:
            withdraw_entry(session, actor=editor, number=number, revision=2, reason="x", at=now)
    assert demanded(given) == []


def test_what_has_ended_does_not_hide_what_holds(given):
    for _ in range(25):
        given.an_entry(must_acknowledge=True, valid_until=clock.now() - timedelta(seconds=1))
    given.an_entry(must_acknowledge=True)
    assert demanded(given) == ["acknowledge_first"]


def test_a_rivals_acknowledgement_does_not_count_and_cannot_be_given(given, database):
    number = given.an_entry(must_acknowledge=True, dealers=["huadong"])
    with pytest.raises(NotFound):
        acknowledged(database, cast.yuegang.buyer, number)
    assert demanded(given, by=cast.yuegang.buyer) == []
    assert demanded(given) == ["acknowledge_first"]


def test_an_order_is_wholly_before_or_wholly_after_what_is_published_meanwhile(given, database, owner):
    """No order bears a moment at which an entry already stood that its dealer had not acknowledged."""
    editor = cast.national_manager.actor()

    def act(place: int) -> object:
        if place:
            return [given.an_order(ONE) for _ in range(6)]
        with transaction(database.session_for(editor)) as session:
            return published(session, editor, must_acknowledge=True)

    refused = [error for error in failures(together(4, act)) if not isinstance(error, Invalid)]
    assert not refused
    late = text("SELECT count(*) FROM sales_order o, feed_entry e WHERE o.placed_at >= e.shown_from")
    assert owner.execute(late).scalar_one() == 0
    assert demanded(given) == ["acknowledge_first"]


def test_an_order_that_waits_for_a_publication_is_after_it(given, database, owner):
    """Its statement began before the entry was committed, and yet it sees it."""
    editor, outcome = cast.national_manager.actor(), []
    with transaction(database.session_for(editor)) as session:
        published(session, editor, must_acknowledge=True)
        waiting = Thread(target=lambda: outcome.append(demanded(given)), daemon=True)
        waiting.start()
        until_somebody_waits_at_a_gate(owner)
    waiting.join(30)
    assert outcome == [["acknowledge_first"]]


def test_two_who_acknowledge_at_once_leave_one_record(given, database, owner):
    number = given.an_entry(must_acknowledge=True)
    people = (cast.huadong.buyer, cast.huadong.boss)
    outcomes = together(2, lambda place: acknowledged(database, people[place], number))
    assert not failures(outcomes)
    assert owner.execute(text("SELECT count(*) FROM feed_acknowledgement")).scalar_one() == 1
