"""Held orders: put by hand, weighed in the queue, released by one person, by two, or many at once."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest
from sqlalchemy import text

from portal.kernel.db import transaction
from portal.kernel.errors import Conflict, DomainError, Forbidden, Invalid, NotFound
from portal.orders.hold_queue import count_held_orders, held_orders, holds_waiting
from portal.orders.release_order import Released
from tests import cast
from tests.builders import a_lot
from tests.orders.acts import decided, held, limited, released_together
from tests.races import failures, together
from tests.shipping.acts import audited, cancelled, picked, released, retired, status

FIFTY = Decimal("50.00")


def a_held_order(given, units: int = 50, **how) -> str:
    given.credit_limit_of(cast.huadong, "1.00")
    return given.an_order({cast.gauze: units}, **how).number


def queue(database, *, by=cast.order_desk, **how):
    with transaction(database.session_for(by.actor())) as session:
        return held_orders(session, today=cast.TODAY, grace_days=30, **how).items


# By hand


def test_a_hold_by_hand_keeps_an_order_from_being_picked(given, database, owner):
    number = given.an_order({cast.gauze: 5}).number
    assert held(database, number, reason=" fraud? 100% sure ").holds == ("manual",)
    assert status(owner, number) == "on_hold" and audited(owner, number)[-1] == "order:held"
    with pytest.raises(Conflict):
        picked(database, number)
    [order] = queue(database)
    assert order.held_by[0].params["why"] == "fraud? 100% sure"
    released(database, number)
    picked(database, number)


def test_a_second_hold_joins_the_first(given, database, owner):
    number = a_held_order(given)
    assert held(database, number, kind="price").holds == ("credit", "price")


@pytest.mark.parametrize(
    ("how", "pointer"), [({"reason": " "}, "/reason"), ({"kind": "stock"}, "/kind"), ({"kind": "x"}, "/kind")]
)
def test_a_hold_needs_a_reason_and_a_kind_that_is_put_by_hand(given, database, how, pointer):
    number = given.an_order({cast.gauze: 5}).number
    with pytest.raises(Invalid) as refusal:
        held(database, number, **how)
    assert [fault.pointer for fault in refusal.value.faults] == [pointer]


def test_what_is_being_picked_or_gone_is_not_held(given, database):
    number = given.an_order({cast.gauze: 5}).number
    picked(database, number)
    with pytest.raises(Conflict) as refusal:
        held(database, number)
    assert refusal.value.code == "already_picking"


@pytest.mark.parametrize("person", [cast.huadong.boss, cast.east_manager, cast.quality])
def test_only_the_order_desk_holds(given, database, person):
    with pytest.raises(Forbidden):
        held(database, given.an_order({cast.gauze: 5}).number, by=person)


def test_the_desk_of_another_region_holds_and_sees_nothing(given, database):
    number = a_held_order(given)
    with pytest.raises(NotFound):
        held(database, number, by=cast.south_desk)
    assert queue(database, by=cast.south_desk) == ()


# The queue


def test_the_queue_tells_the_figures_of_the_dealer(given, database, owner):
    number = a_held_order(given, units=8)  # 8 × 10.00
    [order] = queue(database)
    assert (order.number, order.holds, order.open_amount) == (number, ("credit",), Decimal("80.00"))
    assert (order.exposure, order.credit_limit, order.over) == (
        Decimal("80.00"),
        Decimal("1.00"),
        Decimal("79.00"),
    )
    assert (order.overdue, order.missing, order.proposed_by) == (0, 0, None)
    assert [fault.code for fault in order.held_by] == ["credit"]


def test_the_queue_counts_units_without_stock(given, database):
    product = given.a_product()
    tomorrow = cast.TODAY + timedelta(days=1)
    given.stock_of(product, cast.shanghai_warehouse, a_lot("OLD", 3, expires_on=tomorrow), a_lot("NEW", 2))
    given.an_order({product: 5})
    retired(database)
    [order] = queue(database, kind="stock")
    assert (order.missing, order.holds) == (3, ("stock",))


def test_the_queue_is_filtered_by_kind_and_by_region(given, database):
    first, second = a_held_order(given), given.an_order({cast.gloves: 1}, by=cast.suzhou.buyer).number
    held(database, second)
    assert [order.number for order in queue(database)] == [first, second]
    assert [order.number for order in queue(database, kind="manual")] == [second]
    assert [order.number for order in queue(database, region_id=cast.shanghai.id)] == [first]
    assert len(queue(database, region_id=cast.east.id)) == 2 and not queue(database, region_id=cast.south.id)
    with transaction(database.session_for(cast.order_desk.actor())) as session:
        assert holds_waiting(session) == {"credit": 1, "manual": 1}
        assert count_held_orders(session, kind="credit") == 1


# One person or two


def test_above_the_limit_one_proposes_and_another_releases(given, database, owner):
    number = a_held_order(given)
    limited(database, "order_desk", "credit", FIFTY)
    limited(database, "hq_finance", "credit", FIFTY)
    first = released(database, number)
    assert first.proposed and status(owner, number) == "on_hold"
    assert audited(owner, number)[-1] == "order:release_proposed"
    assert queue(database)[0].proposed_by == cast.order_desk.actor().key
    with pytest.raises(Forbidden) as refusal:
        released(database, number)
    assert refusal.value.code == "same_person"
    assert not released(database, number, by=cast.hq_finance).proposed
    assert status(owner, number) == "confirmed"
    assert owner.execute(text("SELECT count(*) FROM release_proposal")).scalar_one() == 0


def test_up_to_the_limit_one_person_releases(given, database, owner):
    number = a_held_order(given, units=4)
    limited(database, "order_desk", "credit", FIFTY)
    assert not released(database, number).proposed and status(owner, number) == "confirmed"


def test_who_proposed_may_release_alone_once_the_limit_allows(given, database, owner):
    number = a_held_order(given)
    limited(database, "order_desk", "credit", FIFTY)
    released(database, number)
    limited(database, "order_desk", "credit", None, seen=1)
    assert not released(database, number).proposed


def test_a_proposal_does_not_count_for_a_hold_that_came_later(given, database, owner):
    number = a_held_order(given)
    limited(database, "order_desk", "credit", FIFTY)
    limited(database, "hq_finance", "credit", FIFTY)
    released(database, number)
    held(database, number, kind="price")
    assert released(database, number, by=cast.hq_finance).proposed
    assert not released(database, number).proposed


def test_what_the_law_holds_needs_two_persons(given, database, owner):
    given.licences_of(cast.huadong)
    decided(database, "licence", "hold")
    number = given.an_order({cast.gauze: 1}).number
    assert released(database, number).proposed
    released(database, number, by=cast.hq_finance)
    with pytest.raises(Conflict) as refusal:  # the law is proven again with the goods
        picked(database, number)
    assert "licence" in {fault.code for fault in refusal.value.faults}


def test_what_would_refuse_the_order_today_refuses_its_release(given, database, owner):
    number = a_held_order(given)
    given.licences_of(cast.huadong)
    with pytest.raises(Conflict) as refusal:
        released(database, number)
    assert (refusal.value.code, [f.code for f in refusal.value.faults]) == ("release_refused", ["licence"])
    assert status(owner, number) == "on_hold"


# Many at once


def test_many_are_released_and_the_exceptions_told_one_by_one(given, database, owner):
    good, theirs = a_held_order(given, units=1), a_held_order(given, units=2)
    owner.execute(
        text("UPDATE sales_order SET placed_by = :u WHERE number = :n"),
        {"u": cast.order_desk.actor().key, "n": theirs},
    )
    going = given.an_order({cast.gloves: 1}, by=cast.suzhou.buyer).number
    outcomes = released_together(database, theirs, going, good, good, "SO2611-NONE")
    assert [(one.number, one.refusal and one.refusal.code) for one in outcomes] == [
        (theirs, "same_person"),
        (going, "not_on_hold"),
        (good, None),
        ("SO2611-NONE", "not_found"),
    ]
    assert status(owner, good) == "confirmed" and status(owner, theirs) == "on_hold"


@pytest.mark.parametrize("numbers", [[], [f"SO-{n}" for n in range(201)]])
def test_none_and_too_many_are_refused(database, numbers):
    with pytest.raises(Invalid):
        released_together(database, *numbers)


def test_only_the_order_desk_releases_many(given, database):
    with pytest.raises(Forbidden):
        released_together(database, a_held_order(given), by=cast.quality)


# Rules


def test_rules_are_decided_by_quality_alone_and_by_what_was_seen(database, owner):
    with pytest.raises(Forbidden):
        decided(database, "quota", "hold", by=cast.order_desk)
    decided(database, "quota", "hold")
    with pytest.raises(Conflict) as refusal:
        decided(database, "quota", "warning")
    assert refusal.value.code == "setting_changed"
    with pytest.raises(Conflict):
        decided(database, "quota", "warning", seen=7)
    decided(database, "quota", "warning", seen=1)
    said = owner.execute(
        text(
            "SELECT before, after FROM audit_event WHERE action = 'order_rule:severity_set'"
            " ORDER BY id DESC LIMIT 1"
        )
    ).one()
    assert (said.before, said.after["severity"]) == ({"severity": "hold"}, "warning")


@pytest.mark.parametrize(
    ("code", "severity", "how", "pointer"),
    [
        ("licence", "warning", {}, "/severity"),
        ("no_price", "hold", {}, "/code"),
        ("quota", "hold", {"reason": ""}, "/reason"),
        ("quota", "hold", {"valid_from": cast.NOW - timedelta(seconds=1)}, "/valid_from"),
    ],
)
def test_rules_keep_to_their_bounds(database, code, severity, how, pointer):
    with pytest.raises(Invalid) as refusal:
        decided(database, code, severity, **how)
    assert [fault.pointer for fault in refusal.value.faults] == [pointer]


# In the same instant


def test_two_managers_who_saw_the_same_rule_decide_once(database, owner):
    managers = (cast.quality, cast.administrator)
    outcomes = together(2, lambda i: decided(database, "quota", ("hold", "warning")[i], by=managers[i]))
    assert [error.code for error in failures(outcomes)] == ["setting_changed"]
    assert owner.execute(text("SELECT count(*) FROM fault_severity")).scalar_one() == 1


@pytest.mark.parametrize("run", range(3))
def test_two_releases_of_one_order_release_it_once(given, database, owner, run):
    number = a_held_order(given)
    people = (cast.order_desk, cast.hq_finance)
    outcomes = together(2, lambda i: released(database, number, by=people[i]))
    assert len([one for one in outcomes if isinstance(one, Released)]) == 1
    assert [error.code for error in failures(outcomes)] == ["not_on_hold"]


@pytest.mark.parametrize("run", range(3))
def test_two_who_propose_at_once_are_two_persons(given, database, owner, run):
    number = a_held_order(given)
    limited(database, "order_desk", "credit", FIFTY)
    limited(database, "hq_finance", "credit", FIFTY)
    people = (cast.order_desk, cast.hq_finance)
    outcomes = together(2, lambda i: released(database, number, by=people[i]))
    assert sorted(one.proposed for one in outcomes) == [False, True]
    assert status(owner, number) == "confirmed"


@pytest.mark.parametrize("run", range(3))
def test_a_release_and_a_cancellation_leave_nothing_reserved(given, database, owner, run):
    number = a_held_order(given)
    acts = (
        lambda: released(database, number),
        lambda: cancelled(database, number, by=cast.order_desk),
        lambda: held(database, number),
    )
    outcomes = together(3, lambda i: acts[i]())
    assert all(isinstance(error, DomainError) for error in failures(outcomes))
    assert status(owner, number) == "cancelled"
    assert owner.execute(text("SELECT sum(reserved) FROM order_line")).scalar_one() == 0
