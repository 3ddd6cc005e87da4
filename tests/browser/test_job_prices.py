"""A channel manager changes a price in a draft and publishes it: the dealer's next page shows it, an order
that was placed does not.
"""

from __future__ import annotations

import pytest
from playwright.sync_api import Locator, Page, expect

from tests import cast
from tests.browser.acts import expect_status, fill_cart, number_of_the_order_shown, order_button, row_of
from tests.browser.conftest import in_every_language, in_one_language
from tests.browser.looks import assert_good_on_every_screen
from tests.builders import percent_off

pytestmark = in_every_language()

BUYER = cast.huadong.buyer


@pytest.fixture
def policy(given) -> int:
    """Gloves are 30 % off for tier S, by a policy of their own."""
    return given.a_policy(percent_off(30, tier="S", product=cast.gloves))


def test_a_published_price_is_on_the_dealers_next_page_and_not_in_its_past_order(
    open_page, words, database, policy
):
    dealer = open_page(BUYER)
    order = an_order_of_gloves(dealer, words, database)
    expect(dealer.locator("#lines")).to_contain_text("¥17.50")
    manager = open_page(cast.national_manager)
    manager.goto(f"/hq/policies/{policy}")
    manager.get_by_role("button", name=words("New version")).click()
    expect_status(manager, words, "draft", "policy")
    change_rule(manager, words, "40")
    expect(dealers_price(dealer)).to_have_text("¥17.50")  # a draft is nobody's price
    publish(manager, words, "Submit for approval")
    expect_status(manager, words, "submitted", "policy")
    colleague = open_page(cast.national_colleague)
    colleague.goto(manager.url)
    publish(colleague, words, "Approve")
    expect_status(colleague, words, "approved", "policy")
    manager.goto(manager.url)
    publish(manager, words)
    expect_status(manager, words, "published", "policy")
    assert_good_on_every_screen(manager)
    expect(dealers_price(dealer)).to_have_text("¥15.00")
    dealer.goto(f"/orders/{order}")
    expect(dealer.locator("#lines")).to_contain_text("¥17.50")


def an_order_of_gloves(page: Page, words, database) -> str:
    fill_cart(database, BUYER, {cast.gloves: 4})
    page.goto("/cart")
    order_button(page, words).click()
    return number_of_the_order_shown(page)


def the_rule(page: Page) -> Locator:
    return page.locator(".rule-form").first


def change_rule(page: Page, words, percent: str) -> None:
    """Type another value into the first step of the first rule, see that it is not saved, and save all
    rows with Enter.
    """
    value = the_rule(page).get_by_label(words("Value, step %(place)s", place=1))
    value.fill(percent)
    expect(page.locator("[data-unsaved-mark]").first).to_be_visible()
    expect(page.locator("[data-unsaved-count]")).to_have_text(words("Rows not saved: %(count)s", count=1))
    value.press("Enter")
    expect(page.locator(".notice[role=status]")).to_have_text(words("All rows have been saved."))
    expect(page.locator("[data-unsaved-mark]").first).to_be_hidden()


def publish(page: Page, words, act: str = "Publish") -> None:
    """Take the version a step further: the button, what the dialog shows, the button in it."""
    page.locator("main").get_by_role("button", name=words(act), exact=True).first.click()
    dialog = page.get_by_role("dialog")
    expect(dialog.locator("#review .skeleton")).to_have_count(0)
    assert_good_on_every_screen(page)
    dialog.locator("button[type=submit]").click()


def dealers_price(page: Page) -> Locator:
    """What the dealer reads in the catalogue now."""
    page.goto("/catalogue?q=GLOVES")
    return row_of(page, cast.gloves).locator(".price-own")


@in_one_language
def test_a_price_that_was_typed_and_not_saved_is_not_lost_by_publishing(open_page, words, policy):
    manager = open_page(cast.national_manager)
    manager.goto(f"/hq/policies/{policy}")
    manager.get_by_role("button", name=words("New version")).click()
    expect_status(manager, words, "draft", "policy")
    the_rule(manager).get_by_label(words("Value, step %(place)s", place=1)).fill("40")
    manager.once("dialog", lambda dialog: dialog.dismiss())
    with manager.expect_event("dialog") as asked:
        publish(manager, words, "Submit for approval")
    assert asked.value.type == "beforeunload"
    expect_status(manager, words, "draft", "policy")
    expect(the_rule(manager).get_by_label(words("Value, step %(place)s", place=1))).to_have_value("40")


def test_a_value_that_is_no_price_stays_beside_its_fault(open_page, words, policy):
    manager = open_page(cast.national_manager)
    manager.goto(f"/hq/policies/{policy}")
    manager.get_by_role("button", name=words("New version")).click()
    the_rule(manager).get_by_label(words("Value, step %(place)s", place=1)).fill("140")
    the_rule(manager).get_by_label(words("Value, step %(place)s", place=1)).press("Enter")
    expect(manager.locator("#rules .field-error")).to_be_visible()
    expect(the_rule(manager).get_by_label(words("Value, step %(place)s", place=1))).to_have_value("140")
    assert_good_on_every_screen(manager)


def test_a_risky_price_is_named_in_the_dialog_and_published_when_it_is_confirmed(open_page, words, given):
    draft = given.a_policy(percent_off(60, tier="S", product=cast.gloves), published_at=None, approved=True)
    manager = open_page(cast.national_manager)
    manager.goto(f"/hq/policies/{draft}")
    publish(manager, words)  # the box that is not ticked holds it back
    dialog = manager.get_by_role("dialog")
    expect(dialog).to_be_visible()
    expect(dialog).to_contain_text("¥10.00")
    dialog.get_by_role("checkbox").check()
    dialog.locator("button[type=submit]").click()
    expect_status(manager, words, "published", "policy")


@in_one_language
def test_rows_that_are_not_saved_are_not_lost_by_filtering(open_page, words):
    manager = open_page(cast.national_manager)
    manager.goto(f"/hq/policies/{cast.policy_draft}")
    value = the_rule(manager).get_by_label(words("Value, step %(place)s", place=1))
    value.fill("33")
    manager.once("dialog", lambda dialog: dialog.dismiss())
    with manager.expect_event("dialog") as asked:
        manager.get_by_label(words("Tier"), exact=True).first.select_option("A")
    assert asked.value.type == "confirm" and asked.value.message == words(
        "Rows that are not saved would be lost. Go on without them?"
    )
    expect(value).to_have_value("33")
    expect(manager.locator("#rules tbody tr")).to_have_count(len(cast.PERCENT_OFF))
