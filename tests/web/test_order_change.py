"""The page on which an order is changed."""

from __future__ import annotations

import pytest
from sqlalchemy import text

from tests import cast
from tests.builders import Terms


@pytest.fixture
def buyer(sign_in):
    visitor = sign_in(cast.huadong.buyer)
    visitor.post("/locale/en")
    return visitor


def test_quantities_are_changed_and_a_line_is_left_out(buyer, given):
    number = given.an_order({cast.gauze: 9, cast.gloves: 2}).number
    page = buyer.get(f"/orders/{number}/change").text
    assert 'value="9"' in page
    answer = buyer.post(
        f"/orders/{number}/change", {"sku": [cast.gauze.sku, cast.gloves.sku], "quantity": ["12", "0"]}
    )
    assert answer.status_code == 303
    new = buyer.get(answer.location).text
    assert cast.gauze.sku in new and cast.gloves.sku not in new and number in new
    old = buyer.get(f"/orders/{number}").text
    assert answer.location.rpartition("/")[2] in old


def test_what_stands_against_it_is_told_beside_its_line_and_nothing_typed_is_lost(buyer, given):
    number = given.an_order({cast.gauze: 9, cast.gloves: 2}).number
    answer = buyer.post(
        f"/orders/{number}/change", {"sku": [cast.gauze.sku, cast.gloves.sku], "quantity": ["5000", "x"]}
    )
    assert answer.status_code == 422
    assert 'value="5000"' in answer.text and 'value="x"' in answer.text
    assert f"trouble-{cast.gauze.sku}" in answer.text and f"trouble-{cast.gloves.sku}" in answer.text


def test_another_price_is_told_before_it_is_ordered(buyer, given):
    number = given.an_order({cast.gauze: 9}).number
    given.on_terms(number, {1: Terms(bands=((9, "1.00"),))})
    typed = {"sku": [cast.gauze.sku], "quantity": ["8"]}
    answer = buyer.post(f"/orders/{number}/change", typed)
    assert answer.status_code == 409 and "at_any_price" in answer.text
    assert buyer.post(f"/orders/{number}/change", {**typed, "at_any_price": "1"}).status_code == 303


def test_an_order_that_is_picked_says_why_it_cannot_be_changed(buyer, given):
    number = given.an_order({cast.gauze: 9}).number
    given.a_parcel_of(number)
    answer = buyer.post(f"/orders/{number}/change", {"sku": [cast.gauze.sku], "quantity": ["8"]})
    assert answer.status_code == 409 and "being picked" in answer.text


def test_a_rival_finds_nothing(sign_in, given):
    number = given.an_order({cast.gauze: 9}).number
    rival = sign_in(cast.yuegang.buyer)
    assert rival.get(f"/orders/{number}/change").status_code == 404
    typed = {"sku": [cast.gauze.sku], "quantity": ["8"]}
    assert rival.post(f"/orders/{number}/change", typed).status_code == 404


@pytest.mark.parametrize("end", ["picked", "cancelled"])
def test_the_form_is_not_offered_for_an_order_that_cannot_be_changed(buyer, given, end):
    number = given.an_order({cast.gauze: 9}).number
    if end == "picked":
        given.a_parcel_of(number)
    else:
        buyer.post(f"/orders/{number}/cancellation", {"reason": "x"})
    answer = buyer.get(f"/orders/{number}/change")
    assert (answer.status_code, answer.location) == (303, f"/orders/{number}")
    assert "cannot be changed any more" in buyer.get(answer.location).text


def test_the_second_of_two_tabs_changes_nothing(buyer, given, owner):
    number = given.an_order({cast.gauze: 9}).number
    typed = {"sku": [cast.gauze.sku], "quantity": ["8"]}
    assert buyer.post(f"/orders/{number}/change", typed).status_code == 303
    answer = buyer.post(f"/orders/{number}/change", typed | {"quantity": ["7"]})
    assert answer.status_code == 409 and 'value="7"' in answer.text
    assert owner.execute(text("SELECT count(*) FROM sales_order WHERE status <> 'cancelled'")).scalar() == 1
