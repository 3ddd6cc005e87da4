"""What people do on the pages, one act each, and what the tables then say."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from playwright.sync_api import Locator, Page, Request, Route, expect
from sqlalchemy import Connection, text

from portal.kernel.db import Database, transaction
from portal.orders import cart
from tests import cast
from tests.browser.words import Words
from tests.roles import Person, Product


def fill_cart(database: Database, person: Person, wanted: Mapping[Product, int]) -> None:
    """This and nothing else lies in somebody's cart."""
    actor = person.actor()
    with transaction(database.session_for(actor)) as session:
        cart.empty_cart(session, actor=actor)
        for product, quantity in wanted.items():
            cart.put_in_cart(session, actor=actor, sku=product.sku, quantity=quantity, quantity_max=1_000_000)


def fill_sign_in_form(page: Page, person: Person, password: str = cast.PASSWORD) -> None:
    """Tell the issuer who one is."""
    page.locator("input[name=email]").fill(person.email)
    page.locator("input[name=password]").fill(password)
    page.locator("input[name=password]").press("Enter")


def row_of(page: Page, product: Product) -> Locator:
    """The row of a product in the list on the page."""
    return page.locator("tbody tr").filter(has=page.locator(f"a[href='/catalogue/{product.sku}']"))


def quantity_of(page: Page, product: Product) -> Locator:
    """The field with the quantity of a product in the cart."""
    return page.locator(f"#quantity-{product.sku}")


def change_quantity(page: Page, product: Product, typed: str) -> None:
    """Type a quantity into a line of the cart, send it with Enter and wait for the answer."""
    with page.expect_response(lambda answer: answer.url.endswith("/cart")):
        quantity_of(page, product).fill(typed)
        quantity_of(page, product).press("Enter")


def order_button(page: Page, words: Words) -> Locator:
    """The button that places the order."""
    return page.locator("#place").get_by_role("button", name=words("Place the order"))


def number_of_the_order_shown(page: Page) -> str:
    """Wait for the page of an order and read its number."""
    expect(page).to_have_url(re.compile(r"/orders/SO[^/]+$"))
    return page.url.rpartition("/")[2]


def expect_status(page: Page, words: Words, status: str, kind: str = "") -> None:
    """The page says so of what it shows: of an order in the words of whoever looks at it, when no other
    kind is named.
    """
    order = "desk order" if "/hq/" in page.url else "order"
    expect(page.locator(".page-head .state").first).to_have_text(words.status(kind or order, status))


def follow(page: Page, words: Words, area: str) -> None:
    """Go to another part of the portal by the main navigation, whose groups open where it is long."""
    menu = page.get_by_role("navigation", name=words("Main navigation"))
    group = menu.locator(".dropdown", has_text=words(area)).first.get_by_role("button")
    if group.count():
        group.click()
    menu.get_by_role("link", name=words(area)).click()


def confirm(page: Page, label: str) -> None:
    """Press a button that asks first, and say yes."""
    page.locator("main").get_by_role("button", name=label, exact=True).first.click()
    dialog = page.get_by_role("dialog")
    dialog.locator("button[type=submit]").click()
    expect(dialog).to_have_count(0)


def orders_of(owner: Connection, person: Person) -> list[str]:
    """Numbers of the orders of somebody's company, in the order in which they were placed."""
    query = text("SELECT number FROM sales_order WHERE dealer_id = :dealer ORDER BY id")
    return list(owner.execute(query, {"dealer": person.dealer_id}).scalars())


def hold_back_first(
    page: Page, address: str, which: Callable[[Request], bool] = lambda request: True
) -> list[Route]:
    """The first request of that kind waits until the test lets it go: ``held[0].continue_()``."""
    held: list[Route] = []

    def handle(route: Route) -> None:
        if held or not which(route.request):
            route.continue_()
        else:
            held.append(route)

    page.route(address, handle)
    return held
