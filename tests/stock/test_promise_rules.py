"""What can be delivered when, and who is served first."""

from __future__ import annotations

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from portal.stock.promise_rules import Arrival, Waiting, deliverable_on, filled, in_stock

TODAY = date(2026, 11, 20)
SOON = date(2026, 11, 27)
UNITS = st.integers(0, 500)


def test_what_is_on_its_way_is_promised_to_nobody_twice():
    assert deliverable_on(40, Arrival(100, 60, SOON), TODAY, 30) == SOON
    assert deliverable_on(41, Arrival(100, 60, SOON), TODAY, 30) == TODAY + timedelta(days=30)


def test_an_arrival_that_is_overdue_counts_from_today():
    assert deliverable_on(1, Arrival(10, 0, TODAY - timedelta(days=3)), TODAY, 30) == TODAY


def test_goods_on_their_way_without_a_day_promise_nothing():
    assert deliverable_on(1, Arrival(10, 0, None), TODAY, 7) == TODAY + timedelta(days=7)


@given(UNITS, UNITS, st.integers(1, 12))
def test_stock_serves_whole_packs_or_all(wanted, available, multiple):
    served = in_stock(wanted, available, multiple)
    assert 0 <= served <= min(wanted, available)
    assert served == wanted or served % multiple == 0
    assert served == wanted or available - served < multiple


@given(st.lists(st.tuples(st.integers(1, 40), st.integers(1, 6)), max_size=8), UNITS)
def test_goods_go_to_the_first_come_and_never_twice(lines, available):
    waiting = [Waiting((1, place, 1), units, multiple) for place, (units, multiple) in enumerate(lines)]
    served = filled(waiting, available)
    assert sum(served.values()) <= available
    assert all(0 < served[line.key] <= line.units for line in waiting if line.key in served)
    left = available
    for line in waiting:
        got = served.get(line.key, 0)
        assert got == in_stock(line.units, left, line.multiple)
        left -= got
