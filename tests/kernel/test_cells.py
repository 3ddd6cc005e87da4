"""Cells of other programs' tables: amounts and days as people and banks write them, and nothing guessed."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.kernel.cells import amount_of, day_of, plain

SHANGHAI = ZoneInfo("Asia/Shanghai")


@pytest.mark.parametrize(
    ("said", "amount"),
    [
        ("1,234.50", "1234.50"),
        ("￥1,234.50", "1234.50"),
        ("-¥ 1 234.5", "-1234.5"),
        ("¥-12", "-12"),
        ("(12.00)", "-12.00"),
        ("（１２．００）", "-12.00"),
        ("12.00-", "-12.00"),
        ("−12", "-12"),
        ("+12", "12"),
        ("CNY 12.00", "12.00"),
        ("12.00元", "12.00"),
        ("人民币12元", "12"),
        ("$ .5", "0.5"),
        ("5.", "5"),
        ("1,234,567", "1234567"),
        ("0.1000000000000000055511151231257827", "0.1000000000000000055511151231257827"),
    ],
)
def test_amounts_are_read_as_they_are_written(said, amount):
    assert amount_of(said) == Decimal(amount)


@pytest.mark.parametrize(
    "said",
    [
        *(
            "-",
            "--",
            "12,34.50",
            "1,234,5",
            "1元2",
            "1¥2",
            "-12-",
            "(-12-",
            "-¥-12",
            "--12",
            "12..5",
            "1.2.3",
        ),
        *("1.2.3", "12a", "NaN", "Infinity", "1e5", "．", ",5", "()", "", " ", "9" * 90, "#REF!", "**12.00"),
    ],
)
def test_what_is_no_amount_is_none(said):
    assert amount_of(said) is None


def test_brackets_around_a_minus_take_it_back():
    assert amount_of("(-12)") == 12


@given(st.decimals(-(10**11), 10**11, places=2, allow_nan=False))
def test_every_amount_is_read_back_however_it_is_marked(amount):
    for said in (f"{amount}", f"{amount:,}", f"￥{amount:,}元", f"{amount:,} "):
        assert amount_of(said) == amount
    assert amount_of(f"({abs(amount):,})") == -abs(amount)


@pytest.mark.parametrize(
    ("said", "day"),
    [
        ("2026/1/4", date(2026, 1, 4)),
        ("2026-01-04 12:30:00", date(2026, 1, 4)),
        ("2026-01-04T12:30:00+08:00", date(2026, 1, 4)),
        ("2026年1月4日", date(2026, 1, 4)),
        ("2026 . 1 . 4", date(2026, 1, 4)),
        ("20260104", date(2026, 1, 4)),
        ("20260104 12:30:00", date(2026, 1, 4)),
        ("２０２６－０１－０４", date(2026, 1, 4)),
        ("46026", date(2026, 1, 4)),
        ("46026.5", date(2026, 1, 4)),
    ],
)
def test_days_are_read_as_they_are_written(said, day):
    assert day_of(said, SHANGHAI) == day


@pytest.mark.parametrize(
    "said", ["2026-02-30", "20261301", "1989-12-31", "2100-01-01", "99999", "1.4.2026", ""]
)
def test_what_no_calendar_has_is_none(said):
    assert day_of(said, SHANGHAI) is None


def test_a_year_of_two_digits_is_one_of_this_century_where_that_is_said():
    assert day_of("26-1-4", SHANGHAI) is None and day_of("26-1-4", SHANGHAI, short_years=True) == date(
        2026, 1, 4
    )


@given(st.dates(date(1990, 1, 1), date(2099, 12, 31)))
def test_every_day_is_read_back(day):
    serial = (day - date(1899, 12, 30)).days
    for said in (day.isoformat(), f"{day:%Y%m%d}", f"{day.year}年{day.month}月{day.day}日", str(serial)):
        assert day_of(said, SHANGHAI) == day


@given(st.text(max_size=120))
def test_no_text_breaks_it(said):
    amount_of(said), day_of(said, SHANGHAI), plain(said)


@pytest.mark.parametrize(
    ("said", "day"),
    [
        ("2026-01-04T16:00:00Z", date(2026, 1, 5)),
        ("2026-01-04T15:59Z", date(2026, 1, 4)),
        ("2026/1/4 18:30:00 +0200", date(2026, 1, 5)),
        ("2026-01-04 08:30:00 GMT", date(2026, 1, 4)),
        ("2026-01-04 16:30:00 UTC", date(2026, 1, 5)),
        ("２０２６－０１－０４T１６：３０：００＋００：００", date(2026, 1, 5)),
        ("20260104T163000Z", date(2026, 1, 5)),
        ("2026-01-05T00:30:00+09:30", date(2026, 1, 4)),
        ("2026-01-04 09:30-17:30", date(2026, 1, 4)),
        ("2026-01-04 16:30:00 Mon", date(2026, 1, 4)),
        ("2026-01-04T25:30:00Z", None),
        ("2099-12-31T16:30:00Z", None),
    ],
)
def test_a_moment_with_an_offset_has_the_day_of_its_zone(said, day):
    assert day_of(said, SHANGHAI) == day


@given(st.datetimes(datetime(1991, 1, 1), datetime(2098, 1, 1)), st.integers(-12 * 4, 14 * 4))
def test_a_moment_has_one_day_whatever_offset_it_is_written_with(wall, quarters):
    moment = wall.replace(microsecond=0, tzinfo=UTC)
    written = moment.astimezone(timezone(timedelta(minutes=15 * quarters))).isoformat()
    assert day_of(written, SHANGHAI) == moment.astimezone(SHANGHAI).date()
