"""The cart says which warehouse has what, lets one be chosen, and shows what comes from elsewhere."""

from __future__ import annotations

import re

import pytest
from sqlalchemy import text

from tests import cast
from tests.builders import a_lot

HERE, THERE = cast.shanghai_warehouse, cast.guangzhou_warehouse


@pytest.fixture
def buyer(sign_in, given):
    """A buyer with 60 of a product in the cart, of which the nearest warehouse has 35 and the next 50."""
    product = given.a_product(sku="SPREAD", price="10.00", pack_multiple=10)
    given.stock_of(product, HERE, a_lot("HERE", 35))
    given.stock_of(product, THERE, a_lot("THERE", 50))
    visitor = sign_in(cast.huadong.buyer)
    visitor.post("/cart", {"sku": "SPREAD", "quantity": "60"})
    return visitor


def shown(response) -> str:
    return response.get_data(as_text=True)


def order(buyer, **fields):
    page = shown(buyer.get("/cart", query_string=fields))
    hidden = dict(re.findall(r'name="(idempotency_key|seen)" value="([^"]*)"', page))
    return buyer.post("/orders", hidden | fields)


def test_each_warehouse_says_how_many_lines_it_has_in_full(buyer):
    page = shown(buyer.get("/cart"))
    assert re.search(rf'<option value="{HERE.code}">{HERE.name_zh}：1 行中有 0 行足量', page)
    assert 'name="split"' in page and 'name="backorder"' in page


def test_what_comes_from_elsewhere_is_shown_before_it_is_ordered(buyer, owner):
    assert f"其中 30 由{THERE.name_zh}发出" in shown(buyer.get("/cart?split=1"))
    answer = order(buyer, split="1")
    assert answer.status_code == 303
    assert f"其中 30 由{THERE.name_zh}发出" in shown(buyer.get(answer.headers["Location"]))
    assert owner.execute(text("SELECT sum(reserved) FROM order_line_source")).scalar() == 30


def test_a_warehouse_can_be_chosen(buyer, owner):
    buyer.post("/cart", {"sku": "SPREAD", "quantity": "20"})
    assert order(buyer, warehouse=THERE.code).status_code == 303
    assert owner.execute(text("SELECT warehouse_id FROM sales_order")).scalar_one() == THERE.id


@pytest.mark.parametrize("code", ["NOWHERE", "' OR 1=1", "WH-" + "9" * 200])
def test_a_warehouse_that_does_not_serve_is_refused_beside_its_field(buyer, owner, code):
    answer = order(buyer, warehouse=code)
    assert answer.status_code == 422 and "该仓库不为贵司供货" in shown(answer)
    assert owner.execute(text("SELECT count(*) FROM sales_order")).scalar() == 0
