"""What is settled adds up: by period, by part, under any limit."""

from __future__ import annotations

from datetime import date
from decimal import Decimal as D

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.settlements.rules import (
    PeriodAccount,
    SettlementKind,
    adjusted_now,
    advanced_now,
    apportioned,
    limited,
    settled_now,
)

FEN = st.decimals(0, 10**6, places=2)
DAY = date(2026, 7, 1)


def account(accrued="0", settled="0", advanced="0", *, is_settled=False, day=DAY):
    return PeriodAccount(day, day.strftime("%Y-%m"), D(accrued), D(settled), D(advanced), is_settled)


@given(FEN, st.lists(st.decimals(-1000, 10**5, places=2), min_size=1, max_size=30))
def test_parts_add_up_to_the_total(total, weights):
    if sum(weights):
        assert sum(apportioned(total, weights)) == total


@given(st.lists(FEN, min_size=1, max_size=30))
def test_an_amount_in_parts_by_itself_is_itself(weights):
    if total := sum(weights):
        assert apportioned(total, weights) == weights


@given(FEN, FEN, FEN, FEN, st.none() | FEN, st.none() | FEN)
def test_what_is_paid_is_what_is_due(accrued, advanced, earlier, carried, guaranteed, minimum):
    before = account(str(earlier), "500", is_settled=True, day=date(2026, 6, 1))
    rows = settled_now(
        account(str(accrued), advanced=str(advanced)),
        [before],
        carried_in=carried,
        guaranteed=guaranteed,
        minimum_payout=minimum,
    )
    paid = sum(row.paid for row in rows)
    due = max(accrued, guaranteed or accrued) + carried + earlier - 500 - advanced
    assert paid + rows[0].carried_out == due
    if minimum is not None and 0 <= due < minimum:
        assert paid == 0
    else:
        assert not rows[0].carried_out


@given(FEN, FEN)
def test_no_more_is_paid_than_the_limit_and_the_rest_is_cut(accrued, most):
    rows = limited(settled_now(account(str(accrued)), []), most)
    assert sum(row.paid for row in rows) == min(accrued, most)
    assert rows[0].cut == max(accrued - most, 0)


def test_a_period_that_did_not_change_is_not_adjusted():
    assert adjusted_now([account("10", "10", is_settled=True), account("10", "4")]) == []
    [row] = adjusted_now([account("6", "10", is_settled=True)])
    assert (row.kind, row.paid) == (SettlementKind.ADJUSTMENT, -4)


@pytest.mark.parametrize(
    ("advanced", "percent", "paid"), [("0", "33.33", "33.33"), ("30", "50", "20.00"), ("50", "50", None)]
)
def test_an_advance_is_a_share_less_what_was_advanced(advanced, percent, paid):
    rows = advanced_now(account("100", advanced=advanced), D(percent))
    assert [str(row.paid) for row in rows] == ([paid] if paid else [])


def test_nothing_is_advanced_on_what_is_settled():
    assert advanced_now(account("100", "100", is_settled=True), D(50)) == []
