"""Finance watches a month being closed."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests import cast
from tests.browser.acts import hold_back_first
from tests.browser.conftest import in_every_language, in_one_language
from tests.browser.looks import assert_good_on_every_screen
from tests.ledger.acts import no_books_yet, paid
from tests.statements.acts import LAST_DAY, LAST_MONTH, begun, issued

pytestmark = in_every_language()


@pytest.fixture(scope="module", autouse=True)
def _month_being_closed(database, owner):
    no_books_yet(owner)
    paid(database, "10.00", on=LAST_DAY)
    begun(database)


@in_one_language
def test_a_search_is_not_lost_to_the_answer_of_an_earlier_look(open_page, words):
    finance = open_page(cast.hq_finance)
    looks = hold_back_first(finance, f"**/hq/closes/{LAST_MONTH}", a_look)
    searches = hold_back_first(finance, f"**/hq/closes/{LAST_MONTH}?q=*", lambda request: not a_look(request))
    with finance.expect_request(a_look):
        finance.goto(f"/hq/closes/{LAST_MONTH}")
    with finance.expect_request("**?q=*"):
        finance.get_by_role("searchbox").fill("nobody of this name")
    looks[0].fulfill(response=looks[0].fetch())  # what it would replace is what the search is going to
    finance.evaluate("() => new Promise(drawn => requestAnimationFrame(() => requestAnimationFrame(drawn)))")
    searches[0].continue_()
    expect(finance.locator("#results")).to_contain_text(words("No match so far"))


def a_look(request) -> bool:
    """Whether the list of statements asks for itself."""
    return request.headers.get("hx-trigger") == "results"


def test_statements_appear_on_the_page_as_they_are_made(open_page, words, database):
    finance = open_page(cast.hq_finance)
    finance.goto(f"/hq/closes/{LAST_MONTH}")
    results = finance.locator("#results")
    expect(results).to_contain_text(
        words("The month is being closed. Statements appear here as they are made.")
    )
    assert_good_on_every_screen(finance)
    finance.get_by_role("searchbox").fill("nobody of this name")
    expect(results).to_contain_text(words("No match so far"))
    finance.get_by_role("searchbox").fill("")
    expect(results).to_contain_text(words("No statements yet"))
    issued(database)
    expect(results.locator("tbody tr")).to_have_count(1)
