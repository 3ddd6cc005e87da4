"""Business days belong to Shanghai, moments to UTC."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.kernel import clock

SHANGHAI = ZoneInfo("Asia/Shanghai")
days = st.dates(date(1992, 1, 1), date(2199, 12, 31))  # Shanghai had summer time until 1991


def test_the_present_is_aware_and_utc():
    assert clock.now().tzinfo is UTC


@pytest.mark.parametrize(
    ("moment", "day"),
    [
        ("2026-11-30T15:59:59Z", "2026-11-30"),
        ("2026-11-30T16:00:00Z", "2026-12-01"),
        ("2026-12-31T15:59:59.999999Z", "2026-12-31"),
        ("2026-12-31T16:00:00Z", "2027-01-01"),
        ("2028-02-28T16:00:00Z", "2028-02-29"),
    ],
)
def test_a_business_day_begins_at_midnight_in_shanghai(moment, day):
    assert clock.business_date(datetime.fromisoformat(moment), SHANGHAI) == date.fromisoformat(day)


@given(days)
def test_a_day_starts_on_itself_and_not_a_moment_earlier(day):
    start = clock.start_of(day, SHANGHAI)
    assert start.tzinfo is UTC
    assert clock.business_date(start, SHANGHAI) == day
    assert clock.business_date(start - timedelta(microseconds=1), SHANGHAI) == day - timedelta(days=1)


@pytest.mark.parametrize("skipped", [date(2026, 3, 29), date(2026, 10, 25)])
def test_a_zone_with_summer_time_has_no_lost_and_no_double_day(skipped):
    berlin = ZoneInfo("Europe/Berlin")
    assert clock.business_date(clock.start_of(skipped, berlin), berlin) == skipped
    assert clock.start_of(skipped + timedelta(days=1), berlin) > clock.start_of(skipped, berlin)


@given(days)
def test_a_day_lies_within_its_period(day):
    period = clock.period_of(day)
    assert clock.first_day(period) <= day <= clock.last_day(period)
    assert clock.period_of(clock.first_day(period)) == period == clock.period_of(clock.last_day(period))


@given(days)
def test_periods_follow_each_other_without_a_gap(day):
    period = clock.period_of(day)
    following = clock.next_period(period)
    assert clock.last_day(period) + timedelta(days=1) == clock.first_day(following)
    assert clock.previous_period(following) == period


@pytest.mark.parametrize(
    ("period", "following", "last"),
    [
        ("2026-12", "2027-01", date(2026, 12, 31)),
        ("2028-02", "2028-03", date(2028, 2, 29)),
        ("2026-01", "2026-02", date(2026, 1, 31)),
    ],
)
def test_years_end_and_leap(period, following, last):
    assert clock.next_period(period) == following
    assert clock.last_day(period) == last


@pytest.mark.parametrize(
    "text",
    [
        "",
        "2026",
        "2026-13",
        "2026-00",
        "2026-1",
        "26-01-01",
        "2026/01",
        "2026-1x",
        "2026- 1",
        "2026-+1",
        "２０２６-０１",
        "2026-01\n",
    ],
)
def test_what_is_not_a_period_is_refused(text):
    with pytest.raises(ValueError, match=r"not a period|month must be"):
        clock.first_day(text)


@given(st.dates(date(1, 1, 1), date(9999, 11, 30)))
def test_periods_sort_as_text(day):
    assert clock.period_of(day) < clock.next_period(clock.period_of(day))
