"""Money never leaks a fen, however it is rounded."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import text

from portal.kernel import money

prices = st.decimals(min_value="0.01", max_value="999999999999.99", places=2)
signed = st.decimals(min_value="-99999999.99", max_value="99999999.99", places=2)
rates = st.sampled_from([Decimal(rate) for rate in ("0", "0.01", "0.03", "0.06", "0.09", "0.13", "0.17")])
percents = st.decimals(min_value=0, max_value=100, places=2)


@pytest.mark.parametrize(
    ("exact", "rounded"),
    [
        ("0.005", "0.01"),
        ("0.0049", "0.00"),
        ("2.675", "2.68"),
        ("-0.005", "-0.01"),
        ("-2.675", "-2.68"),
        ("1", "1.00"),
    ],
)
def test_a_half_fen_rounds_away_from_zero(exact, rounded):
    assert money.to_fen(Decimal(exact)) == Decimal(rounded)


@given(signed)
def test_rounding_what_is_whole_changes_nothing(amount):
    assert money.to_fen(amount) == amount


@given(signed, rates)
def test_net_and_tax_add_up_to_the_amount(amount, rate):
    tax = money.tax_within(amount, rate)
    net = amount - tax
    assert money.to_fen(net) == net and money.to_fen(tax) == tax
    assert abs(net * (1 + rate) - amount) <= (1 + rate) * money.FEN / 2


@given(signed, rates)
def test_a_credit_takes_back_exactly_the_tax_of_the_charge(amount, rate):
    assert money.tax_within(-amount, rate) == -money.tax_within(amount, rate)


@given(prices)
def test_without_tax_there_is_no_tax_within(amount):
    assert money.tax_within(amount, Decimal(0)) == 0


@given(prices, percents)
def test_a_discounted_price_lies_between_nothing_and_the_price(price, percent):
    assert 0 <= money.discounted(price, percent) <= price


@given(prices, percents, percents)
def test_a_larger_discount_never_costs_more(price, one, other):
    less, more = sorted((one, other))
    assert money.discounted(price, more) <= money.discounted(price, less)


@given(prices)
def test_no_discount_and_a_full_discount_are_exact(price):
    assert money.discounted(price, Decimal(0)) == price
    assert money.discounted(price, Decimal(100)) == 0


@given(st.decimals(min_value="0.01", max_value="9999999.99", places=2), st.integers(1, 1_000_000))
def test_the_price_shown_times_the_quantity_is_the_sum_charged(price, quantity):
    assert money.line_amount(price, quantity) == price * quantity


lines = st.integers(1, 2000).flatmap(
    lambda quantity: st.tuples(
        st.decimals(0, "9999999.99", places=2),
        st.just(quantity),
        st.lists(st.tuples(st.booleans(), st.integers(1, quantity))),
    )
)


@given(lines)
def test_however_a_line_is_shipped_and_cancelled_its_parts_and_what_is_left_make_the_line(line):
    amount, quantity, acts = line
    shipped, kept, total = 0, quantity, Decimal(0)
    for from_the_front, wanted in acts:
        units = min(wanted, kept - shipped)
        if from_the_front:
            part = money.share_between(amount, quantity, shipped, shipped + units)
            shipped += units
        else:
            part = money.share_between(amount, quantity, kept - units, kept)
            kept -= units
        total += part
        left = money.share_between(amount, quantity, shipped, kept)
        assert part >= 0 and left >= 0
        assert total + left == amount


@given(prices, st.integers(1, 1_000_000), st.data())
def test_units_of_a_line_without_a_discount_are_worth_their_price(price, quantity, data):
    start = data.draw(st.integers(0, quantity))
    end = data.draw(st.integers(start, quantity))
    worth = money.share_between(price * quantity, quantity, start, end)
    assert worth == price * (end - start)


@pytest.mark.parametrize(
    ("amount", "quantity", "units", "expected"),
    [
        ("2308.69", 30, 10, "769.56"),
        ("2308.69", 30, 20, "1539.13"),
        ("0.01", 2, 1, "0.01"),  # half a fen
        ("0.03", 2, 1, "0.02"),
        ("10.00", 3, 2, "6.67"),
        ("0.00", 7, 3, "0.00"),
    ],
)
def test_a_share_is_rounded_half_up(amount, quantity, units, expected):
    assert str(money.share(Decimal(amount), units, quantity)) == expected


def test_the_database_shares_as_we_do(owner):
    cases = [
        (amount, units, quantity)
        for amount in map(Decimal, ("0", "0.01", "0.05", "2308.69", "99999999.99", "31415926535897.93"))
        for quantity in (1, 2, 3, 7, 30, 48, 999_983, 1_000_000)
        for units in {0, 1, quantity // 2, quantity - 1, quantity}
    ]
    expression = money.share_sql("amount", "units", "quantity")
    columns = [list(map(str, column)) for column in zip(*cases, strict=True)]
    shares = owner.execute(
        text(
            f"SELECT {expression} AS share FROM unnest(CAST(:amounts AS numeric[]), CAST(:units AS int[]),"
            " CAST(:quantities AS int[])) AS c(amount, units, quantity)"
        ),
        dict(zip(("amounts", "units", "quantities"), columns, strict=True)),
    ).scalars()
    assert list(shares) == [money.share(*case) for case in cases]


def test_a_price_that_ends_in_half_a_fen_is_rounded_per_unit():
    unit_price = money.discounted(Decimal("0.85"), Decimal(10))  # 0.765
    assert unit_price == Decimal("0.77")
    assert money.line_amount(unit_price, 1000) == Decimal("770.00")


@given(signed)
def test_text_has_two_places_and_reads_back(amount):
    text = money.as_text(amount)
    assert Decimal(text) == amount
    assert len(text.partition(".")[2]) == 2 and "E" not in text
