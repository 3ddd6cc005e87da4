"""Recurring orders by the clock, and letters about what waits for a dealer's own people."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import text

from jobs import purchasing
from portal.kernel import clock
from portal.purchasing import rules
from tests import cast
from tests.jobs.test_mail import body
from tests.purchasing import acts

BUYER, BOSS = cast.huadong.buyer, cast.huadong.boss


def came_due(owner) -> None:
    """The next date of every recurring order is a business day that has passed."""
    day = rules.business_day(cast.TODAY - timedelta(days=9))
    owner.execute(text("UPDATE recurring_order SET next_on = :day"), {"day": day})


def test_the_job_places_what_is_due_for_every_dealer_once(at_work, database, owner):
    for dealer in (cast.huadong, cast.yuegang):
        acts.keep(database, dealer.buyer, "gloves", (cast.gloves, 5))
        acts.recur(database, dealer.buyer, "gloves")
    purchasing.run_recurring_orders()
    assert owner.execute(text("SELECT count(*) FROM recurring_run")).scalar() == 0
    came_due(owner)
    purchasing.run_recurring_orders()
    purchasing.run_recurring_orders()
    placed = owner.execute(
        text("SELECT DISTINCT o.dealer_id, o.placed_by FROM sales_order o ORDER BY o.dealer_id")
    ).all()
    assert [tuple(row) for row in placed] == [
        (dealer.id, dealer.buyer.actor().key) for dealer in (cast.huadong, cast.yuegang)
    ]
    assert owner.execute(text("SELECT count(*) FROM sales_order")).scalar() == 2
    ahead = owner.execute(text("SELECT min(next_on) FROM recurring_order")).scalar_one()
    assert ahead > clock.business_date(clock.now(), cast.ZONE)


def test_the_buyers_are_told_why_a_date_was_skipped(database, owner, given, letters):
    acts.keep(database, BUYER, "耗材", (cast.gloves, 5))
    acts.recur(database, BUYER, "耗材")
    given.a_withdrawn(cast.gloves)
    came_due(owner)
    purchasing.run_recurring_orders()
    [message] = letters(BUYER)
    assert message["Subject"] == "定期订单 耗材：已跳过" and "GLOVES" in body(message)
    assert letters(cast.yuegang.buyer) == []


def test_a_placed_order_has_its_own_letter_and_no_other(database, owner, letters):
    acts.keep(database, BUYER, "gloves", (cast.gloves, 5))
    acts.recur(database, BUYER, "gloves")
    came_due(owner)
    purchasing.run_recurring_orders()
    [message] = letters(BUYER)
    assert "SO" in message["Subject"]


def test_the_owner_is_asked_and_the_buyer_is_told(database, letters):
    number = acts.ask(database, cast.huadong, cast.gloves)
    [asked] = letters(BOSS)
    assert f"/order-drafts/{number}" in body(asked) and BUYER.display_name in asked["Subject"]
    assert letters(BUYER) == [] and letters(cast.yuegang.boss) == []
    acts.reject(database, BOSS, number, reason="预算不足")
    [told] = letters(BUYER)
    assert "预算不足" in body(told)


def test_nobody_is_asked_for_what_is_settled_already(database, letters):
    number = acts.ask(database, cast.huadong, cast.gloves)
    acts.reject(database, BOSS, number)
    assert letters(BOSS) == []
