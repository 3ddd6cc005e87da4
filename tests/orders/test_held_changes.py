"""What held an order, and what was released, when the order is changed."""

from __future__ import annotations

import pytest
from sqlalchemy import text

from portal.kernel.errors import Conflict, DomainError
from tests import cast
from tests.orders.acts import held, limited, released_together
from tests.orders.test_change_order import change, open_orders
from tests.orders.test_place_order import level
from tests.races import failures, together
from tests.shipping.acts import audited, picked, released, status

BOTH = (cast.order_desk, cast.hq_finance)


def holds(owner, number: str) -> list[str]:
    return owner.execute(text("SELECT holds FROM sales_order WHERE number = :n"), {"n": number}).scalar_one()


def changed(database, number: str, lines, **how) -> str:
    return change(database, number, lines, **how).number


# Put by hand


@pytest.mark.parametrize("kind", ["manual", "price"])
def test_an_order_held_by_hand_is_not_freed_by_changing_it(given, database, owner, kind):
    number = given.an_order({cast.gauze: 9}).number
    held(database, number, kind=kind, reason="looks odd")
    placed = change(database, number, {cast.gauze: 1})
    assert holds(owner, placed.number) == [kind] == placed.answer["holds"]
    assert placed.answer["held_by"] == []  # an employee's words are not for the dealer
    with pytest.raises(Conflict):
        picked(database, placed.number)
    again = changed(database, placed.number, {cast.gauze: 2})
    assert holds(owner, again) == [kind]
    released(database, again)
    assert status(owner, again) == "confirmed"


def test_a_hold_by_hand_joins_what_the_rules_find(given, database, owner):
    number = given.an_order({cast.gauze: 9}).number
    held(database, number)
    given.credit_limit_of(cast.huadong, "1.00")
    assert holds(owner, changed(database, number, {cast.gauze: 8})) == ["credit", "manual"]


@pytest.mark.parametrize(
    ("lines", "how", "expected"),
    [
        ({cast.gauze: 9}, {}, []),
        ({cast.gauze: 8}, {}, []),
        ({cast.gauze: 10}, {}, ["manual"]),
        ({cast.gauze: 1, cast.gloves: 1}, {}, ["manual"]),
        ({cast.gauze: 9}, {"hospital": "H-RUIJIN"}, ["manual"]),
    ],
)
def test_what_was_released_may_shrink_and_is_held_again_when_it_widens(
    given, database, owner, lines, how, expected
):
    number = given.an_order({cast.gauze: 9}).number
    held(database, number)
    released(database, number)
    assert holds(owner, changed(database, number, lines, **how)) == expected


def test_what_shrank_does_not_grow_back_unseen(given, database, owner):
    number = given.an_order({cast.gauze: 9}).number
    held(database, number)
    released(database, number)
    smaller = changed(database, number, {cast.gauze: 5})
    assert holds(owner, smaller) == []
    assert holds(owner, changed(database, smaller, {cast.gauze: 9})) == ["manual"]


# By the rules


def test_a_released_order_is_judged_anew_when_it_is_changed(given, database, owner):
    given.credit_limit_of(cast.huadong, "50.00")
    number = given.an_order({cast.gauze: 9}).number  # 9 × 10.00
    released(database, number)
    wider = changed(database, number, {cast.gauze: 10})
    assert (status(owner, wider), holds(owner, wider)) == ("on_hold", ["credit"])
    assert holds(owner, changed(database, wider, {cast.gauze: 5})) == []


def test_a_proposal_is_about_the_order_as_it_was(given, database, owner):
    given.credit_limit_of(cast.huadong, "1.00")
    number = given.an_order({cast.gauze: 9}).number
    for role in ("order_desk", "hq_finance"):
        limited(database, role, "credit", 0)
    released(database, number)
    replaced = changed(database, number, {cast.gauze: 8})
    assert released(database, replaced, by=cast.hq_finance).proposed
    assert status(owner, replaced) == "on_hold"


# In the same instant


@pytest.mark.parametrize("run", range(3))
def test_a_release_does_not_let_go_what_is_being_changed(given, database, owner, run):
    given.credit_limit_of(cast.huadong, "50.00")
    number = given.an_order({cast.gauze: 60}).number
    acts = (lambda: released(database, number), lambda: change(database, number, {cast.gauze: 70}))
    outcomes = together(2, lambda place: acts[place]())
    assert not isinstance(outcomes[1], Exception)
    assert {error.code for error in failures(outcomes)} <= {"not_on_hold"}
    new = outcomes[1].number
    assert (status(owner, number), status(owner, new), holds(owner, new)) == (
        "cancelled",
        "on_hold",
        ["credit"],
    )
    assert "order:released" not in audited(owner, new)
    assert level(owner, cast.shanghai_warehouse, cast.gauze) == (100, 70)
    assert open_orders(owner) == 700


@pytest.mark.parametrize("run", range(3))
def test_a_hold_by_hand_is_told_when_the_order_was_changed_first(given, database, owner, run):
    number = given.an_order({cast.gauze: 9}).number
    acts = (lambda: held(database, number), lambda: change(database, number, {cast.gauze: 8}))
    outcomes = together(2, lambda place: acts[place]())
    new = outcomes[1].number
    came_too_late = [error.code for error in failures(outcomes)]
    assert came_too_late in ([], ["already_cancelled"])
    assert holds(owner, new) == ([] if came_too_late else ["manual"])


@pytest.mark.parametrize("run", range(3))
def test_a_hold_and_a_pick_exclude_each_other(given, database, owner, run):
    number = given.an_order({cast.gauze: 9}).number
    acts = (lambda: held(database, number), lambda: picked(database, number))
    [lost] = failures(together(2, lambda place: acts[place]()))
    assert isinstance(lost, DomainError) and lost.code in ("already_picking", "on_hold")
    assert (status(owner, number), holds(owner, number)) in (("on_hold", ["manual"]), ("picking", []))


@pytest.mark.parametrize("run", range(3))
def test_two_people_release_many_at_once_and_each_order_goes_once(given, database, owner, run):
    given.credit_limit_of(cast.huadong, "1.00")
    numbers = [given.an_order({cast.gauze: 1}).number for _ in range(4)]
    order = (numbers, numbers[::-1])
    outcomes = together(2, lambda place: released_together(database, *order[place], by=BOTH[place]))
    assert not failures(outcomes)
    went = [one.number for outcome in outcomes for one in outcome if one.released]
    refused = [one.refusal.code for outcome in outcomes for one in outcome if one.refusal]
    assert sorted(went) == sorted(numbers) and refused == ["not_on_hold"] * 4
    assert {status(owner, number) for number in numbers} == {"confirmed"}
