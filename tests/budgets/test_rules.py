"""What can be planned and proposed, and how a pot stands."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal as D

import pytest
from hypothesis import given as each
from hypothesis import strategies as st

from portal.budgets.rules import (
    LIFE,
    ActivityAct,
    ActivityState,
    Held,
    acts,
    after,
    approved_faults,
    plan_faults,
    pot_faults,
    reason_faults,
    standing,
)
from portal.kernel.errors import Conflict
from tests.budgets.acts import plan, pot

FIRST = date(2026, 1, 1)
CENTS = st.integers(0, 10**8).map(lambda cents: D(cents) / 100)


def codes(faults):
    return {one.pointer: one.code for one in faults}


def test_a_whole_plan_has_no_fault():
    assert plan_faults(plan()) == [] and pot_faults(pot()) == []
    assert plan_faults(plan(text="一\r\n二")) == []


def test_every_fault_of_a_plan_is_told_at_once():
    wrong = plan(
        kind="party", title=" ", place="x" * 121, text="a\x00b", last_day=FIRST, amount=D("100000000.00")
    )
    assert codes(plan_faults(wrong)) == {
        "/kind": "kind",
        "/title": "missing",
        "/place": "too_long",
        "/text": "unprintable",
        "/last_day": "ends_before",
        "/amount": "amount",
    }
    assert codes(plan_faults(replace(plan(), first_day=None, last_day=None, amount=None))).keys() == {
        *("/first_day", "/last_day", "/amount")
    }
    assert codes(plan_faults(plan(last_day=plan().first_day + timedelta(days=1099)))) == {
        "/last_day": "too_long"
    }


def test_a_pot_of_a_programme_names_it_and_no_other_does():
    assert codes(pot_faults(pot(kind="programme"))) == {"/programme": "programme_missing"}
    assert codes(pot_faults(pot(programme="FL-1"))) == {"/programme": "programme"}
    assert codes(pot_faults(pot(title_en="", kind="fun", reason="r" * 501))) == {
        "/title_en": "missing",
        "/kind": "kind",
        "/reason": "too_long",
    }


@each(CENTS, CENTS)
def test_what_is_approved_is_more_than_nothing_and_at_most_what_is_planned(amount, planned):
    assert (approved_faults(amount, planned) == []) == (0 < amount <= planned)


def test_nothing_is_refused_without_a_reason():
    assert codes(reason_faults("  ")) == {"/reason": "reason_missing"}
    assert reason_faults("", required=False) == [] and reason_faults("太贵") == []
    assert codes(approved_faults(None, D(1))) == {"/amount": "amount"}


@pytest.mark.parametrize("state", ActivityState)
@pytest.mark.parametrize("act", ActivityAct)
def test_whatever_the_life_does_not_name_is_refused(state, act):
    if (state, act) in LIFE:
        assert after(state, act) is LIFE[state, act] and act in acts(state)
    else:
        with pytest.raises(Conflict) as refusal:
            after(state, act)
        assert refusal.value.code == "activity_state" and act not in acts(state)


@pytest.mark.parametrize(
    ("reserved", "spent", "day", "expected"),
    [
        ("0", "0", 1, "even"),
        ("0", "0", 66, "even"),
        ("0", "0", 67, "under"),
        ("33.33", "0", 67, "under"),
        ("33.34", "0", 67, "even"),
        ("45", "44.99", 67, "even"),
        ("45", "45", 1, "over"),
        ("0", "0", 500, "under"),
    ],
)
def test_how_a_pot_of_a_hundred_yuan_and_a_hundred_days_stands(reserved, spent, day, expected):
    held = Held(D(100), D(reserved), D(spent))
    last = FIRST + timedelta(days=99)
    assert standing(held, first=FIRST, last=last, today=FIRST + timedelta(days=day - 1)) == expected


@each(CENTS, CENTS, CENTS)
def test_a_pot_is_free_reserved_and_spent_and_nothing_else(amount, reserved, spent):
    assert Held(amount, reserved, spent).free + reserved + spent == amount
