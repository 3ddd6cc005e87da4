"""From the order to the dealer's door: the desk picks by lot and ships, the dealer follows, and confirms
what arrived.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import text

from tests import cast
from tests.browser.acts import (
    confirm,
    expect_status,
    fill_cart,
    follow,
    number_of_the_order_shown,
    order_button,
)
from tests.browser.conftest import in_every_language, in_one_language
from tests.browser.looks import assert_fits, assert_good_on_every_screen
from tests.invariants import broken_promises

pytestmark = in_every_language()

BUYER = cast.huadong.buyer


@pytest.fixture
def order(open_page, database, words) -> tuple[Page, str]:
    """The page of an order that the buyer has just placed, and its number."""
    fill_cart(database, BUYER, {cast.syringe: 30, cast.stent: 1})
    page = open_page(BUYER)
    page.goto("/cart")
    order_button(page, words).click()
    return page, number_of_the_order_shown(page)


@pytest.fixture
def desk(open_page, order, words) -> Page:
    """The same order on the order desk, found there by its number."""
    number = order[1]
    page = open_page(cast.order_desk)
    page.goto("/hq/")
    page.get_by_role("navigation", name=words("Main navigation")).locator("a[href='/hq/orders']").click()
    page.get_by_role("searchbox").fill(number)
    page.get_by_role("searchbox").press("Enter")
    expect(page.locator("#results tbody tr")).to_have_count(1)
    page.get_by_role("link", name=number).click()
    expect_status(page, words, "confirmed")
    return page


def test_an_order_is_picked_shipped_followed_and_received(order, desk, open_page, words, owner):
    dealers_page, number = order
    pick(desk, words)
    expect(desk.locator("#pick")).to_contain_text("SY-EARLY")  # the lot that expires first
    dealers_page.reload()
    expect_status(dealers_page, words, "picking")
    review(open_page(cast.desk_colleague), words, units=(1, 30), serial="SN-2026-1")
    desk.reload()
    ship(desk, words, carrier="顺丰医药", tracking_no="SF-7788")
    expect_status(desk, words, "shipped")
    assert_fits(desk)
    dealers_page.reload()
    parcel = dealers_page.locator("section[id^=shipment-]")
    for fact in ("SF-7788", words.status("shipment", "shipped")):
        expect(parcel).to_contain_text(fact)
    confirm(dealers_page, words("Confirm receipt"))
    expect_status(dealers_page, words, "received")
    expect(steps_done(dealers_page)).to_have_count(4)
    expect(dealers_page.locator("#history li")).to_have_count(4)
    assert_good_on_every_screen(dealers_page)
    follow(dealers_page, words, "Orders")
    row = dealers_page.locator("#results tbody tr").filter(has=dealers_page.get_by_role("link", name=number))
    expect(row).to_contain_text(words.status("order", "received"))
    assert invoiced(owner, number) == "6956.80"  # 30 × 2.56 + 1 × 6,880.00
    assert broken_promises(owner) == {}


def pick(desk: Page, words) -> None:
    """Take the lots the portal proposes."""
    desk.locator("#pick").get_by_role("button", name=words("Start picking")).click()
    expect_status(desk, words, "picking")


def review(reviewer: Page, words, *, units: Sequence[int], serial: str) -> None:
    """Another person finds every line of the one parcel that is being picked in order."""
    reviewer.goto("/hq/parcels")
    reviewer.locator("#results tbody a[href$='/review']").click()
    expect(reviewer).to_have_url(re.compile(r"/review$"))
    assert_good_on_every_screen(reviewer)
    left = len(units)
    for quantity in units:
        line = reviewer.locator("details.lot-choice").first
        line.locator("summary").click()
        line.get_by_label(words("Units counted")).fill(str(quantity))
        numbers = line.get_by_label(words("Serial numbers, one a line"))
        if numbers.count():
            numbers.fill(serial)
        line.get_by_role("button", name=words("Record")).click()
        left -= 1
        expect(reviewer.locator("details.lot-choice")).to_have_count(left)


def ship(desk: Page, words, *, carrier: str, tracking_no: str) -> None:
    """Hand the parcel over."""
    desk.get_by_label(words("Carrier")).fill(carrier)
    desk.get_by_label(words("Tracking number")).fill(tracking_no)
    desk.get_by_role("button", name=words("Ship and post the invoice")).click()


def steps_done(page: Page):
    return page.locator(".steps-road .step-done")


def invoiced(owner, number: str) -> str:
    query = text(
        "SELECT sum(i.gross) FROM invoice i"
        " JOIN sales_order o ON (o.dealer_id, o.id) = (i.dealer_id, i.order_id) WHERE o.number = :number"
    )
    return str(owner.execute(query, {"number": number}).scalar_one())


def test_a_parcel_that_may_not_leave_keeps_what_was_typed(desk, open_page, words, owner):
    pick(desk, words)
    assert_good_on_every_screen(desk)
    expect(desk.get_by_label(words("Carrier"))).to_have_count(0)  # nobody has reviewed it
    review(open_page(cast.desk_colleague), words, units=(1, 30), serial="SN-2026-2")
    desk.reload()
    lot = text("UPDATE lot_stock SET state = :state FROM lot l WHERE l.id = lot_id AND l.lot_no = 'SY-EARLY'")
    owner.execute(lot, {"state": "blocked"})
    ship(desk, words, carrier="京东物流医药", tracking_no="JD-1")
    expect(desk.locator(".notice[role=alert]")).to_be_visible()
    expect(desk.locator("#pick .line-errors").filter(has_text="SY-EARLY")).to_have_count(1)
    expect(desk.get_by_label(words("Carrier"))).to_have_value("京东物流医药")
    expect(desk.get_by_label(words("Tracking number"))).to_have_value("JD-1")
    assert_good_on_every_screen(desk)
    owner.execute(lot, {"state": "saleable"})  # for the tests that follow


@in_one_language
def test_lots_are_put_back_and_another_is_taken_for_a_reason(desk, words, owner):
    pick(desk, words)
    confirm(desk, words("Return to stock"))
    expect_status(desk, words, "confirmed")
    desk.locator("#pick summary").first.click()
    desk.get_by_label(words("Units of lot %(lot)s", lot="SY-LATE")).fill("30")
    desk.get_by_label(re.compile(words("Reason for lot override"))).fill(
        "customer asked for the longest expiry"
    )
    pick(desk, words)
    expect(desk.locator("#pick")).to_contain_text("SY-LATE")
    assert broken_promises(owner) == {}


def test_a_dealer_cancels_what_nobody_has_begun_to_pick(order, words, owner):
    page, _ = order
    page.locator("main").get_by_role("button", name=words("Cancel the order")).first.click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_be_visible()
    assert_good_on_every_screen(page)
    page.keyboard.press("Escape")
    expect(dialog).to_have_count(0)
    confirm(page, words("Cancel the order"))
    expect_status(page, words, "cancelled")
    assert broken_promises(owner) == {}


@in_one_language
def test_an_order_beyond_the_credit_waits_until_the_desk_releases_it(open_page, words, database, given):
    given.credit_limit_of(cast.yuegang, "10.00")
    fill_cart(database, cast.yuegang.buyer, {cast.gloves: 10})
    page = open_page(cast.yuegang.buyer)
    page.goto("/cart")
    order_button(page, words).click()
    number = number_of_the_order_shown(page)
    expect_status(page, words, "on_hold")
    expect(page.locator(".steps-road [aria-current=step]")).to_contain_text(words("Awaiting release"))
    assert_good_on_every_screen(page)
    desk = open_page(cast.order_desk)
    desk.goto(f"/hq/orders/{number}")
    desk.locator("main").get_by_role("button", name=words("Release"), exact=True).first.click()
    desk.get_by_label(words("Reason")).first.fill("paid by cheque")
    desk.get_by_role("dialog").locator("button[type=submit]").click()
    expect_status(desk, words, "confirmed")
    page.reload()
    expect_status(page, words, "confirmed")
    expect(steps_done(page)).to_have_count(2)
    assert_good_on_every_screen(page)
