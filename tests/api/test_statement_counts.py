"""What a call costs the database: the same for one row and for many, and one statement for a page of
prices.
"""

from __future__ import annotations

import pytest

from tests import cast
from tests.api.contract import kept

ORDER = {
    "purchase_order_no": "P1",
    "lines": [{"sku": "GLOVES", "quantity": 1}, {"sku": "SYRINGE", "quantity": 10}],
}


@pytest.fixture
def known(huadong):
    """The token has been seen, and so have the dealer's facts and warehouses: as for any client that asks
    again within seconds.
    """
    kept(huadong.get("/products?limit=1"))
    return huadong


@pytest.fixture
def number(huadong):
    return kept(huadong.post("/orders", ORDER))["number"]


@pytest.mark.parametrize(
    ("path", "statements"),
    [
        ("/me", 3),
        ("/products?limit=200", 1),
        ("/products?q=gloves&category=T", 1),
        ("/products/GLOVES", 1),
        ("/stock?sku=GLOVES&sku=SYRINGE&sku=STENT", 1),
        ("/orders?limit=200", 1),
        ("/orders/{number}", 2),
        ("/orders/{number}/shipments", 4),
        ("/ledger", 1),
        ("/invoices", 1),
        ("/statements", 1),
    ],
)
def test_a_read_asks_this_often(known, number, given, count_statements, path, statements):
    given.a_delivery_of(number)
    with count_statements() as counted:
        answer = known.get(path.format(number=number))
    assert answer.status_code == 200
    assert len(counted) <= statements, str(counted)
    assert counted.scopes == 1


PLACED = 4  # the amount up to which the caller orders alone; standing; offers; everything that is written


def test_an_order_asks_four_times(known, count_statements):
    with count_statements() as counted:
        kept(known.post("/orders", ORDER, key="k1"))
    assert len(counted) == PLACED, str(counted)


def test_an_order_of_many_lines_asks_no_more_often(known, given, owner, count_statements):
    products = [given.a_product(price="1.00") for _ in range(60)]
    levels = [{"w": cast.shanghai_warehouse.id, "p": product.id} for product in products]
    owner.exec_driver_sql(
        "INSERT INTO stock_level (warehouse_id, product_id, on_hand) VALUES (%(w)s, %(p)s, 10)", levels
    )
    with count_statements() as counted:
        kept(known.post("/orders", {"lines": [{"sku": product.sku, "quantity": 1} for product in products]}))
    assert len(counted) == PLACED, str(counted)


@pytest.mark.parametrize(("path", "statements"), [("/orders/validation", 2), ("/price-quotes", 1)])
def test_a_check_asks_this_often(known, count_statements, path, statements):
    with count_statements() as counted:
        kept(known.post(path, {"lines": ORDER["lines"]}))
    assert len(counted) == statements, str(counted)


def test_a_refused_order_costs_no_more_than_one_that_is_placed(known, count_statements):
    with count_statements() as counted:
        known.post("/orders", {"lines": [{"sku": "NO-SUCH", "quantity": 1.5}]}, key="k1")
    assert len(counted) <= 3, str(counted)


def test_a_new_token_costs_one_statement(api, count_statements):
    caller = api(cast.huadong.system)
    with count_statements() as counted:
        kept(caller.get("/ledger"))
    assert len(counted) == 2, str(counted)
