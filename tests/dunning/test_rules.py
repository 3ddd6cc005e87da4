"""When a debt is demanded, at which level, and what interest it bears."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.dunning.rules import Debt, Policy, Tone, demand, interest, policy_faults

DAY = date(2026, 11, 28)
POLICY = Policy((7, 21, 45), Decimal("100.00"), Decimal("0.0500"), 360, 3, 7)


def debt(late: int, amount: str = "200.00", was: int = 0, *, disputed: bool = False, entry: int = 1) -> Debt:
    due = DAY - timedelta(days=late)
    return Debt(entry, f"IN{entry}", due, due, Decimal(amount), was, due, disputed)


@pytest.mark.parametrize(
    ("late", "was", "level"),
    [
        (6, 0, None),
        (7, 0, 1),
        (21, 0, 1),
        (20, 1, None),
        (21, 1, 2),
        (44, 2, None),
        (45, 2, 3),
        (400, 3, None),
    ],
)
def test_a_debt_rises_by_one_level_a_letter_and_never_above_its_days(late, was, level):
    found = demand([debt(late, was=was)], POLICY, DAY)
    assert (found and found.level) == level


def test_a_debt_does_not_rise_while_the_days_that_a_letter_gave_are_not_over():
    given_until = [replace(debt(60, was=1), pay_by=DAY + timedelta(days=days)) for days in (0, -1)]
    assert [found and found.level for found in (demand([one], POLICY, DAY) for one in given_until)] == [
        None,
        2,
    ]


def test_a_letter_names_what_is_overdue_and_not_what_is_disputed():
    debts = [debt(30, was=1, entry=2), debt(8, entry=1), debt(3, entry=3), debt(60, disputed=True, entry=4)]
    found = demand(debts, POLICY, DAY)
    assert [(one.debt.entry_id, one.level) for one in found.items] == [(2, 2), (1, 1)]
    assert (found.level, found.amount) == (2, Decimal("400.00"))
    assert demand([debt(9, "99.99")], POLICY, DAY) is None, "below the smallest amount"
    assert demand([debt(9, disputed=True)], POLICY, DAY) is None


@given(st.lists(st.tuples(st.integers(0, 90), st.integers(1, 10**9), st.integers(0, 3)), max_size=6))
def test_a_demand_adds_up_and_no_level_falls_or_jumps(said):
    debts = [debt(late, f"{fen / 100:.2f}", was, entry=n) for n, (late, fen, was) in enumerate(said)]
    found = demand(debts, POLICY, DAY)
    if found is None:
        return
    assert found.amount == sum(one.debt.amount for one in found.items) >= POLICY.minimum
    assert found.interest == sum(one.interest for one in found.items)
    assert all(0 <= one.level - one.debt.was_level <= 1 for one in found.items)
    assert any(one.level > one.debt.was_level for one in found.items)


def test_interest_is_simple_and_rounded_a_debt():
    # 1,234.56 × 5 % × 31 ÷ 360 = 5.3155…; by 365 days 5.2427…
    assert interest(Decimal("1234.56"), 31, POLICY) == Decimal("5.32")
    by_365 = Policy((7,), Decimal(0), Decimal("0.05"), 365, None, 7)
    assert interest(Decimal("1234.56"), 31, by_365) == Decimal("5.24")
    none = Policy((7,), Decimal(0), None, 365, None, 7)
    assert interest(Decimal("1234.56"), 31, none) == interest(Decimal("1"), 0, POLICY) == 0


def test_the_first_letter_reminds_and_the_last_is_the_last():
    assert [POLICY.tone(level) for level in (1, 2, 3)] == [Tone.REMINDER, Tone.DEMAND, Tone.LAST]


@pytest.mark.parametrize(
    ("changes", "pointers"),
    [
        ({}, []),
        ({"days": ()}, ["/days", "/stop_level"]),
        ({"days": (7, 7, 9)}, ["/days"]),
        ({"days": (0, 7, 9)}, ["/days"]),
        ({"minimum": Decimal("-1")}, ["/minimum"]),
        ({"interest_rate": Decimal("0.25")}, ["/interest_rate"]),
        ({"day_count": 366}, ["/day_count"]),
        ({"stop_level": 4}, ["/stop_level"]),
        ({"respite": 0}, ["/respite"]),
    ],
)
def test_every_fault_of_a_policy_is_told(changes, pointers):
    usual = {name: getattr(POLICY, name) for name in Policy.__slots__}
    assert [fault.pointer for fault in policy_faults(Policy(**usual | changes), "因为")] == pointers
