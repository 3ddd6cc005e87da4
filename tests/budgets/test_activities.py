"""A dealer plans an activity, headquarters approves it of a pot, and what was not claimed is free again."""

from __future__ import annotations

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError, IntegrityError

from portal.kernel.errors import Conflict, Forbidden, Invalid, NotFound
from tests import cast
from tests.budgets import acts
from tests.budgets.acts import D, figures
from tests.races import failures, together


def test_an_approval_reserves_the_amount_in_the_pot(given, database):
    pot = acts.open_pot(database)
    number = acts.planned(database)
    assert acts.activity(database, number).state == "submitted"
    acts.approved(database, number, pot, "300.00", reason="按七五折")
    found = acts.activity(database, number)
    assert (found.state, found.approved, found.left, found.budget) == ("approved", D(300), D(300), pot)
    assert figures(database, pot) == ("1000.00", "300.00", "0.00")
    assert acts.sums_differ(database) == []


def test_no_more_than_planned_and_less_only_with_a_reason(given, database):
    pot, number = acts.open_pot(database), acts.planned(database)
    with pytest.raises(Invalid) as refusal:
        acts.approved(database, number, "BG-NONE", "400.01")
    assert {one.pointer for one in refusal.value.faults} == {"/amount", "/budget"}
    with pytest.raises(Invalid) as refusal:
        acts.approved(database, number, pot, "399.99")
    assert [one.pointer for one in refusal.value.faults] == ["/reason"]


def test_a_pot_pays_only_what_it_is_for(given, database):
    number = acts.planned(database)
    for said in (
        {"kind": "samples"},
        {"region": "south"},
        {"last_day": cast.TODAY},
    ):
        with pytest.raises(Invalid) as refusal:
            acts.approved(database, number, acts.open_pot(database, **said))
        assert refusal.value.faults[0].code == "other_budget"
    acts.approved(database, number, acts.open_pot(database, region="east"))


def test_a_pot_without_enough_says_what_is_left(given, database):
    pot = acts.open_pot(database, amount=D("399.99"))
    with pytest.raises(Conflict) as refusal:
        acts.approved(database, acts.planned(database), pot)
    assert refusal.value.code == "budget_exhausted" and refusal.value.params["left"] == D("399.99")


def test_two_approvals_at_once_never_overspend_a_pot(given, database):
    pot = acts.open_pot(database, amount=D("1000.00"))
    numbers = [acts.planned(database) for _ in range(4)]
    outcomes = together(4, lambda place: acts.approved(database, numbers[place], pot))
    refusals = failures(outcomes)
    assert len(refusals) == 2 and {one.code for one in refusals} == {"budget_exhausted"}
    assert figures(database, pot) == ("1000.00", "800.00", "0.00")
    assert acts.sums_differ(database) == []


def test_two_who_decide_on_one_activity_decide_once(given, database):
    pot, number = acts.open_pot(database), acts.planned(database)
    outcomes = together(
        3,
        lambda place: acts.approved(
            database, number, pot, person=(acts.MANAGER, acts.COLLEAGUE, acts.MANAGER)[place]
        ),
    )
    assert sorted(type(one).__name__ for one in failures(outcomes)) == ["Conflict", "Conflict"]
    assert figures(database, pot) == ("1000.00", "400.00", "0.00")


def test_the_last_line_of_defence_is_the_constraint(given, database, owner):
    acts.open_pot(database)
    with pytest.raises(IntegrityError, match="ck_rebate_budget_within"):
        owner.execute(text("UPDATE rebate_budget SET reserved = 1000.01"))


def test_what_was_submitted_stands(given, database, owner):
    acts.planned(database)
    with pytest.raises(DBAPIError) as refusal:
        owner.execute(text("UPDATE activity SET planned = 4000"))
    assert refusal.value.orig.sqlstate == "TL052"


def test_who_asked_does_not_decide_says_the_database(given, database, owner):
    acts.planned(database)
    with pytest.raises(IntegrityError, match="ck_activity_other_person"):
        owner.execute(
            text("UPDATE activity SET state = 'rejected', decided_by = asked_by WHERE state = 'submitted'")
        )


def test_a_draft_is_completed_submitted_returned_and_submitted_again(given, database):
    number = acts.planned(database, submit=False)
    with pytest.raises(NotFound):
        acts.activity(database, number, person=acts.MANAGER)
    acts.edited(database, number, 1, title="新品发布会")
    with pytest.raises(Conflict) as refusal:
        acts.edited(database, number, 1)
    assert refusal.value.code == "edited_meanwhile"
    acts.submitted(database, number, 2)
    with pytest.raises(Conflict):
        acts.edited(database, number, 3)
    with pytest.raises(Invalid):
        acts.returned(database, number, reason="")
    acts.returned(database, number)
    found = acts.activity(database, number)
    assert (found.state, found.reason, found.title) == ("returned", "请补充参会名单", "新品发布会")
    acts.edited(database, number, found.revision, text="名单见附件")
    acts.submitted(database, number, found.revision + 1)
    acts.rejected(database, number)
    with pytest.raises(Conflict):
        acts.withdrawn(database, number)


def test_what_is_withdrawn_or_closed_is_free_again(given, database):
    pot = acts.open_pot(database)
    acts.withdrawn(database, acts.open_activity(database, pot))
    assert figures(database, pot) == ("1000.00", "0.00", "0.00")
    number = acts.open_activity(database, pot)
    acts.reserve(database, "CL-1", "150.00", activity=number)
    with pytest.raises(Conflict):
        acts.withdrawn(database, number)
    with pytest.raises(Conflict) as refusal:
        acts.closed(database, number)
    assert refusal.value.code == "activity_claimed"
    acts.spend(database, "CL-1", "120.00")
    acts.closed(database, number)
    assert figures(database, pot) == ("1000.00", "0.00", "120.00")
    assert acts.sums_differ(database) == []


def test_another_regions_manager_and_the_rival_find_nothing(given, database):
    pot, number = acts.open_pot(database), acts.planned(database)
    with pytest.raises(NotFound):
        acts.approved(database, number, pot, person=cast.south_manager)
    rival = cast.yuegang.buyer
    for act in (
        lambda: acts.withdrawn(database, number, person=rival),
        lambda: acts.submitted(database, number, 1, person=rival),
        lambda: acts.edited(database, number, 1, person=rival),
        lambda: acts.activity(database, number, person=rival),
    ):
        with pytest.raises(NotFound):
            act()
    with pytest.raises(Forbidden):
        acts.approved(database, number, pot, person=acts.PROPOSER)
    with pytest.raises(Forbidden):
        acts.planned(database, person=cast.huadong.finance)
