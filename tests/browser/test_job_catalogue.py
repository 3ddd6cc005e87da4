"""A buyer signs in and finds things: by name, number and product line, at its own price, with the stock of
this minute.
"""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import text

from portal.kernel import typed
from tests import cast
from tests.browser.acts import fill_sign_in_form, follow, row_of
from tests.browser.conftest import in_every_language, in_one_language, sign_in
from tests.browser.looks import assert_accessible, assert_good_on_every_screen
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
    follow(page, words, "Catalogue")
    expect(page.get_by_role("heading", level=1, name=words("Catalogue"))).to_be_visible()


@in_one_language
def test_a_stranger_is_led_back_to_the_page_that_was_wanted(open_page):
    page = open_page()
    page.goto("/catalogue/BRUSH-7")
    fill_sign_in_form(page, cast.huadong.buyer)
    expect(page).to_have_url(re.compile("/catalogue/BRUSH-7$"))


def test_the_keyboard_alone_leads_to_a_page_a_product_and_back(catalogue, words, brush):
    page = catalogue
    page.keyboard.press("Control+k")
    dialog = page.get_by_role("dialog", name=words("Search"))
    expect(dialog.get_by_role("searchbox")).to_be_focused()
    assert_accessible(page)
    page.keyboard.press("ArrowDown")
    expect(dialog.locator("[data-find]").first).to_be_focused()
    dialog.get_by_role("button", name=words("Orders")).click()
    expect(page.locator("#main-nav a").first).to_have_text(words("Orders"))
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    page.keyboard.press("Control+k")
    dialog.get_by_role("searchbox").press_sequentially("brush-7")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile("/catalogue/BRUSH-7$"))


@pytest.mark.parametrize("by", ["name", "part of the name", "SKU", "GTIN"])
def test_a_product_is_found_while_one_types(catalogue, words, brush, by):
    name = words.name_of(brush)
    typed = {
        "name": name,
        "part of the name": {"zh": name[-2:], "en": name.split()[-1]}[words.language],
        "SKU": brush.sku.lower(),
        "GTIN": brush.udi_di,
    }[by]
    with catalogue.expect_response(lambda answer: "q=" in answer.url):
        catalogue.get_by_role("searchbox").press_sequentially(typed)
        catalogue.clock.run_for(500)  # typing has settled
    expect(catalogue.locator("#results tbody tr:not(.row-heading)")).to_have_count(1)
    assert found(catalogue) == [brush.sku]
    assert "q=" in catalogue.url


@in_one_language
def test_a_product_line_is_chosen_and_the_address_keeps_it(catalogue, words):
    catalogue.get_by_role("combobox", name=words("Product line")).select_option("T01")
    expect(catalogue.locator("#results tbody tr:not(.row-heading)")).to_have_count(1)
    assert found(catalogue) == [cast.gloves.sku]
    catalogue.reload()
    assert found(catalogue) == [cast.gloves.sku]
    catalogue.get_by_role("link", name=words("Clear"), exact=True).click()
    expect(catalogue.locator("#results tbody tr:not(.row-heading)")).to_have_count(PAGE)


@in_one_language
def test_nothing_found_says_what_to_do(catalogue, words):
    catalogue.goto("/catalogue?q=zzzzqqqq")
    catalogue.get_by_role("link", name=words("Clear the filters")).click()
    expect(catalogue.locator("#results tbody tr:not(.row-heading)")).to_have_count(PAGE)


@in_one_language
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
    expect(row.get_by_role("list", name=words("Price by quantity")).get_by_role("listitem")).to_have_text(
        ["12+ ¥7.50", "120+ ¥6.25"]
    )
    row.get_by_role("link", name=words.name_of(brush)).click()
    expect(catalogue.locator("#price .price-own")).to_have_text("¥8.00")
    catalogue.get_by_text(words("Why this price?")).click()
    expect(catalogue.locator("#price details li")).to_have_count(2)
    assert_good_on_every_screen(catalogue)


@in_one_language
def test_a_rival_sees_the_price_of_its_own(open_page, brush):
    page = open_page(cast.yuegang.buyer)
    page.goto("/catalogue?q=BRUSH-7")
    expect(row_of(page, brush).locator(".price-own")).to_have_text("¥9.00")


@in_one_language
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


@in_one_language
def test_the_figures_of_the_region_follow_and_the_focus_stays(catalogue, owner, brush):
    put_into_shanghai(owner, brush, 400)
    catalogue.goto("/stock?q=BRUSH-7")
    count = catalogue.locator(f"#available-{cast.shanghai_warehouse.code}-{brush.sku}")
    expect(count).to_have_text("400")
    link = catalogue.locator("#results").get_by_role("link").filter(has_text=re.compile("刷|rush")).first
    link.focus()
    put_into_shanghai(owner, brush, 7)
    with catalogue.expect_response(re.compile("/stock/levels")):
        catalogue.clock.run_for(POLL_MS)
    expect(count).to_have_text("7")
    expect(link).to_be_focused()


def put_into_shanghai(owner, product: Product, units: int) -> None:
    """As a count in the warehouse would."""
    for table in ("stock_level", "lot_stock"):
        owner.execute(
            text(
                f"UPDATE {table} SET on_hand = :units"
                " WHERE product_id = :product AND warehouse_id = :warehouse"
            ),
            {"units": units, "product": product.id, "warehouse": cast.shanghai_warehouse.id},
        )


WRITTEN = (
    "",
    "  ",
    "5",
    "05",
    "12",
    "１２",
    "1,000",
    "１，０００",
    " 7\u3000",
    "\u00a08",
    "-5",
    "－5",
    "999,999",
    "1000000",
    "1,000,000",
    "1000001",
    "9" * 20,
    "9" * 39,
    "9" * 41,
    "1" + " " * 45,
    "10.000,00",
    "1.0",
    "1e3",
    "1_000",
    "2²",
    "③",
    "٣",
    "12a",
    "a12",
    "1,23",
    "12,34,567",
    "0,123",
    "1 000",
    "--5",
    "5-",
    "+5",
    "0x10",
    "Infinity",
    "½",
    "五",
    "\ufeff5",
    "5\u200b",
)
PRESS = """([field, examples, step]) => examples.map(written => {
    field.value = written;
    field.dispatchEvent(new Event("input", {bubbles: true}));
    field.parentElement.querySelector(`[data-step='${step}']`).click();
    return [field.value, field.validationMessage];
})"""


def read(written: str) -> int | None:
    """What the server reads; an empty field is none of anything yet."""
    try:
        return typed.quantity(written) if written.strip() else 0
    except typed.Misread:
        return None


@in_one_language
@pytest.mark.parametrize("product", [cast.gloves, cast.syringe], ids=["pieces", "packs of ten"])
def test_the_buttons_beside_a_quantity_read_like_the_server_and_refuse_what_it_refuses(
    open_page, words, product
):
    page = open_page(cast.huadong.buyer)
    page.goto(f"/catalogue/{product.sku}")
    field = page.locator("[data-quantity]").element_handle()
    pack, most = product.pack_multiple, 1_000_000
    for step in (pack, -pack):
        shown = page.evaluate(PRESS, [field, list(WRITTEN), step])
        for written, (value, message) in zip(WRITTEN, shown, strict=True):
            now = read(written)
            if now is None:
                expected = (written, words("A quantity is a whole number."))
            elif now > most or (step > 0 and now // pack * pack + pack > most):
                expected = (written, words("At most %(max)s units a line.", max="1,000,000"))
            elif step > 0:
                expected = (str(max(now // pack * pack + pack, pack)), "")
            else:
                lower = -(-now // pack) * pack - pack
                expected = (str(lower) if lower >= pack else written, "")
            assert (value, message) == expected, (written, step)


@in_one_language
def test_what_a_button_refused_is_not_sent_until_it_was_changed(open_page, words, owner):
    page = open_page(cast.huadong.buyer)
    page.goto(f"/catalogue/{cast.gloves.sku}")
    field = page.locator("[data-quantity]")
    field.fill("2²")
    page.get_by_role("button", name=words("More")).click()
    expect(field).to_have_value("2²")
    field.press("Enter")
    assert field.evaluate("field => !field.form.checkValidity()")
    field.fill("１２")
    field.press("Enter")
    expect(page.get_by_role("status").filter(has_text=words("Added to cart"))).to_be_visible()
    assert (
        owner.scalar(
            text(
                "SELECT c.quantity FROM cart_line c JOIN product p ON p.id = c.product_id"
                " WHERE p.sku = 'GLOVES'"
            )
        )
        == 12
    )
