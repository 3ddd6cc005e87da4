"""What claims reserve, give back and spend, alone and at once: a pot's figures are always the sums."""

from __future__ import annotations

from random import Random

import pytest

from portal.kernel.errors import Conflict, Invalid
from tests import cast
from tests.budgets import acts
from tests.budgets.acts import D, figures
from tests.races import failures, together
from tests.rebates.acts import percents, published


def test_a_claim_takes_its_part_of_the_activity(given, database):
    pot = acts.open_pot(database)
    number = acts.open_activity(database, pot)
    acts.reserve(database, "CL-1", "150.00", activity=number)
    assert acts.activity(database, number).left == D("250.00")
    assert figures(database, pot) == ("1000.00", "400.00", "0.00")
    acts.reserve(database, "CL-1", "400.00", activity=number)
    acts.reserve(database, "CL-1", "100.00", activity=number)
    assert acts.activity(database, number).left == D("300.00")
    acts.spend(database, "CL-1", "80.00")
    acts.spend(database, "CL-1", "80.00")
    assert acts.activity(database, number).left == D("320.00")
    assert figures(database, pot) == ("1000.00", "320.00", "80.00")
    for act in (
        lambda: acts.spend(database, "CL-1", "79.99"),
        lambda: acts.release(database, "CL-1"),
        lambda: acts.reserve(database, "CL-1", "1.00", activity=number),
    ):
        with pytest.raises(Conflict) as refusal:
            act()
        assert refusal.value.code == "budget_spent"
    assert acts.sums_differ(database) == []


def test_a_dealer_learns_what_its_activity_has_left_and_nothing_of_pots(given, database):
    pot = acts.open_pot(database)
    number = acts.open_activity(database, pot)
    with pytest.raises(Conflict) as refusal:
        acts.reserve(database, "CL-1", "400.01", activity=number)
    assert refusal.value.code == "budget_exhausted" and "1000" not in str(refusal.value)
    _, programme = published(database, tiers_of=percents(("0", "2")), budget=D("50.00"))
    with pytest.raises(Conflict) as refusal:
        acts.reserve(database, "CL-2", "50.01", programme=programme)
    assert refusal.value.code == "budget_exhausted" and refusal.value.params == {}
    with pytest.raises(Conflict) as refusal:
        acts.reserve(database, "CL-2", "50.01", programme=programme, person=acts.COLLEAGUE)
    assert refusal.value.params == {"left": D("50.00")}


def test_a_released_claim_gives_back_and_may_come_again(given, database):
    number = acts.open_activity(database, acts.open_pot(database))
    acts.release(database, "CL-NONE")
    acts.reserve(database, "CL-1", "400.00", activity=number)
    acts.release(database, "CL-1")
    acts.release(database, "CL-1")
    assert acts.activity(database, number).left == D("400.00")
    with pytest.raises(Conflict):
        acts.spend(database, "CL-1", "1.00")
    acts.reserve(database, "CL-1", "30.00", activity=number)
    assert acts.activity(database, number).left == D("370.00")
    assert acts.sums_differ(database) == []


def test_a_claim_moves_from_one_activity_to_another(given, database):
    pot, other = acts.open_pot(database), acts.open_pot(database)
    first, second = acts.open_activity(database, pot), acts.open_activity(database, other)
    acts.reserve(database, "CL-1", "300.00", activity=first)
    acts.reserve(database, "CL-1", "350.00", activity=second)
    assert acts.activity(database, first).left == D("400.00")
    assert acts.activity(database, second).left == D("50.00")
    acts.reserve(database, "CL-1", "350.00")
    assert acts.activity(database, second).left == D("400.00")
    assert acts.sums_differ(database) == []


def test_only_an_open_activity_of_ones_own_is_drawn_on(given, database):
    waiting = acts.planned(database)
    with pytest.raises(Conflict) as refusal:
        acts.reserve(database, "CL-1", "1.00", activity=waiting)
    assert refusal.value.code == "activity_not_open"
    theirs = acts.planned(database, person=cast.yuegang.buyer)
    for number in (theirs, "AC-NONE"):
        with pytest.raises(Invalid) as refusal:
            acts.reserve(database, "CL-1", "1.00", activity=number)
        assert refusal.value.faults[0].code == "unknown_activity"


def test_a_programme_without_a_budget_limits_nothing(given, database):
    _, programme = published(database, tiers_of=percents(("0", "2")))
    acts.reserve(database, "CL-1", "999999.00", programme=programme)
    acts.spend(database, "CL-1", "999999.00")
    acts.release(database, "CL-1")


def test_what_is_not_spent_of_a_programmes_pot_is_free_again(given, database):
    _, programme = published(database, tiers_of=percents(("0", "2")), budget=D("50.00"))
    acts.reserve(database, "CL-1", "50.00", programme=programme)
    acts.spend(database, "CL-1", "20.00")
    acts.reserve(database, "CL-2", "30.00", programme=programme)
    with pytest.raises(Conflict):
        acts.reserve(database, "CL-3", "0.01", programme=programme)
    acts.release(database, "CL-2")
    acts.reserve(database, "CL-3", "0.01", programme=programme)
    assert acts.sums_differ(database) == []


def test_reservations_at_once_never_exceed_the_activity(given, database):
    pot = acts.open_pot(database)
    number = acts.open_activity(database, pot)
    outcomes = together(5, lambda place: acts.reserve(database, f"CL-{place}", "150.00", activity=number))
    assert len(failures(outcomes)) == 3
    assert acts.activity(database, number).left == D("100.00")
    assert acts.sums_differ(database) == []


def test_whatever_many_do_at_once_the_sums_agree(given, database):
    _, programme = published(database, tiers_of=percents(("0", "2")), budget=D("200.00"))
    pot = acts.open_pot(database)
    activities = [acts.open_activity(database, pot, "300.00") for _ in range(2)]

    def run(place):
        chance = Random(place)
        for turn in range(12):
            document = f"CL-{place}-{chance.randrange(3)}"
            source = chance.choice(
                ({"activity": activities[0]}, {"activity": activities[1]}, {"programme": programme})
            )
            amount = str(D(chance.randrange(0, 20000)) / 100)
            try:
                if turn % 4 == 3:
                    acts.spend(database, document, amount)
                elif turn % 4 == 2:
                    acts.release(database, document)
                else:
                    acts.reserve(database, document, amount, **source)
            except Conflict:
                continue

    assert failures(together(4, run)) == []
    assert acts.sums_differ(database) == []
    amount, reserved, spent = map(D, figures(database, pot))
    assert reserved + spent <= amount
