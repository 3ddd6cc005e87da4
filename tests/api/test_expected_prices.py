"""A program says what it expects to pay: another price is told with both values, and nothing is ordered or
reserved.
"""

from __future__ import annotations

import pytest
from sqlalchemy import text

from portal.orders.vocabulary import OrderRight
from tests import cast
from tests.api.contract import faults, kept, refused
from tests.builders import net

GLOVES, SYRINGE = {"sku": "GLOVES", "quantity": 2}, {"sku": "SYRINGE", "quantity": 10}
RIGHT = {
    "lines": [GLOVES | {"expected_unit_price": "20.00"}, SYRINGE | {"expected_unit_price": "2.56"}],
    "expected_total": "65.60",
}
BOTH = pytest.mark.parametrize("path", ["/orders", "/orders/validation"])


def written(owner) -> tuple[int, int]:
    counts = "SELECT (SELECT count(*) FROM sales_order), (SELECT sum(reserved) FROM stock_level)"
    return tuple(owner.execute(text(counts)).one())


@BOTH
def test_what_is_expected_rightly_is_accepted(huadong, path):
    assert kept(huadong.post(path, RIGHT))["total"] == "65.60"


@pytest.mark.only_asks
@BOTH
def test_every_difference_is_told_with_both_values(huadong, owner, path):
    wrong = {
        "lines": [
            GLOVES | {"expected_unit_price": "19.99"},
            SYRINGE | {"expected_unit_price": "2.56"},
            GLOVES | {"expected_unit_price": "20.01"},
        ],
        "expected_total": "65.60",
    }
    problem = refused(huadong.post(path, wrong), 409, "changed_since_seen")
    told = {
        fault["pointer"]: (fault["code"], fault["expected"], fault["actual"]) for fault in problem["errors"]
    }
    assert told == {
        "/lines/0/expected_unit_price": ("unit_price_differs", "19.99", "20.00"),
        "/lines/2/expected_unit_price": ("unit_price_differs", "20.01", "20.00"),
        "/expected_total": ("total_differs", "65.60", "105.60"),
    }
    assert all(fault["fix"] for fault in problem["errors"])
    assert written(owner) == (0, 0)


def test_a_price_published_meanwhile_is_caught_and_a_repeated_call_still_has_its_first_answer(
    huadong, given, owner
):
    first = kept(huadong.post("/orders", RIGHT, key="once"))
    given.a_policy(net("2.40", dealer=cast.huadong, product=cast.syringe))
    before = written(owner)
    found = {
        fault["pointer"]: fault["actual"]
        for fault in refused(huadong.post("/orders", RIGHT, key="again"), 409)["errors"]
    }
    assert found == {"/lines/1/expected_unit_price": "2.40", "/expected_total": "64.00"}
    assert written(owner) == before
    assert kept(huadong.post("/orders", RIGHT, key="once")) == first
    changed = {"lines": [SYRINGE | {"expected_unit_price": "2.40"}]}
    assert (
        kept(huadong.post("/orders", changed, key="again"))["total"] == "24.00"
    )  # a refused call leaves its key free


@pytest.mark.only_asks
@BOTH
@pytest.mark.parametrize("amount", [20, 20.0, "20.001", "1e1", "", "20,00", True])
def test_an_expectation_is_a_decimal_string(huadong, path, amount):
    sent = {"lines": [GLOVES | {"expected_unit_price": amount}], "expected_total": amount}
    assert faults(huadong.post(path, sent)) == {
        "/lines/0/expected_unit_price": "not_money",
        "/expected_total": "not_money",
    }


@pytest.mark.only_asks
@BOTH
def test_a_difference_is_told_along_with_everything_else(huadong, owner, path):
    sent = {
        "lines": [
            {"sku": "NOPE", "quantity": 1, "expected_unit_price": "1.00"},
            GLOVES | {"expected_unit_price": "1.00"},
            {"sku": "STENT"},
        ],
        "expected_total": "3.00",
    }
    found = faults(huadong.post(path, sent))
    assert found == {
        "/lines/0/sku": "unknown_sku",
        "/lines/1/expected_unit_price": "unit_price_differs",
        "/lines/2/quantity": "missing",
    }
    assert written(owner) == (0, 0)


@pytest.mark.only_asks
def test_a_quote_takes_no_expectation(huadong):
    assert faults(huadong.post("/price-quotes", {"lines": [GLOVES | {"expected_unit_price": "20.00"}]})) == {
        "/lines/0/expected_unit_price": "unknown_field"
    }


@pytest.mark.only_asks
@BOTH
@pytest.mark.parametrize(
    "expected",
    [{"lines": [GLOVES | {"expected_unit_price": "19.99"}]}, {"lines": [GLOVES], "expected_total": "1.00"}],
    ids=["line", "total"],
)
def test_who_may_not_see_prices_does_not_learn_them_by_guessing(system, owner, path, expected):
    blind = system(OrderRight.WRITE, dealer=cast.huadong)
    problem = refused(blind.post(path, expected), 403)
    assert "20.00" not in str(problem) and "40.00" not in str(problem)
    assert written(owner) == (0, 0)
