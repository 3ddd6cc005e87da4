"""Finance works off the bank's queue with the keyboard alone."""

from __future__ import annotations

from playwright.sync_api import expect

from portal.bank.reference import reference_of
from tests import cast
from tests.bank.acts import booked, mt940, payments, taken
from tests.browser.conftest import in_one_language


@in_one_language
def test_finance_accepts_a_proposal_with_one_key(open_page, database, owner):
    told = reference_of(cast.huadong.code)
    taken(
        database,
        mt940(
            booked("77.00", party="某公司"),
            booked("300000.00", told=told),
            booked("12.00", party=cast.yuegang.name_zh),
        ),
    )
    page = open_page(cast.hq_finance)
    page.goto("/hq/bank")
    expect(page.locator("[data-key-row]")).to_have_count(3)
    page.keyboard.press("j")
    page.keyboard.press("j")
    page.keyboard.press("j")
    expect(page.locator("[data-key-row]").nth(2)).to_be_focused()
    page.keyboard.press("a")
    expect(page.locator("[data-key-row]")).to_have_count(2)
    assert [amount for _, amount in payments(owner)] == [12]
