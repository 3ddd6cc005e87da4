"""Whose order needs approval, when a recurring order is due, and how a draft moves."""

from __future__ import annotations

import re
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.kernel.errors import Conflict
from portal.purchasing import rules
from portal.purchasing.rules import DraftAct, DraftState

DAYS = st.dates(date(2024, 1, 1), date(2032, 12, 31))
ORDERING = ("dealer_buyer", "dealer_owner")


@pytest.mark.parametrize(
    ("amounts", "roles", "expected"),
    [
        ({}, ["dealer_buyer"], None),
        ({"role:dealer_buyer": 5}, ["dealer_buyer"], 5),
        ({"role:dealer_buyer": 5, "user:7": 9}, ["dealer_buyer"], 9),
        ({"role:dealer_buyer": 5, "user:7": 0}, ["dealer_buyer"], 0),
        ({"role:dealer_buyer": 5, "user:8": 9}, ["dealer_buyer"], 5),
        ({"role:dealer_buyer": 5}, ["dealer_buyer", "dealer_owner"], None),
        ({"role:dealer_buyer": 5, "role:dealer_owner": 8}, ["dealer_buyer", "dealer_owner"], 8),
        ({"role:dealer_buyer": 5}, ["dealer_buyer", "dealer_finance"], 5),
        ({"systems": 3}, ["dealer_buyer"], None),
    ],
)
def test_the_amount_is_that_of_the_person_then_of_the_most_generous_role(amounts, roles, expected):
    known = {subject: Decimal(amount) for subject, amount in amounts.items()}
    assert rules.amount_for(known, user_id=7, roles=roles, ordering=ORDERING) == expected


@pytest.mark.parametrize(
    ("amounts", "roles", "expected"),
    [
        ({}, ["own-a"], None),
        ({"role:dealer_buyer": 5}, ["own-a"], 5),
        ({"role:dealer_buyer": 5, "role:dealer_owner": 3}, ["own-a"], 3),
        ({"role:dealer_buyer": 5, "role:own-a": 9}, ["own-a"], 9),
        ({"role:dealer_buyer": 5, "role:own-a": 2}, ["own-a", "dealer_buyer"], 5),
        ({"role:dealer_buyer": 5}, ["own-a", "dealer_buyer"], 5),
        ({"role:dealer_buyer": 5}, ["own-a", "dealer_owner"], None),
        ({"role:dealer_buyer": 5}, ["own-b", "dealer_finance"], None),
        ({"role:own-a": 9}, ["own-a", "dealer_buyer"], None),
        ({"user:7": 1, "role:own-a": 9}, ["own-a"], 1),
    ],
)
def test_a_role_of_the_dealers_own_is_no_way_around_an_amount(amounts, roles, expected):
    known = {subject: Decimal(amount) for subject, amount in amounts.items()}
    found = rules.amount_for(known, user_id=7, roles=roles, ordering=ORDERING, composed={"own-a"})
    assert found == expected


def test_the_dealers_systems_have_an_amount_of_their_own():
    amounts = {"systems": Decimal(3), "role:dealer_buyer": Decimal(5)}
    assert rules.amount_for(amounts, user_id=None, roles=(), ordering=ORDERING) == 3
    assert rules.amount_for({}, user_id=None, roles=(), ordering=ORDERING) is None


@given(DAYS, st.integers(1, 7))
def test_a_week_has_one_date_and_it_is_the_next(after, day):
    found = rules.next_date("weekly", day, after)
    assert found.isoweekday() == day and timedelta(0) < found - after <= timedelta(7)


@given(DAYS, st.integers(1, 31))
def test_every_month_has_exactly_one_date(after, day):
    first = rules.next_date("monthly", day, after)
    second = rules.next_date("monthly", day, first)
    assert first > after
    assert (second.year * 12 + second.month) - (first.year * 12 + first.month) == 1
    assert first.day == day or (first + timedelta(1)).month != first.month


@pytest.mark.parametrize(
    ("after", "day", "expected"),
    [("2026-01-30", 31, "2026-01-31"), ("2026-01-31", 31, "2026-02-28"), ("2028-02-01", 30, "2028-02-29")],
)
def test_a_short_month_has_its_date_on_the_last_day(after, day, expected):
    found = rules.next_date("monthly", day, date.fromisoformat(after))
    assert found == date.fromisoformat(expected)


@given(DAYS)
def test_what_falls_on_a_weekend_is_done_on_the_monday_after(day):
    done = rules.business_day(day)
    assert done.weekday() < 5 and done - day < timedelta(3)
    assert done == day or day.weekday() >= 5


def test_what_is_settled_moves_no_more():
    for state in (DraftState.PLACED, DraftState.TAKEN, DraftState.DISCARDED):
        for act in DraftAct:
            with pytest.raises(Conflict):
                rules.moved(state, act)


@pytest.mark.parametrize("name", ["", "a/b", "..", "x" * 61, "a\u202eb"])
def test_a_name_that_an_address_could_not_hold_is_none(name):
    assert rules.name_faults("/name", rules.plain(name))


def test_the_diagram_of_drafts_is_the_law():
    page = (Path(__file__).parents[2] / "docs" / "purchasing.md").read_text(encoding="utf-8")
    drawn = set(re.findall(r"^\s+(\w+) --> (\w+): (\w+)$", page, re.M))
    law = {(str(begin), str(end), str(act)) for (begin, act), end in rules.TRANSITIONS.items()}
    assert drawn == law
