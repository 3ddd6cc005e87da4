"""What a series is likely to go on with, and how much stock that needs."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.planning.advice_rules import (
    Levels,
    Position,
    Terms,
    TermsChange,
    cover_days,
    default_terms,
    levels,
    merged,
    proposed,
    surplus,
    terms_faults,
)
from portal.planning.forecast_rules import (
    MONTHLY,
    NOTHING,
    TREND_BOUNDS,
    WEEKLY,
    Forecast,
    Method,
    forecast,
    series,
    trend_of,
)

UNITS = st.lists(st.integers(0, 10_000), max_size=130)
LONG_KNOWN = st.lists(st.integers(0, 500), min_size=26, max_size=130)
SHARES = st.integers(500, 999).map(lambda one: Decimal(one) / 1000)
TERMS = st.builds(Terms, st.integers(1, 365), st.integers(1, 90), SHARES)
POSITIONS = st.builds(Position, *[st.integers(0, 100_000)] * 3)
TRENDS = st.floats(*TREND_BOUNDS)


def test_a_series_begins_with_the_first_week_in_which_anything_was_asked_for():
    assert series({3: 5, 1: 2}) == [5, 0, 2]
    assert series({}) == []
    assert len(series({WEEKLY.history + 1: 7, 2: 1})) == WEEKLY.history


def test_nothing_is_expected_of_what_nobody_asked_for_in_the_longest_window():
    assert forecast([]) == forecast([0] * 104) == forecast([90] * 26 + [0] * 78) == NOTHING


def test_little_known_is_spread_over_the_least_number_of_weeks():
    one = forecast([16])
    assert (one.method, one.mean) == (Method.NEW, 2.0)
    assert forecast([4] * 12).mean == 4.0 and forecast([4] * 12).method is Method.NEW
    assert forecast([4] * 13).method is Method.LEVEL


def test_a_level_is_the_mean_of_three_windows_times_the_trend():
    units = [0] * 26 + [3] * 26 + [6] * 26
    one = forecast(units, trend=1.5)
    assert one.method is Method.LEVEL
    assert one.mean == pytest.approx((6 + 4.5 + 3) / 3 * 1.5)


@pytest.mark.parametrize("total", [[], [9] * 51, [0] * 104], ids=["none", "short", "nothing"])
def test_a_total_that_tells_nothing_leaves_the_levels_alone(total):
    assert trend_of(total) == 1.0


def test_a_total_that_grows_lifts_and_one_that_falls_lowers_within_bounds():
    assert trend_of([100] * 104) == pytest.approx(1.0)
    assert 1.0 < trend_of([100 + week for week in range(104)]) <= TREND_BOUNDS[1]
    assert TREND_BOUNDS[0] <= trend_of([300 - 2 * week for week in range(104)]) < 1.0
    assert trend_of([1] * 90 + [5_000] * 14) == TREND_BOUNDS[1]


@given(UNITS, TRENDS, TERMS, POSITIONS, st.integers(1, 500))
def test_nothing_is_ever_negative_and_what_is_brought_comes_in_whole_packs(
    units, trend, terms, position, pack
):
    weekly = forecast(units, trend)
    needed = levels(weekly, terms)
    assert weekly.mean >= 0 and weekly.spread >= 0
    assert 0 <= needed.safety_stock <= needed.reorder_point <= needed.order_up_to
    quantity = proposed(needed, position, pack)
    assert quantity >= 0 and quantity % pack == 0
    if quantity:
        lacking = needed.order_up_to - position.units
        assert lacking <= quantity < lacking + pack
    assert surplus(needed, position) >= 0
    assert not (quantity and surplus(needed, position))
    days = cover_days(weekly, position)
    assert days is None or days >= 0


@given(LONG_KNOWN, TRENDS, TERMS, SHARES)
def test_more_service_never_means_less_stock(units, trend, terms, other):
    weekly = forecast(units, trend)
    low, high = sorted((terms.service_level, other))
    less, more = (levels(weekly, Terms(terms.lead_days, terms.review_days, share)) for share in (low, high))
    assert less.safety_stock <= more.safety_stock
    assert less.reorder_point <= more.reorder_point
    assert less.order_up_to <= more.order_up_to


@given(LONG_KNOWN, TERMS, st.integers(1, 365))
def test_a_longer_way_never_means_less_stock(units, terms, other):
    short, long = sorted((terms.lead_days, other))
    less, more = (
        levels(forecast(units), Terms(days, terms.review_days, terms.service_level)) for days in (short, long)
    )
    assert less.reorder_point <= more.reorder_point and less.order_up_to <= more.order_up_to


@given(st.integers(0, 130), TERMS, POSITIONS, st.integers(1, 500))
def test_of_what_nobody_asks_for_nothing_is_brought(weeks, terms, position, pack):
    needed = levels(forecast([0] * weeks), terms)
    assert needed == Levels(0, 0, 0)
    assert proposed(needed, Position(position.free, position.coming, 0), pack) == 0


def test_sixty_a_month_with_a_spread_of_eighteen_need_ninety():
    """30 days to be covered at 95 %: 60 + 1.645 × 18; 25 are there, so 65 lack, 70 in tens."""
    month = 30 / 7
    weekly = Forecast(Method.LEVEL, 60 / month, 18 / month**0.5)
    needed = levels(weekly, Terms(23, 7, Decimal("0.95")))
    assert needed.order_up_to == 90
    assert proposed(needed, Position(25, 0, 0), 10) == 70
    assert proposed(needed, Position(25, 65, 0), 10) == 0


def test_nothing_is_brought_above_the_reorder_point_and_waiting_orders_count():
    needed = Levels(10, 40, 60)
    assert proposed(needed, Position(41, 0, 0), 1) == 0
    assert proposed(needed, Position(40, 0, 0), 1) == 20
    assert proposed(needed, Position(41, 0, 5), 1) == 24
    assert surplus(needed, Position(100, 0, 15)) == 25


def test_what_is_set_for_a_product_goes_before_its_warehouse():
    everywhere = default_terms(30)
    warehouse = TermsChange(lead_days=14, service_level=Decimal("0.9"))
    product = TermsChange(service_level=Decimal("0.99"))
    assert merged(everywhere, (warehouse, product)) == Terms(14, 7, Decimal("0.99"))
    assert merged(everywhere, ()) == everywhere


@pytest.mark.parametrize(
    ("change", "pointers"),
    [
        (TermsChange(0, 91, Decimal("0.4")), ["/lead_days", "/review_days", "/service_level"]),
        (TermsChange(366, 0, Decimal("1")), ["/lead_days", "/review_days", "/service_level"]),
        (TermsChange(1, 1, Decimal("0.5")), []),
        (TermsChange(365, 90, Decimal("0.999")), []),
        (TermsChange(), []),
    ],
)
def test_terms_out_of_range_are_told_beside_their_fields(change, pointers):
    assert [fault.pointer for fault in terms_faults(change)] == pointers


def test_months_are_counted_by_the_same_rules():
    assert forecast([4] * 18, cadence=MONTHLY).mean == 4.0
    assert forecast([4] * 2, cadence=MONTHLY).method is Method.NEW
