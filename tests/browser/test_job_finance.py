"""Finance of a dealer goes from what is due to a confirmed statement; headquarters' from its day to a file of
what was owed at the end of a month.

In Chinese: their pages are looked at in both languages everywhere.
"""

from __future__ import annotations

import csv
from io import StringIO

import pytest
from playwright.sync_api import expect

from portal.kernel import clock
from tests import cast
from tests.browser.acts import follow
from tests.browser.walking import at_a_stop, go, press
from tests.ledger.acts import no_books_yet

PERIOD = clock.previous_period(clock.period_of(cast.TODAY))
LAST_DAY = clock.last_day(PERIOD)


@pytest.fixture(scope="module", autouse=True)
def books(given, owner):
    """Two dealers are billed in a month that is closed, and one pays afterwards."""
    no_books_yet(owner)
    for dealer in (cast.huadong, cast.yuegang):
        order = given.an_order({cast.syringe: 130}, by=dealer.buyer)
        given.a_delivery_of(order.number, on=LAST_DAY)
    given.a_closed_month(PERIOD)
    given.a_payment_by(cast.huadong, "100.00", on=cast.TODAY)


def test_a_dealer_goes_from_what_is_due_to_a_confirmed_statement(open_page, words):
    page = open_page(cast.huadong.finance)
    page.goto("/")
    follow(page, words, "Finances")
    expect(page.locator("#due tbody tr")).to_have_count(2)
    at_a_stop(page)
    page.locator("#due tbody th a").click()
    expect(page.locator("h1")).to_contain_text("IN")
    page.go_back()
    page.locator("#confirm").get_by_role("link", name=words("Confirm"), exact=True).click()
    page.get_by_text(words("Look for entries")).click()
    page.get_by_label(words("Amount from")).fill("999999.00")
    press(page, words("Search"))
    expect(page.get_by_text(words("No entry is like that"))).to_be_visible()
    at_a_stop(page)
    go(page, words("Clear"))
    expect(page.locator("#documents tbody tr")).to_have_count(2)
    page.get_by_label(words("Your name")).fill("李会计")
    page.locator("#confirm").get_by_role("button").click()
    expect(page.get_by_text(words("The statement is confirmed."))).to_be_visible()
    follow(page, words, "Finances")
    expect(page.locator("#confirm")).to_contain_text(words("Every statement is answered."))


def test_headquarters_goes_from_its_day_to_what_was_owed_then(open_page, words):
    page = open_page(cast.hq_finance)
    page.goto("/hq/")
    follow(page, words, "Finances")
    at_a_stop(page)
    go(page, words("Receivable"))
    owed_now = page.locator(".stat-value").first.inner_text()
    page.get_by_label(words("At the end of")).fill(LAST_DAY.isoformat())
    press(page, words("Search"))
    expect(page.locator(".stat-value").first).not_to_have_text(owed_now)
    at_a_stop(page)
    page.locator("#results .list-menu summary", has_text=words("Export")).click()
    with page.expect_download() as coming:
        page.locator("#results a[href*='export=csv']").first.click()
    said = coming.value.path().read_text("utf-8-sig")
    assert {"huadong", "yuegang"} <= {cell for row in csv.reader(StringIO(said)) for cell in row}
    page.get_by_role("link", name=words.name_of(cast.huadong)).click()
    expect(page.locator("#open tbody tr")).to_have_count(1)
    at_a_stop(page)
