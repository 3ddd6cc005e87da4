"""A claim holds its part of the activity from its submission on, and spends what is granted."""

from __future__ import annotations

import pytest

from portal.claims.rules import Decision
from portal.kernel.errors import Conflict, Invalid
from tests.budgets import acts
from tests.budgets.acts import figures
from tests.claims import acts as claims
from tests.claims.acts import an_invoice
from tests.races import failures, together
from tests.rebates.acts import percents


@pytest.fixture
def activity(given, database):
    """An activity of last month, approved for ¥400, and its pot."""
    days = {"first_day": claims.LAST_MONTH_BEGINS, "last_day": claims.LAST_MONTH_ENDS}
    pot = acts.open_pot(database, first_day=claims.LAST_MONTH_BEGINS)
    return acts.open_activity(database, pot, **days), pot


def entry(activity, amount="300.00", number="1"):
    return claims.expenses(amount, activity=activity, invoices=(an_invoice(number, amount),))


def test_what_is_granted_is_spent_and_the_rest_goes_back(activity, database):
    number, pot = activity
    claim = claims.claimed(database, entry(number))
    assert acts.activity(database, number).left == acts.D(100)
    claims.decided(database, claim, amount="250.00", reason="按标准")
    assert acts.activity(database, number).left == acts.D(150)
    assert figures(database, pot) == ("1000.00", "150.00", "250.00")
    assert acts.sums_differ(database) == []


def test_a_claim_that_came_back_still_holds_its_part_and_a_rejected_one_does_not(activity, database):
    number, _ = activity
    claim = claims.claimed(database, entry(number))
    claims.decided(database, claim, Decision.RETURN, reason="缺签到表")
    assert acts.activity(database, number).left == acts.D(100)
    claims.edited(database, claim, entry(number, "200.00"))
    claims.submitted(database, claim)
    assert acts.activity(database, number).left == acts.D(200)
    claims.decided(database, claim, Decision.REJECT, reason="不符")
    assert acts.activity(database, number).left == acts.D(400)
    other = claims.claimed(database, entry(number, number="2"))
    claims.withdrawn(database, other)
    assert acts.activity(database, number).left == acts.D(400)


def test_no_more_is_claimed_than_was_approved_by_whoever_comes_first(activity, database):
    number, pot = activity
    drafts = [claims.drafted(database, entry(number, number=str(one))).number for one in range(3)]
    refusals = failures(together(3, lambda place: claims.submitted(database, drafts[place])))
    assert [one.code for one in refusals] == ["budget_exhausted"] * 2
    assert acts.activity(database, number).left == acts.D(100)
    assert figures(database, pot) == ("1000.00", "400.00", "0.00")
    with pytest.raises(Invalid) as refusal:
        claims.claimed(database, entry("AC-NONE"))
    assert refusal.value.faults[0].pointer == "/activity"


def test_a_period_is_held_in_the_pot_of_its_programme(given, database):
    programme = claims.a_programme(given, database, budget=acts.D("10.00"), tiers_of=percents(("0", "2")))
    claim = claims.drafted(database, claims.of_period(programme)).number
    with pytest.raises(Conflict) as refusal:
        claims.submitted(database, claim)
    assert refusal.value.code == "budget_exhausted" and "10.00" not in str(refusal.value)
