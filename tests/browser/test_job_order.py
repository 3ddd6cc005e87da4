"""From the shelf to the order: what is in the cart is checked line by line, ordered once, and never lost."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from playwright.sync_api import Page, Route, expect
from sqlalchemy import text

from portal.orders.request import CHANGED
from tests import cast
from tests.browser.acts import (
    change_quantity,
    expect_status,
    fill_cart,
    fill_sign_in_form,
    follow,
    hold_back_first,
    number_of_the_order_shown,
    order_button,
    orders_of,
    quantity_of,
    row_of,
)
from tests.browser.conftest import in_every_language, in_one_language
from tests.browser.looks import assert_good_on_every_screen
from tests.invariants import broken_promises

pytestmark = in_every_language()

BUYER = cast.huadong.buyer


@pytest.fixture
def cart(open_page, database) -> Page:
    """The buyer in front of a cart with gloves and syringes."""
    fill_cart(database, BUYER, {cast.gloves: 2, cast.syringe: 20})
    page = open_page(BUYER)
    page.goto("/cart")
    return page


def test_what_was_found_goes_into_the_cart_and_becomes_an_order(open_page, words, database, owner):
    fill_cart(database, BUYER, {})
    page = open_page(BUYER)
    page.goto("/catalogue")
    put_into_cart(page, words, cast.syringe, "20")
    put_into_cart(page, words, cast.gloves, "3")
    expect(page.locator(".frame-nav .cart-count")).to_contain_text("2")
    follow(page, words, "Cart")
    change_quantity(page, cast.syringe, "40")
    expect(row_of(page, cast.syringe)).to_contain_text("¥102.40")  # 40 × 2.56
    page.get_by_label(words("Your PO number")).fill("CG-2026-0042")
    order_button(page, words).click()
    number = number_of_the_order_shown(page)
    expect(page.get_by_role("status").filter(has_text=number)).to_have_text(
        words("Order %(number)s has been placed.", number=number)
    )
    expect_status(page, words, "confirmed")
    expect(page.locator("#lines tfoot")).to_contain_text("¥162.40")
    expect(page.locator("#delivery")).to_contain_text("CG-2026-0042")
    expect(page.locator(".frame-nav .cart-count")).to_be_empty()
    assert orders_of(owner, BUYER)[-1] == number
    assert reserved(owner, number) == {"SYRINGE": 40, "GLOVES": 3}
    assert broken_promises(owner) == {}


def put_into_cart(page: Page, words, product, quantity: str) -> None:
    row = row_of(page, product)
    row.get_by_role("textbox").fill(quantity)
    row.get_by_role("textbox").press("Enter")
    expect(row.get_by_role("status")).to_have_text(words("Added to cart"))


def reserved(owner, number: str) -> dict[str, int]:
    query = text(
        "SELECT p.sku, n.reserved FROM order_line n"
        " JOIN sales_order o ON (o.dealer_id, o.id) = (n.dealer_id, n.order_id)"
        " JOIN product p ON p.id = n.product_id WHERE o.number = :number"
    )
    return {row.sku: row.reserved for row in owner.execute(query, {"number": number})}


@pytest.mark.parametrize(
    "typed", ["15", "1.5", "99999990"], ids=["no whole pack", "no whole number", "more than there is"]
)
def test_a_fault_stands_beside_its_line_and_the_typed_value_stays(cart, words, typed):
    change_quantity(cart, cast.syringe, typed)
    expect(cart.locator("#trouble-SYRINGE")).to_be_visible()
    expect(quantity_of(cart, cast.syringe)).to_have_value(typed)
    expect(quantity_of(cart, cast.syringe)).to_have_attribute("aria-describedby", "trouble-SYRINGE")
    expect(cart.locator("#trouble-GLOVES")).to_have_count(0)
    assert_good_on_every_screen(cart)
    change_quantity(cart, cast.syringe, "30")
    expect(cart.locator("#trouble-SYRINGE")).to_have_count(0)
    expect(order_button(cart, words)).to_be_enabled()


@in_one_language
def test_what_was_typed_into_the_order_survives_a_change_of_quantity(cart, words):
    cart.get_by_label(words("Your PO number")).fill("CG-KEPT")
    change_quantity(cart, cast.syringe, "30")
    expect(row_of(cart, cast.syringe)).to_contain_text("¥76.80")
    expect(cart.get_by_label(words("Your PO number"))).to_have_value("CG-KEPT")
    change_quantity(cart, cast.syringe, "15")
    expect(cart.locator("#trouble-SYRINGE")).to_be_visible()
    expect(cart.get_by_label(words("Your PO number"))).to_have_value("CG-KEPT")


def test_what_was_typed_and_is_ordered_at_once_is_shown_before_it_is_ordered(cart, words, owner):
    before = orders_of(owner, BUYER)
    quantity_of(cart, cast.syringe).fill("40")
    order_button(cart, words).click()
    expect(cart.locator("#cart [role=alert]")).to_contain_text(words(CHANGED[1]))
    expect(row_of(cart, cast.syringe)).to_contain_text("¥102.40")
    assert orders_of(owner, BUYER) == before
    assert_good_on_every_screen(cart)
    order_button(cart, words).click()
    assert reserved(owner, number_of_the_order_shown(cart)) == {"GLOVES": 2, "SYRINGE": 40}


@in_one_language
def test_what_was_typed_into_one_line_survives_the_answer_to_another(cart, words):
    held = hold_back_first(cart, "**/cart")
    quantity_of(cart, cast.syringe).fill("40")
    with cart.expect_request("**/cart"):
        quantity_of(cart, cast.syringe).press("Enter")
    quantity_of(cart, cast.gloves).fill("7")
    held[0].continue_()
    expect(row_of(cart, cast.syringe)).to_contain_text("¥102.40")
    expect(quantity_of(cart, cast.gloves)).to_have_value("7")
    quantity_of(cart, cast.gloves).press("Enter")
    expect(row_of(cart, cast.gloves)).to_contain_text("¥140.00")


@in_one_language
def test_a_double_click_makes_one_order(cart, words, owner):
    before, sent = orders_of(owner, BUYER), []
    cart.on("request", lambda request: sent.append(request.url) if request.method == "POST" else None)
    order_button(cart, words).dblclick()
    number = number_of_the_order_shown(cart)
    assert orders_of(owner, BUYER) == [*before, number]
    assert len(sent) == 1


@in_one_language
@pytest.mark.parametrize("script", [True, False], ids=["with script", "without script"])
def test_a_form_whose_answer_was_lost_and_that_is_sent_again_makes_one_order(
    open_page, words, database, owner, script
):
    fill_cart(database, BUYER, {cast.gloves: 1})
    page = open_page(BUYER, java_script_enabled=script)
    page.goto("/cart")
    before = orders_of(owner, BUYER)
    page.route("**/orders", send_twice)
    order_button(page, words).click()
    number = number_of_the_order_shown(page)
    assert orders_of(owner, BUYER) == [*before, number]


def send_twice(route: Route) -> None:
    """The portal gets the form two times; only the second answer arrives."""
    route.fetch(max_redirects=0)
    route.continue_()


@in_one_language
def test_the_back_button_after_ordering_does_no_harm(cart, words, owner):
    before = orders_of(owner, BUYER)
    order_button(cart, words).click()
    number = number_of_the_order_shown(cart)
    cart.go_back()
    expect(cart.get_by_text(words("The cart is empty"))).to_be_visible()
    cart.go_forward()
    assert number_of_the_order_shown(cart) == number
    cart.reload()
    assert orders_of(owner, BUYER) == [*before, number]


def assert_lies_on_nothing(page: Page, message: str) -> None:
    """Every button and field can be brought to where a click meets it, whatever the message does."""
    page.set_viewport_size({"width": 1280, "height": 720})
    for control in page.locator("#cart :is(button, input, select):visible").all():
        control.scroll_into_view_if_needed()
        met = control.evaluate(
            "(part, message) => { const box = part.getBoundingClientRect();"
            " const met = document.elementFromPoint(box.left + box.width / 2, box.top + box.height / 2);"
            " return !met || !met.closest(message); }",
            message,
        )
        assert met, control.evaluate("part => part.outerHTML")


@contextmanager
def unplugged(page: Page, words, tolerated: set[str]) -> Iterator[None]:
    """No network for the length of the block.

    The page says so when the cable is pulled, and of what is sent in the block.
    """
    tolerated.add("htmx:sendError")
    page.context.set_offline(True)
    yield
    told = words("There is no network connection. What you typed is still here.")
    expect(page.locator("#failures .toast-note span")).to_have_text([told, told])
    assert_lies_on_nothing(page, "#failures .toast-note")
    page.context.set_offline(False)


def test_a_change_without_network_keeps_what_was_typed_and_works_afterwards(cart, words, tolerated):
    with unplugged(cart, words, tolerated):
        quantity_of(cart, cast.syringe).fill("40")
        quantity_of(cart, cast.syringe).press("Enter")
    expect(quantity_of(cart, cast.syringe)).to_have_value("40")
    assert_good_on_every_screen(cart)
    change_quantity(cart, cast.syringe, "40")
    expect(row_of(cart, cast.syringe)).to_contain_text("¥102.40")


@in_one_language
def test_an_order_without_network_is_not_lost(cart, words, owner, tolerated):
    before = orders_of(owner, BUYER)
    cart.get_by_label(words("Your PO number")).fill("CG-TUNNEL")
    with unplugged(cart, words, tolerated):
        order_button(cart, words).click()
    expect(cart.get_by_label(words("Your PO number"))).to_have_value("CG-TUNNEL")
    order_button(cart, words).click()
    number = number_of_the_order_shown(cart)
    expect(cart.locator("#delivery")).to_contain_text("CG-TUNNEL")
    assert orders_of(owner, BUYER) == [*before, number]


def test_a_session_that_ended_says_so_and_the_order_goes_on_after_signing_in_elsewhere(
    open_page, words, database, owner, tolerated
):
    tolerated.add("Response Status Error Code 401")
    dealer_owner = cast.huadong.boss
    fill_cart(database, dealer_owner, {cast.gloves: 2})
    page = open_page(dealer_owner)
    page.goto("/cart")
    page.get_by_label(words("Your PO number")).fill("CG-LATE")
    owner.execute(text("DELETE FROM user_session WHERE user_id = :user"), {"user": dealer_owner.id})
    order_button(page, words).click()
    error = page.locator("#page-error")
    expect(error).to_contain_text(words("Your session has ended"))
    assert_good_on_every_screen(page)
    with page.expect_popup() as opened:
        error.get_by_role("link", name=words("Sign in in a new tab")).click()
    fill_sign_in_form(opened.value, dealer_owner)
    expect(opened.value.get_by_role("heading", level=1, name=words("Overview"))).to_be_visible()
    order_button(page, words).click()
    number_of_the_order_shown(page)
    expect(page.locator("#delivery")).to_contain_text("CG-LATE")


@in_one_language
def test_signing_out_in_another_tab_is_told_and_what_was_typed_stays(open_page, words, database, tolerated):
    tolerated.add("Response Status Error Code 401")
    buyer = cast.suzhou.buyer
    fill_cart(database, buyer, {cast.gloves: 2})
    page = open_page(buyer)
    page.goto("/cart")
    other = page.context.new_page()
    other.goto("/account")
    other.locator(".user-button").click()
    other.get_by_role("button", name=words("Sign out")).click()
    expect(other.locator("input[name=email]")).to_be_visible()
    change_quantity(page, cast.gloves, "40")
    expect(page.locator("#page-error")).to_contain_text(words("Your session has ended"))
    expect(quantity_of(page, cast.gloves)).to_have_value("40")
