"""What is settled adds up: by period, by part, under any limit."""

from __future__ import annotations

from datetime import date
from decimal import ROUND_HALF_UP
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
    least = guaranteed or D(0)
    before = PeriodAccount(
        date(2026, 6, 1), "2026-06", earlier, D(500), D(0), True, max(least - 500, D(0)), D(0)
    )
    rows = settled_now(
        account(str(accrued), advanced=str(advanced)),
        [before],
        carried_in=carried,
        guaranteed=guaranteed,
        minimum_payout=minimum,
    )
    paid = sum(row.paid for row in rows)
    due = max(accrued, least) + carried + max(earlier, least) - max(D(500), least) - advanced
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


def settled_before(accrued, settled, *, guaranteed="0", cut="0"):
    return PeriodAccount(DAY, "2026-07", D(accrued), D(settled), D(0), True, D(guaranteed), D(cut))


def paid_by(account_, **how):
    return sum(row.paid for row in adjusted_now([account_], **how))


def test_what_a_guarantee_has_paid_is_not_paid_again_and_still_holds_for_less():
    topped_up = settled_before("800", "600", guaranteed="400")
    assert paid_by(topped_up, guaranteed=D(1000)) == 0
    assert paid_by(settled_before("1300", "600", guaranteed="400"), guaranteed=D(1000)) == 300
    assert paid_by(settled_before("600", "1200"), guaranteed=D(1000)) == -200


def test_what_was_cut_is_not_taken_back():
    assert paid_by(settled_before("400", "1000", cut="500")) == -100
    assert paid_by(settled_before("800", "1000", cut="500")) == 0
    [row] = adjusted_now([settled_before("800", "1000", cut="500")])
    assert (row.accrued, row.cut) == (-200, -200)


def test_what_waits_for_the_next_settlement_is_not_taken_back_from_what_was_never_paid():
    [row] = adjusted_now([settled_before("0", "50")], waiting=D(50))
    assert (row.accrued, row.carried_in, row.paid) == (-50, 50, 0)


@given(FEN, FEN, FEN, FEN, st.none() | FEN)
def test_adjustments_never_take_more_than_was_paid_nor_pay_more_than_is_earned(was, now, later, cut, least):
    cut = min(cut, max(was, least or was))
    paid, guaranteed = max(was, least or was) - cut, max((least or was) - was, D(0))
    for before, after in ((was, now), (now, later)):
        period = PeriodAccount(DAY, "2026-07", after, before, D(0), True, guaranteed, cut)
        for row in adjusted_now([period], guaranteed=least):
            paid, guaranteed, cut = paid + row.paid, guaranteed + row.guaranteed, cut + row.cut
        assert 0 <= paid <= max(after, least or after)
        assert cut >= 0


def test_more_than_was_earned_is_spread_over_what_was_bought_and_no_part_exceeds_it():
    assert apportioned(D(1000), [D(1000), D("-999.99")]) == [D(1000), 0]
    assert apportioned(D(-10), [D(3), D(-4), D(-1)]) == [0, D(-8), D(-2)]


@given(FEN, FEN)
def test_an_advance_that_a_limit_makes_smaller_is_taken_off_as_it_was_paid(accrued, most):
    rows = limited(advanced_now(account(str(accrued)), D(60)), most)
    paid = sum(row.paid for row in rows)
    assert paid == min((accrued * 60 / 100).quantize(D("0.01"), ROUND_HALF_UP), most)
    final = settled_now(account(str(accrued), advanced=str(-sum(row.advanced for row in rows))), [])
    assert paid + sum(row.paid for row in final) == accrued
    assert not any(row.cut for row in rows)
