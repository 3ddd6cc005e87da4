"""Finance watches a month being closed."""

from __future__ import annotations

from playwright.sync_api import expect

from tests import cast
from tests.browser.conftest import in_every_language
from tests.browser.looks import assert_good_on_every_screen
from tests.ledger.acts import no_books_yet, paid
from tests.statements.acts import LAST_DAY, LAST_MONTH, begun, issued

pytestmark = in_every_language()


def test_statements_appear_on_the_page_as_they_are_made(open_page, words, database, owner):
    no_books_yet(owner)
    paid(database, "10.00", on=LAST_DAY)
    begun(database)
    finance = open_page(cast.hq_finance)
    finance.goto(f"/hq/closes/{LAST_MONTH}")
    results = finance.locator("#results")
    expect(results).to_contain_text(words("The month is being closed. Statements appear here as they are made."))
    assert_good_on_every_screen(finance)
    finance.get_by_role("searchbox").fill("nobody of this name")
    expect(results).to_contain_text(words("None fits the search so far"))
    finance.get_by_role("searchbox").fill("")
    expect(results).to_contain_text(words("No statements yet"))
    issued(database)
    expect(results.locator("tbody tr")).to_have_count(1)
