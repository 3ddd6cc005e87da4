"""Finance closes a month with a real worker, and need not watch it.

In Chinese: in both languages the pages are looked at everywhere, and while they change when watched.
"""

from __future__ import annotations

from playwright.sync_api import expect

from portal.kernel import clock
from tests import cast, servers
from tests.browser.acts import expect_status, follow
from tests.browser.looks import assert_good_on_every_screen
from tests.invariants import broken_promises
from tests.ledger.acts import no_books_yet

PERIOD = clock.previous_period(clock.period_of(cast.TODAY))
EVERYBODY = str(len(cast.dealers))


def test_a_month_is_closed_by_a_worker_while_nobody_looks(open_page, words, settings, owner, given):
    no_books_yet(owner)
    given.a_delivery_of(given.an_order({cast.syringe: 130}).number, on=clock.last_day(PERIOD))
    finance = open_page(cast.hq_finance)
    finance.goto("/hq/")
    follow(finance, words, "Month close")
    finance.get_by_role("button", name=words("Close %(month)s", month=words.month(PERIOD))).click()
    assert_good_on_every_screen(finance)
    finance.get_by_role("dialog").get_by_role("button", name=words("Close the month")).click()
    progress = finance.get_by_role("progressbar")
    expect(progress).to_have_attribute("aria-valuenow", "0")
    assert_good_on_every_screen(finance)
    finance.goto("/hq/")  # somewhere else, and back
    finance.goto(f"/hq/closes/{PERIOD}")
    expect(progress).to_have_attribute("aria-valuemax", EVERYBODY)
    with servers.child("jobs.worker", servers.environment(settings)):
        expect(progress).to_have_attribute("aria-valuenow", EVERYBODY, timeout=60_000)  # a worker starts
        expect_status(finance, words, "closed", "close")
    expect(progress).to_have_attribute("aria-valuenow", EVERYBODY)
    expect(finance.locator("#results tbody tr")).to_have_count(len(cast.dealers))
    assert_good_on_every_screen(finance)
    the_dealer_finds_its_statement(open_page(cast.huadong.finance), words)
    assert broken_promises(owner) == {}


def the_dealer_finds_its_statement(page, words) -> None:
    page.goto("/statements")
    page.get_by_role("link", name=words.month(PERIOD), exact=True).click()
    expect(page.locator("#documents tfoot")).to_contain_text("¥332.80")  # 130 × 2.56
