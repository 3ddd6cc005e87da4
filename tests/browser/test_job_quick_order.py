"""Forty lines pasted, corrected and ordered by keyboard alone; what was typed outlives the page."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import text

from tests import cast
from tests.browser.acts import fill_cart, number_of_the_order_shown
from tests.browser.conftest import in_every_language, in_one_language
from tests.browser.looks import assert_good_on_every_screen
from tests.builders import a_lot
from tests.invariants import broken_promises

pytestmark = in_every_language()

BUYER = cast.huadong.buyer
STEPS_MAX = 12  # keys, pastes and fields that are typed anew


class Keyboard:
    """A person who touches nothing but keys, and how often."""

    def __init__(self, page: Page) -> None:
        self.page, self.steps = page, 0

    def press(self, key: str) -> None:
        self.steps += 1
        self.page.keyboard.press(key)

    def type(self, what: str) -> None:
        """Text into the field that has the focus, in place of what is selected: one step."""
        self.steps += 1
        self.page.keyboard.insert_text(what)


@pytest.fixture
def goods(given) -> list[str]:
    """Forty products that lie in stock."""
    products = [given.a_product(price="10.00") for _ in range(40)]
    for product in products:
        given.stock_of(product, cast.shanghai_warehouse, a_lot("A", 100))
    return [product.sku for product in products]


@pytest.fixture
def page(open_page, database) -> Page:
    """The buyer, with an empty cart, in front of an empty sheet."""
    fill_cart(database, BUYER, {})
    page = open_page(BUYER)
    page.goto("/quick-order")
    return page


def test_forty_lines_are_pasted_corrected_and_ordered_by_keyboard_alone(page, goods, owner):
    lines = [f"{sku}\t2" for sku in goods]
    lines[4], lines[20] = f"{goods[4]}\t2.5", "NO-SUCH-THING\t2"
    keys = Keyboard(page)
    expect(page.locator("#field-pasted")).to_be_focused()
    keys.type("\n".join(lines))
    keys.press("Control+Enter")
    expect(page.locator("tr.row-trouble")).to_have_count(2)
    assert_good_on_every_screen(page)
    expect(page.locator("#sku-4")).to_be_focused()
    keys.press("Enter")
    expect(page.locator("#quantity-4")).to_be_focused()
    keys.type("2")
    keys.press("Enter")
    expect(page.locator("#sku-20")).to_be_focused()
    keys.type(goods[20])
    keys.press("Enter")
    expect(page.locator("#quantity-20")).to_be_focused()
    keys.press("Enter")
    expect(page.locator("tr.row-trouble")).to_have_count(0)
    expect(page.locator("button[name=then][value=order]")).to_be_focused()
    keys.press("Enter")
    expect(page.locator("#field-purchase_order_no")).to_be_focused()
    keys.type("QUICK-40")
    keys.press("Enter")
    number = number_of_the_order_shown(page)
    units = owner.execute(
        text(
            "SELECT count(*) AS lines, sum(n.quantity) AS units FROM order_line n"
            " JOIN sales_order o ON (o.dealer_id, o.id) = (n.dealer_id, n.order_id) WHERE o.number = :number"
        ),
        {"number": number},
    ).one()
    assert (units.lines, units.units) == (40, 80)
    assert keys.steps <= STEPS_MAX
    assert broken_promises(owner) == {}
    page.goto("/quick-order")
    expect(page.locator("#field-pasted")).to_have_value("")


def test_a_product_is_found_while_one_types_and_taken_with_the_arrows(page):
    page.locator("#entry-code").focus()
    page.keyboard.type("yiyongjian")
    options = page.locator("#found-products [role=option]")
    expect(options.first).to_be_visible()
    expect(page.locator("#entry-code")).to_have_attribute("aria-expanded", "true")
    page.keyboard.press("ArrowDown")
    expect(options.first).to_have_attribute("aria-selected", "true")
    assert_good_on_every_screen(page)
    page.keyboard.press("Enter")
    expect(page.locator("#entry-code")).to_have_value("GLOVES")
    expect(page.locator("#field-count")).to_be_focused()
    page.keyboard.type("3")
    page.keyboard.press("Enter")
    expect(page.locator("#sku-0")).to_have_value("GLOVES")
    expect(page.locator("#entry-code")).to_be_focused()


@in_one_language
def test_nothing_typed_is_lost_on_the_way_and_two_tabs_are_two_sheets(page, tolerated):
    page.locator("#field-pasted").fill("GLOVES\t3\nNO-SUCH\t1")
    page.locator("#check").click()
    expect(page.locator("tr.row-trouble")).to_have_count(1)
    page.locator("#sku-1").fill("STENT")
    page.locator("#field-pasted").fill("SYRINGE\t10")
    other = page.context.new_page()
    other.goto("/quick-order")
    expect(other.locator("#field-pasted")).to_have_value("")
    page.goto("/orders")
    page.go_back()
    expect(page.locator("#sku-1")).to_have_value("STENT")
    expect(page.locator("#sku-2")).to_have_value("SYRINGE")
    tolerated.add("htmx:sendError")
    page.route("**/quick-order", lambda route: route.abort())
    page.locator("#sku-0").fill("GAUZE")
    page.locator("#check").click()
    expect(page.locator(".toast-note")).to_be_visible()
    expect(page.locator("#sku-0")).to_have_value("GAUZE")
    page.unroute("**/quick-order")
