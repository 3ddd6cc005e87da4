"""What an orderer expects to pay is held against what it would pay; what it does not name it does not
expect.
"""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.orders.expected import differences
from portal.orders.rules import Wanted

prices = st.decimals("0.01", "99999.99", places=2)


def line(place: int, sku: str, expected: str | Decimal | None) -> Wanted:
    return Wanted(sku, 1, f"/lines/{place}", None if expected is None else Decimal(expected))


@given(unit_price=prices, expected=prices, total=prices, expected_total=prices)
def test_exactly_what_differs_is_named_with_both_values(unit_price, expected, total, expected_total):
    found = {
        fault.pointer: fault.params
        for fault in differences([line(0, "A", expected)], {"A": unit_price}, expected_total, total)
    }
    assert ("/lines/0/expected_unit_price" in found) == (unit_price != expected)
    assert ("/expected_total" in found) == (total != expected_total)
    assert all(
        Decimal(str(params["expected"])) != Decimal(str(params["actual"])) for params in found.values()
    )


def test_a_sku_that_stands_twice_is_compared_at_both_places():
    found = differences(
        [line(0, "a", "2.00"), line(1, " Ａ", "3.00"), line(2, "A", None)],
        {"A": Decimal("2.50")},
        None,
        Decimal(5),
    )
    assert [fault.pointer for fault in found] == [
        "/lines/0/expected_unit_price",
        "/lines/1/expected_unit_price",
    ]


def test_a_line_without_a_price_has_no_second_fault_and_leaves_no_total_to_compare():
    assert differences([line(0, "NOPE", "2.00")], {}, Decimal("9.00"), Decimal("0.00")) == []


@pytest.mark.parametrize("same", ["20", "20.0", "20.00"])
def test_places_do_not_matter(same):
    assert differences([line(0, "A", same)], {"A": Decimal("20.00")}, Decimal(same), Decimal("20.00")) == []
