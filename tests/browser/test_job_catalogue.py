"""A buyer signs in and finds things: by name, number and product line, at its own price, with the stock of this minute."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import text

from tests import cast
from tests.browser.acts import fill_sign_in_form, row_of
from tests.browser.conftest import in_every_language, sign_in
from tests.browser.looks import assert_good_on_every_screen
from tests.builders import a_lot, net
from tests.roles import Product

pytestmark = in_every_language()

MORE_PRODUCTS = 45  # with the nine of the cast that are sold they fill two pages and begin a third
PAGE = 24
POLL_MS = 15_000


@pytest.fixture(scope="module")
def brush(given) -> Product:
    """Cheaper by the dozen, for Huadong only."""
    brush = given.a_product(price="10.00", sku="BRUSH-7", name_zh="采样刷", name_en="Sampling brush")
    given.stock_of(brush, cast.shanghai_warehouse, a_lot("BR-1", 400))
    given.a_policy(net({1: "8.00", 12: "7.50", 120: "6.25"}, product=brush, dealer=cast.huadong))
    return brush


@pytest.fixture(scope="module", autouse=True)
def full_shelves(given, brush):
    """A catalogue of more than two pages."""
    for number in range(MORE_PRODUCTS):
        given.a_product(sku=f"SHELF-{number:02}")


@pytest.fixture
def catalogue(open_page) -> Page:
    """The buyer in front of the catalogue. Its clock can be put forward."""
    page = open_page(cast.huadong.buyer)
    page.clock.install()
    page.goto("/catalogue")
    return page


def found(page: Page) -> list[str]:
    """Article numbers on the page, in their order."""
    return page.locator("#results tbody .cell-more .code").all_inner_texts()


def test_a_buyer_signs_in_through_the_issuer_and_lands_on_the_overview(open_page, words):
    page = open_page()
    page.goto("/catalogue")
    expect(page).to_have_url(re.compile("/oauth/authorize"))
    sign_in(page, cast.huadong.buyer)
    expect(page.get_by_role("heading", level=1, name=words("Overview"))).to_be_visible()
    expect(page.locator(".user-company")).to_have_text(words.name_of(cast.huadong))
    page.get_by_role("navigation", name=words("Main navigation")).get_by_role("link", name=words("Catalogue")).click()
    expect(page.get_by_role("heading", level=1, name=words("Catalogue"))).to_be_visible()


def test_a_stranger_is_led_back_to_the_page_that_was_wanted(open_page):
    page = open_page()
    page.goto("/catalogue/BRUSH-7")
    fill_sign_in_form(page, cast.huadong.buyer)
    expect(page).to_have_url(re.compile("/catalogue/BRUSH-7$"))


@pytest.mark.parametrize("by", ["name", "part of the name", "SKU", "GTIN"])
def test_a_product_is_found_while_one_types(catalogue, words, brush, by):
    name = words.name_of(brush)
    typed = {"name": name, "part of the name": name[-3:], "SKU": brush.sku.lower(), "GTIN": brush.udi_di}[by]
    with catalogue.expect_response(lambda answer: "q=" in answer.url):
        catalogue.get_by_role("searchbox").press_sequentially(typed)
        catalogue.clock.run_for(500)  # typing has settled
    expect(catalogue.locator("#results tbody tr")).to_have_count(1)
    assert found(catalogue) == [brush.sku]
    assert "q=" in catalogue.url


def test_a_product_line_is_chosen_and_the_address_keeps_it(catalogue, words):
    catalogue.get_by_role("combobox", name=words("Product line")).select_option("T01")
    expect(catalogue.locator("#results tbody tr")).to_have_count(1)
    assert found(catalogue) == [cast.gloves.sku]
    catalogue.reload()
    assert found(catalogue) == [cast.gloves.sku]
    catalogue.get_by_role("link", name=words("Clear"), exact=True).click()
    expect(catalogue.locator("#results tbody tr")).to_have_count(PAGE)


def test_nothing_found_says_what_to_do(catalogue, words):
    catalogue.goto("/catalogue?q=zzzzqqqq")
    catalogue.get_by_role("link", name=words("Clear the filters")).click()
    expect(catalogue.locator("#results tbody tr")).to_have_count(PAGE)


def test_pages_are_turned_forth_and_back(catalogue, words):
    first = found(catalogue)
    turn(catalogue, words("Next"))
    second = found(catalogue)
    assert len(first) == len(second) == PAGE and not set(first) & set(second)
    turn(catalogue, words("Next"))
    third = found(catalogue)
    assert third and not set(third) & {*first, *second}
    expect(catalogue.get_by_role("link", name=words("Next"))).to_have_count(0)
    turn(catalogue, words("Previous"))
    assert found(catalogue) == second
    for page in (third, second, first):
        catalogue.go_back()
        expect(catalogue.locator("#results .code").first).to_have_text(page[0])


def turn(page: Page, label: str) -> None:
    """Turn the page and wait until the other one is there."""
    before = found(page)[0]
    page.get_by_role("link", name=label).click()
    expect(page.locator("#results .code").first).not_to_have_text(before)


def test_the_own_price_stands_beside_the_list_price_with_its_breaks(catalogue, words, brush):
    catalogue.goto("/catalogue?q=BRUSH-7")
    row = row_of(catalogue, brush)
    expect(row.locator("s")).to_have_text(re.compile(r"¥10\.00"))
    expect(row.locator(".price-own")).to_have_text("¥8.00")
    expect(row.get_by_role("list", name=words("Price by quantity")).get_by_role("listitem")).to_have_text(["12+ ¥7.50", "120+ ¥6.25"])
    row.get_by_role("link", name=words.name_of(brush)).click()
    expect(catalogue.locator("#price .price-own")).to_have_text("¥8.00")
    catalogue.get_by_text(words("Why this price?")).click()
    expect(catalogue.locator("#price details li")).to_have_count(2)
    assert_good_on_every_screen(catalogue)


def test_a_rival_sees_the_price_of_its_own(open_page, brush):
    page = open_page(cast.yuegang.buyer)
    page.goto("/catalogue?q=BRUSH-7")
    expect(row_of(page, brush).locator(".price-own")).to_have_text("¥9.00")


@pytest.mark.parametrize("address", ["/catalogue?q=BRUSH-7", "/catalogue/BRUSH-7"])
def test_the_stock_on_the_page_follows_the_warehouse(catalogue, owner, brush, address):
    count = catalogue.locator("#stock-BRUSH-7 .stock-count").first
    put_into_shanghai(owner, brush, 400)
    catalogue.goto(address)
    expect(count).to_have_text("400")
    put_into_shanghai(owner, brush, 7)
    with catalogue.expect_response(re.compile("/catalogue/stock")):
        catalogue.clock.run_for(POLL_MS)
    expect(count).to_have_text("7")


def put_into_shanghai(owner, product: Product, units: int) -> None:
    """As a count in the warehouse would."""
    for table in ("stock_level", "lot_stock"):
        owner.execute(
            text(f"UPDATE {table} SET on_hand = :units WHERE product_id = :product AND warehouse_id = :warehouse"),
            {"units": units, "product": product.id, "warehouse": cast.shanghai_warehouse.id},
        )
