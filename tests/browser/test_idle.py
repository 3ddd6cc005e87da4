"""Nobody is there for a while: a warning, the sign-in, and what was typed is here again."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests import cast
from tests.browser.acts import fill_sign_in_form

FORM = "/api-clients/new"
NEARLY, TOO_LONG = 58 * 60 * 1000, 61 * 60 * 1000
A_LOOK = 6000


@pytest.fixture
def typing(open_page):
    """Somebody fills in a form, in a browser whose clock is ours. Who was signed out is not asked again."""

    def by(person):
        page = open_page(person)
        page.clock.install()
        page.goto(FORM)
        page.fill("#field-name", "用友 ERP")
        page.check("#scope-orders-read")
        return page

    return by


def go_away(page, milliseconds):
    page.clock.fast_forward(milliseconds)
    page.clock.run_for(A_LOOK)


def test_who_types_is_there_and_a_warning_lets_others_stay(typing, words):
    page = typing(cast.huadong.boss)
    with page.expect_response("**/account/alive"):
        go_away(page, NEARLY)
    page.wait_for_function("Date.now() - Number(localStorage.getItem('portal.contact')) < 60000")
    expect(page.locator("#idle")).to_be_hidden()
    go_away(page, NEARLY)
    expect(page.locator("#idle")).to_be_visible()
    page.get_by_role("button", name=words("Stay signed in")).click()
    expect(page.locator("#idle")).to_be_hidden()
    expect(page.locator("#field-name")).to_have_value("用友 ERP")


def test_after_the_sign_in_what_was_typed_is_here_again(typing):
    page = typing(cast.yuegang.boss)
    go_away(page, TOO_LONG)
    page.wait_for_url("**/oauth/authorize**")
    fill_sign_in_form(page, cast.yuegang.boss, cast.PASSWORD)
    page.wait_for_url(f"**{FORM}")
    expect(page.locator("#field-name")).to_have_value("用友 ERP")
    expect(page.locator("#scope-orders-read")).to_be_checked()


def test_another_person_who_signs_in_here_finds_nothing(typing):
    page = typing(cast.suzhou.boss)
    go_away(page, TOO_LONG)
    page.wait_for_url("**/oauth/authorize**")
    fill_sign_in_form(page, cast.huadong.boss, cast.PASSWORD)
    page.wait_for_url(f"**{FORM}")
    expect(page.locator("#field-name")).to_have_value("")
    assert page.evaluate("Object.keys(sessionStorage).filter(key => key.includes('draft')).length") == 0


def test_a_form_that_was_sent_too_late_comes_back_filled_in(typing, owner, words):
    page = typing(cast.huadong.boss)
    owner.exec_driver_sql("UPDATE user_session SET ended_at = now() WHERE ended_at IS NULL")
    page.get_by_role("button", name=words("Create"), exact=True).click()
    page.locator("[data-signed-out]").click()
    page.wait_for_url("**/oauth/authorize**")
    fill_sign_in_form(page, cast.huadong.boss, cast.PASSWORD)
    page.wait_for_url(f"**{FORM}")
    expect(page.locator("#field-name")).to_have_value("用友 ERP")
