"""Nobody is there for a while: a warning, the sign-in, and what was typed is here again."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests import cast
from tests.browser.acts import fill_sign_in_form

FORM = "/api-clients/new"


@pytest.fixture
def typing(open_page):
    """Somebody fills in a form, in a browser whose clock is ours."""
    page = open_page(cast.huadong.boss)
    page.clock.install()
    page.goto(FORM)
    page.fill("#field-name", "用友 ERP")
    page.check("#scope-orders-read")
    return page


def test_a_warning_lets_them_stay(typing, words):
    typing.clock.fast_forward(58 * 60 * 1000)
    typing.clock.run_for(6000)  # it was typed into, and that is told
    typing.clock.fast_forward(58 * 60 * 1000)
    typing.clock.run_for(6000)
    expect(typing.locator("#idle")).to_be_visible()
    typing.get_by_role("button", name=words("Stay signed in")).click()
    expect(typing.locator("#idle")).to_be_hidden()
    expect(typing.locator("#field-name")).to_have_value("用友 ERP")


def test_after_the_sign_in_what_was_typed_is_here_again(typing):
    typing.clock.fast_forward(61 * 60 * 1000)
    typing.clock.run_for(6000)
    typing.wait_for_url("**/oauth/authorize**")
    fill_sign_in_form(typing, cast.huadong.boss, cast.PASSWORD)
    typing.wait_for_url(f"**{FORM}")
    expect(typing.locator("#field-name")).to_have_value("用友 ERP")
    expect(typing.locator("#scope-orders-read")).to_be_checked()


def test_another_person_who_signs_in_here_finds_nothing(typing):
    typing.clock.fast_forward(61 * 60 * 1000)
    typing.clock.run_for(6000)
    typing.wait_for_url("**/oauth/authorize**")
    fill_sign_in_form(typing, cast.yuegang.boss, cast.PASSWORD)
    typing.wait_for_url(f"**{FORM}")
    expect(typing.locator("#field-name")).to_have_value("")
    assert typing.evaluate("Object.keys(sessionStorage).filter(key => key.includes('draft')).length") == 0


def test_a_form_that_was_sent_too_late_comes_back_filled_in(typing, owner):
    owner.exec_driver_sql("UPDATE user_session SET ended_at = now() WHERE ended_at IS NULL")
    typing.get_by_role("button").filter(has=typing.locator(".ti-check")).last.click()
    typing.locator("[data-signed-out]").click()
    typing.wait_for_url("**/oauth/authorize**")
    fill_sign_in_form(typing, cast.huadong.boss, cast.PASSWORD)
    typing.wait_for_url(f"**{FORM}")
    expect(typing.locator("#field-name")).to_have_value("用友 ERP")
