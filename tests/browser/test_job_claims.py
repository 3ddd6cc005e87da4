"""A dealer claims costs with a photo; headquarters sends it back, two people sign, and it is paid."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from portal.files.preview_file import make_preview
from portal.files.store import store_at
from tests import cast
from tests.browser.acts import confirm, expect_status, follow
from tests.browser.looks import assert_good_on_every_screen
from tests.claims.acts import LAST_MONTH_BEGINS, LAST_MONTH_ENDS
from tests.files.acts import a_picture
from tests.invariants import broken_promises

AMOUNT = "12000"


@pytest.fixture
def dealer(open_page, given, database) -> Page:
    """The page of a dealer's finance."""
    page = open_page(cast.huadong.finance)
    page.goto("/")
    return page


def test_a_claim_goes_from_the_photo_to_the_account(dealer, open_page, words, settings, owner):
    number = claim(dealer, words, settings)
    manager = open_page(cast.east_manager)
    manager.goto("/hq/rebates/claims?status=mine")
    send_back_by_keys(manager, words, number)
    complete(dealer, words, number)
    sign(manager, words, number)
    finance = open_page(cast.hq_finance)
    finance.goto(f"/hq/rebates/claims/{number}")
    finance.keyboard.press("a")
    finance.get_by_role("dialog").get_by_role("button", name=words("Approve and pay")).click()
    expect_status(finance, words, "paid", "rebate claim")
    dealer.reload()
    expect_status(dealer, words, "paid", "rebate claim")
    note = dealer.locator("#figures code, #figures .code").last.inner_text()
    finance.goto("/hq/dealers/huadong/ledger")
    expect(finance.locator("main")).to_contain_text(note)
    assert broken_promises(owner) == {}


def claim(page: Page, words, settings) -> str:
    """Claim with a photo; the number of the claim."""
    follow(page, words, "Rebate claims")
    page.get_by_role("link", name=words("New claim")).click()
    page.get_by_role("link", name=words("Marketing expenses")).click()
    page.locator("#field-activity").select_option(cast.activity_number)
    page.locator("#field-from").fill(str(LAST_MONTH_BEGINS))
    page.locator("#field-to").fill(str(LAST_MONTH_ENDS))
    page.locator("#field-amount").fill(AMOUNT)
    first = page.locator("#invoices-0")
    first.locator("[name=issuer]").fill("上海会展服务有限公司")
    first.locator("[name=invoice_no]").fill("24310001")
    first.locator("[name=invoice_date]").fill(str(LAST_MONTH_ENDS))
    first.locator("[name=invoice_amount]").fill(AMOUNT)
    photo = {"name": "booth.jpg", "mimeType": "image/jpeg", "buffer": a_picture()}
    page.locator(".file-camera input").set_input_files([photo])
    sent = page.locator("[data-file-list] [name=file_id]")
    expect(page.locator("[data-file-list] .file-item")).to_contain_text("booth.jpg")
    store = store_at(settings.files_url)  # what the worker does
    make_preview(store, file_id=sent.get_attribute("value"), media_type="image/jpeg")
    page.get_by_role("button", name=words("Submit the claim")).click()
    expect_status(page, words, "submitted", "rebate claim")
    return page.locator("h1 .num").inner_text()


def send_back_by_keys(page: Page, words, number: str) -> None:
    """Open it from the list, look at the photo, and ask for more: all by keys."""
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(number))
    expect(page.locator(".evidence img")).to_have_js_property("complete", True)
    assert page.locator(".evidence img").evaluate("image => image.naturalWidth") == 64
    page.keyboard.press("r")
    dialog = page.get_by_role("dialog")
    dialog.locator("#return-reason").fill("请补充签到表")
    page.keyboard.press("a")  # a letter of the reason, and no decision
    dialog.get_by_role("button", name=words("Send back")).click()
    expect_status(page, words, "returned", "rebate claim")


def complete(page: Page, words, number: str) -> None:
    """Read what is missing, and submit it again."""
    page.goto(f"/rebates/claims/{number}")
    expect(page.locator("main")).to_contain_text("请补充签到表")
    page.get_by_role("link", name=words("Complete"), exact=True).click()
    expect(page.locator("[name=invoice_no]").first).to_have_value("24310001")
    page.locator("#field-note").fill("签到表已附")
    page.get_by_role("button", name=words("Submit the claim")).click()
    expect_status(page, words, "submitted", "rebate claim")


def sign(page: Page, words, number: str) -> None:
    """The channel manager signs the first step."""
    page.goto(f"/hq/rebates/claims/{number}")
    assert_good_on_every_screen(page)
    page.keyboard.press("a")
    expect(page.get_by_role("dialog").locator("#approve-amount")).to_be_focused()
    page.keyboard.press("Escape")  # nothing is signed by a key alone
    expect_status(page, words, "submitted", "rebate claim")
    confirm(page, words("Sign"))
    expect_status(page, words, "in_approval", "rebate claim")
