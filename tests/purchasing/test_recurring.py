"""Recurring orders: once a date, whatever runs or dies in between, and told when they cannot be placed."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest
from sqlalchemy import text, update

from portal.identity.models import UserAccount
from portal.kernel.actor import SYSTEM
from portal.kernel.db import transaction
from portal.kernel.errors import Conflict, Forbidden, NotFound
from portal.purchasing import recurring, rules, templates
from portal.purchasing.run_recurring import due_orders, run_recurring
from portal.purchasing.waiting import work as tell
from tests import cast, work
from tests.purchasing import acts
from tests.races import together

BUYER, BOSS = cast.huadong.buyer, cast.huadong.boss


class Killed(BaseException):
    """The worker dies here."""


@pytest.fixture
def monthly(database) -> str:
    """A template of gloves that recurs."""
    acts.keep(database, BUYER, "gloves", (cast.gloves, 5))
    return acts.recur(database, BUYER, "gloves")


def due_day(owner) -> date:
    """The business day on which the recurring order comes next."""
    return rules.business_day(owner.execute(text("SELECT next_on FROM recurring_order")).scalar_one())


def run(database, today: date, dealer=cast.huadong, *, dies: bool = False):
    """What the job does on a day: the outcomes within a dealer."""
    with database.system_session() as session:
        due = [one for one in due_orders(session, today=today) if one.dealer_id == dealer.id]
    outcomes = []
    for one in due:
        actor = one.person or replace(SYSTEM, dealer_id=dealer.id, region_ids=())
        with transaction(database.dealer_session(actor)) as session:
            outcomes.append(
                run_recurring(
                    session, actor=actor, recurring_id=one.id, terms=acts.TERMS, today=today, at=cast.NOW
                )
            )
            if dies:
                raise Killed
    return outcomes


def counts(owner) -> tuple[int, int]:
    """How many orders there are, and how many runs."""
    query = "SELECT (SELECT count(*) FROM sales_order), (SELECT count(*) FROM recurring_run)"
    return tuple(owner.execute(text(query)).one())


def test_it_is_ordered_on_its_day_in_the_name_of_who_set_it_up(database, owner, monthly):
    day = due_day(owner)
    assert run(database, day - timedelta(days=1)) == [] and run(database, day) == ["placed"]
    row = owner.execute(text("SELECT placed_by_label, number FROM sales_order")).one()
    ran = owner.execute(text("SELECT outcome, document, due_on FROM recurring_run")).one()
    assert (row.placed_by_label, ran.document) == (BUYER.display_name, row.number)
    assert due_day(owner) > day


def test_a_date_is_run_once_however_often_the_job_runs(database, owner, monthly):
    day = due_day(owner)
    results = together(4, lambda _place: run(database, day))
    assert [one for one in results if one == ["placed"]] == [["placed"]]
    assert run(database, day) == [] and counts(owner) == (1, 1)


def test_whoever_is_killed_leaves_nothing_and_the_next_run_does_it(database, owner, monthly):
    day = due_day(owner)
    with pytest.raises(Killed):
        run(database, day, dies=True)
    assert counts(owner) == (0, 0)
    assert owner.execute(text("SELECT coalesce(sum(reserved), 0) FROM order_line")).scalar() == 0
    assert run(database, day) == ["placed"] and counts(owner) == (1, 1)


def test_days_on_which_nothing_ran_are_made_up_for_once(database, owner, monthly):
    late = due_day(owner) + timedelta(days=24)
    assert run(database, late) == ["placed"]
    assert counts(owner) == (1, 1) and due_day(owner) > late


def test_what_stands_against_it_is_kept_and_nothing_is_ordered(database, owner, given):
    acts.keep(database, BUYER, "mixed", (cast.gloves, 5), (cast.syringe, 10))
    acts.recur(database, BUYER, "mixed")
    given.a_withdrawn(cast.syringe)
    assert run(database, due_day(owner)) == ["skipped"]
    [fault] = owner.execute(text("SELECT faults FROM recurring_run")).scalar_one()
    assert "SYRINGE" in fault["message"] % fault["params"]
    assert counts(owner) == (0, 1)
    told = owner.execute(text("SELECT topic FROM outbox")).scalars().all()
    assert told == ["recurring_order.run"]
    waiting = acts.act(database, BUYER, lambda s, a: work.waiting(s, a, tell))
    assert [(one.label, one.count) for one in waiting] == [("Recurring orders that were skipped", 1)]


def test_stock_that_is_taken_in_the_same_instant_leaves_no_half_order(database, owner, monthly):
    owner.execute(
        text("UPDATE stock_level SET reserved = on_hand WHERE product_id = :p"), {"p": cast.gloves.id}
    )
    assert run(database, due_day(owner)) == ["skipped"]
    assert counts(owner) == (0, 1)


def test_a_draft_is_made_where_the_dealer_wants_one(database, owner):
    acts.keep(database, BUYER, "gloves", (cast.gloves, 5))
    acts.recur(database, BUYER, "gloves", rhythm="monthly", day=31, does="draft")
    assert run(database, due_day(owner)) == ["drafted"]
    [document] = owner.execute(text("SELECT document FROM recurring_run")).scalars()
    assert acts.draft(database, BOSS, document).state == "open" and counts(owner) == (0, 1)


def test_it_does_not_pass_the_amount_of_who_set_it_up(database, owner, monthly):
    acts.limit(database, BOSS, acts.BUYERS, "0.01")
    assert run(database, due_day(owner)) == ["waiting"] and counts(owner) == (0, 1)


def test_who_has_left_orders_nothing_any_more(database, owner, monthly):
    owner.execute(update(UserAccount).where(UserAccount.id == BUYER.id).values(disabled_at=cast.NOW))
    assert run(database, due_day(owner)) == ["skipped"]
    acts.act(
        database,
        BOSS,
        lambda s, a: recurring.pause_recurring(s, actor=a, number=monthly, paused=False, today=cast.TODAY),
    )
    assert run(database, due_day(owner)) == ["placed"]
    assert owner.execute(text("SELECT placed_by_label FROM sales_order")).scalar() == BOSS.display_name


def test_what_is_paused_waits_and_a_rival_cannot_touch_it(database, owner, monthly):
    def pause(person):
        return acts.act(
            database,
            person,
            lambda s, a: recurring.pause_recurring(s, actor=a, number=monthly, paused=True, today=cast.TODAY),
        )

    for stranger in (cast.yuegang.buyer, cast.yuegang.boss):
        with pytest.raises(NotFound):
            pause(stranger)
    with pytest.raises(Forbidden):
        pause(cast.huadong.finance)
    day = due_day(owner)
    pause(BOSS)
    assert run(database, day) == []


def test_its_template_stays_while_it_recurs(database, monthly):
    def remove(session, actor):
        templates.remove_template(session, actor=actor, name="gloves")

    with pytest.raises(Conflict, match="template_in_use"):
        acts.act(database, BOSS, remove)
    acts.act(database, BOSS, lambda s, a: recurring.remove_recurring(s, actor=a, number=monthly))
    acts.act(database, BOSS, remove)
