"""What can be wrong with an order, line by line, up to each boundary."""

from __future__ import annotations

from dataclasses import dataclass, replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.orders import rules
from portal.orders.answer import told
from portal.orders.rules import Credit, Demand, Wanted
from portal.orders.terms_rules import credit_faults
from tests.faults import all_said, said


@dataclass(frozen=True)
class Offer:
    """A product as it is offered."""

    state: str = "active"
    list_price: Decimal | None = Decimal("10.00")
    tax_rate: Decimal | None = Decimal("0.13")
    pack_multiple: int = 1


def demands(*lines: tuple[object, object], lines_max: int = 3, quantity_max: int = 100):
    wanted = [Wanted(sku, quantity, f"/lines/{i}") for i, (sku, quantity) in enumerate(lines)]
    return rules.demands(wanted, lines_max=lines_max, quantity_max=quantity_max)


def test_an_order_needs_a_line():
    found, faults = demands()
    assert found == []
    assert all_said(faults) == ["/lines no_lines: The order has no lines. Add at least one product."]


def test_an_order_has_at_most_so_many_lines():
    assert demands(("A", 1), ("B", 1), ("C", 1))[1] == []
    found, faults = demands(("A", 1), ("B", 1), ("C", 1), ("D", 1))
    assert found == []
    assert all_said(faults) == ["/lines too_many_lines: At most 3 lines in one order. Split the order."]


@pytest.mark.parametrize(
    ("quantity", "fault"),
    [
        (0, "quantity_not_positive: A quantity is at least 1. Enter 1 or more, or remove the line."),
        (-1, "quantity_not_positive: A quantity is at least 1. Enter 1 or more, or remove the line."),
        (1, None),
        (100, None),
        ("100", None),
        (101, "quantity_too_large: At most 100 units a line. Enter at most 100."),
        ("x", "quantity_not_whole: A number has no “x”. Enter 1 or more, without decimals."),
    ],
)
def test_a_quantity_is_a_whole_number_from_one_to_the_most(quantity, fault):
    [demand], faults = demands(("A", quantity))
    assert demand == Demand("A", 0 if fault else int(quantity), "/lines/0")
    assert all_said(faults) == ([f"/lines/0/quantity {fault}"] if fault else [])


def test_a_product_that_stands_twice_is_one_line_at_its_first_place():
    found, faults = demands(("A", 1), ("B", 5), (" ａ ", 2))
    assert found == [Demand("A", 3, "/lines/0"), Demand("B", 5, "/lines/1")]
    assert faults == []


def test_together_they_may_be_as_many_as_one_line_may_have_and_no_more():
    assert demands(("A", 60), ("A", 40))[1] == []
    found, faults = demands(("A", 60), ("A", 41))
    assert found == [Demand("A", 101, "/lines/0")]
    assert all_said(faults) == [
        "/lines/0/quantity quantity_too_large: At most 100 units a line. Enter at most 100."
    ]


def test_a_place_is_told_once_what_is_wrong_with_it():
    _, faults = demands(("A", 0), ("A", 101), ("A", 101))
    assert [(fault.pointer, fault.code) for fault in faults] == [
        ("/lines/0/quantity", "quantity_not_positive"),
        ("/lines/1/quantity", "quantity_too_large"),
        ("/lines/2/quantity", "quantity_too_large"),
    ]
    _, faults = demands(("A", "x"), ("A", 60), ("A", 60))
    assert [fault.code for fault in faults] == ["quantity_not_whole"]


def test_the_fault_of_one_product_hides_none_of_another():
    _, faults = demands(("A", "x"), ("B", 60), ("B", 60))
    assert [(fault.pointer, fault.code) for fault in faults] == [
        ("/lines/0/quantity", "quantity_not_whole"),
        ("/lines/1/quantity", "quantity_too_large"),
    ]


@pytest.mark.parametrize(
    ("offer", "said_of_it"),
    [
        (None, "unknown_sku: There is no product A1. Check the SKU or search the catalogue."),
        (
            Offer(state="withdrawn"),
            "withdrawn: A1 is no longer sold. Remove the line or choose another product.",
        ),
        (Offer(list_price=None), "no_price: A1 has no price yet. Ask your channel manager."),
        (Offer(tax_rate=None), "no_price: A1 has no price yet. Ask your channel manager."),
    ],
)
def test_a_product_that_cannot_be_sold_is_told_at_its_sku(offer, said_of_it):
    assert all_said(rules.product_faults(Demand("A1", 1, "/lines/4"), offer)) == [
        f"/lines/4/sku {said_of_it}"
    ]


def test_a_long_sku_is_told_in_short():
    [fault] = rules.product_faults(Demand("A" * 41, 1, "/lines/0"), None)
    assert fault.params == {"sku": "A" * 40}


def test_a_product_that_is_sold_in_packs_is_asked_for_its_packs():
    assert rules.product_faults(Demand("A", 20, "/lines/0"), Offer(pack_multiple=10)) == []
    assert [
        fault.code for fault in rules.product_faults(Demand("A", 21, "/lines/0"), Offer(pack_multiple=10))
    ] == ["pack_multiple"]


@pytest.mark.parametrize(
    ("quantity", "said_of_it"),
    [
        (1, "Order in multiples of 10. Order 10."),
        (9, "Order in multiples of 10. Order 10."),
        (11, "Order in multiples of 10. Order 10 or 20."),
        (29, "Order in multiples of 10. Order 20 or 30."),
    ],
)
def test_a_pack_that_would_be_broken_is_told_with_what_would_do(quantity, said_of_it):
    assert all_said(rules.pack_faults(Demand("A", quantity, "/lines/0"), 10)) == [
        f"/lines/0/quantity pack_multiple: {said_of_it}"
    ]


@pytest.mark.parametrize("quantity", [-3, 0, 10, 20])
def test_whole_packs_and_what_is_no_quantity_break_none(quantity):
    assert rules.pack_faults(Demand("A", quantity, "/lines/0"), 10) == []


NEAR, FAR, FARTHEST = 1, 2, 3


@pytest.mark.parametrize(
    ("stock", "expected"),
    [
        ({"A": {NEAR: 5}, "B": {NEAR: 3}}, (NEAR, {})),
        ({"A": {NEAR: 5, FAR: 5}, "B": {NEAR: 3, FAR: 3}}, (NEAR, {})),
        ({"A": {NEAR: 4, FAR: 5}, "B": {NEAR: 3, FAR: 3}}, (FAR, {})),
        ({"A": {NEAR: 4, FAR: 4}, "B": {NEAR: 3, FAR: 3}}, (NEAR, {"A": 4})),
        ({"A": {NEAR: 4, FAR: 4}, "B": {FAR: 3}}, (FAR, {"A": 4})),
        ({"A": {FARTHEST: 5}, "B": {}}, (FARTHEST, {"B": 0})),
        ({}, (NEAR, {"A": 0, "B": 0})),
    ],
)
def test_an_order_leaves_from_the_nearest_warehouse_that_has_all_or_lacks_least(stock, expected):
    assert rules.choose_warehouse({"A": 5, "B": 3}, stock, (NEAR, FAR, FARTHEST)) == expected


def test_not_even_one_unit_is_where_there_is_none():
    assert rules.choose_warehouse({"A": 1}, {}, (NEAR,)) == (NEAR, {"A": 0})


def test_where_no_warehouse_serves_everything_is_lacking():
    assert rules.choose_warehouse({"A": 5}, {"A": {NEAR: 9}}, ()) == (None, {"A": 0})


@pytest.mark.parametrize(
    ("available", "multiple", "said_of_it"),
    [
        (0, 10, "A is out of stock. Remove the line, or ask when it arrives."),
        (-4, 10, "Only -4 of A available. Remove the line, or ask when it arrives."),
        (9, 10, "Only 9 of A available. Remove the line, or ask when it arrives."),
        (10, 10, "Only 10 of A available. Order at most 10."),
        (29, 10, "Only 29 of A available. Order at most 20."),
        (1, 1, "Only 1 of A available. Order at most 1."),
    ],
)
def test_too_little_stock_is_told_with_what_may_be_ordered(available, multiple, said_of_it):
    fault = rules.short_fault("/lines/0", "A", available, multiple)
    assert said(fault) == f"/lines/0/quantity stock_short: {said_of_it}"
    assert fault.params["most"] >= 0


def test_stock_in_another_warehouse_is_told_in_whole_packs():
    named = {"SH": ("上海仓", "Shanghai"), "WH": ("武汉仓", "Wuhan")}
    fault = rules.elsewhere_fault("/lines/0", "A", ("SH", 3), ("WH", 29), 10, named)
    assert said(fault) == (
        "/lines/0/quantity stock_short: A: Shanghai has 3, Wuhan has 29."
        " Let other warehouses send what this one lacks, or order at most 20 from Wuhan on its own."
    )
    (in_chinese,) = told([fault], "zh")
    assert in_chinese["message"] == "A：上海仓可订 3，武汉仓可订 29。"


CREDIT = Credit(limit=Decimal("100.00"), balance=Decimal("50.00"), open_orders=Decimal("20.00"))


@pytest.mark.parametrize(
    ("total", "holds"), [("29.99", ()), ("30.00", ()), ("30.01", ("credit",)), ("1000.00", ("credit",))]
)
def test_an_order_up_to_the_credit_limit_is_not_held_and_a_fen_more_is(total, holds):
    assert tuple(fault.code for fault in credit_faults(CREDIT, Decimal(total))) == holds


@given(*[st.decimals(-1000, 1000, places=2)] * 3, st.decimals(0, 1000, places=2))
def test_what_is_owed_what_is_open_and_what_is_new_count_alike(balance, open_orders, total, limit):
    credit = Credit(limit, balance, open_orders)
    assert credit_faults(credit, total) == credit_faults(
        replace(credit, balance=total, open_orders=balance), open_orders
    )
    assert bool(credit_faults(credit, total)) == (balance + open_orders + total > limit)
