"""What an order waits for, as its dealer and the order desk read it."""

from __future__ import annotations

import pytest

from portal.orders.terms import SupplyTerms
from tests import cast

IN_STOCK = 100  # gauze in Shanghai

READERS = [
    pytest.param(cast.huadong.buyer, "/orders/{}", id="buyer"),
    pytest.param(cast.order_desk, "/hq/orders/{}", id="desk"),
]


def page(client, address: str) -> str:
    client.post("/locale/en")
    return " ".join(client.get(address).get_data(as_text=True).split())


@pytest.mark.parametrize(("person", "address"), READERS)
def test_a_page_says_how_many_units_wait_and_until_when(given, sign_in, person, address):
    number = given.an_order({cast.gauze: IN_STOCK + 7}, supply=SupplyTerms(backorder=True)).number
    shown = page(sign_in(person), address.format(number))
    assert "7 wait for goods" in shown and "deliverable by" in shown and "no day known" not in shown


@pytest.mark.parametrize(("person", "address"), READERS)
def test_a_page_says_when_no_day_is_known(given, owner, sign_in, person, address):
    number = given.an_order({cast.gauze: IN_STOCK + 7}, supply=SupplyTerms(backorder=True)).number
    owner.exec_driver_sql("UPDATE order_line SET promised_on = NULL")
    shown = page(sign_in(person), address.format(number))
    assert "no day known" in shown and "deliverable by" not in shown


@pytest.mark.parametrize(("person", "address"), READERS)
def test_an_order_that_has_all_it_needs_waits_for_nothing(given, sign_in, person, address):
    number = given.an_order({cast.gauze: IN_STOCK}, supply=SupplyTerms(backorder=True)).number
    assert "wait for goods" not in page(sign_in(person), address.format(number))


def test_the_desk_finds_and_cancels_an_order_of_which_nothing_is_there(given, sign_in):
    given.an_order({cast.gauze: IN_STOCK})
    number = given.an_order({cast.gauze: 3}, supply=SupplyTerms(backorder=True)).number
    desk = sign_in(cast.order_desk)
    assert number in page(desk, "/hq/orders?status=backordered")
    assert "Cancel the order" in page(desk, f"/hq/orders/{number}")
    desk.post(f"/hq/orders/{number}/cancellation", {"reason": "no longer made"})
    page(desk, f"/hq/orders/{number}")  # which also says once that it is cancelled
    assert number not in page(desk, "/hq/orders?status=backordered")
