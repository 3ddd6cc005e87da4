"""The door of the portal in a browser."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect
from sqlalchemy import text

from tests import cast
from tests.browser.acts import fill_sign_in_form
from tests.browser.conftest import sign_in
from tests.browser.looks import assert_accessible, assert_fits


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [360, 1280])
def test_the_sign_in_page_is_accessible_on_every_screen(open_page, width, scheme):
    page = open_page(viewport={"width": width, "height": 800}, color_scheme=scheme)
    page.goto("/login")
    expect(page.locator("input[name=email]")).to_be_visible()
    assert_accessible(page)
    assert_fits(page)


@pytest.mark.parametrize("person", [cast.huadong.buyer, cast.order_desk], ids=lambda person: person.email)
def test_a_person_signs_in_and_finds_their_account(page, person):
    sign_in(page, person)
    expect(page.get_by_text(person.display_name).first).to_be_attached()
    page.goto("/account")
    assert_accessible(page)


def test_a_wrong_password_is_answered_beside_the_form_and_keeps_the_mail(page):
    page.goto("/login")
    fill_sign_in_form(page, cast.huadong.buyer, "wrong")
    expect(page.get_by_role("alert")).to_be_visible()
    expect(page.locator("input[name=email]")).to_have_value(cast.huadong.buyer.email)
    assert_accessible(page)


def test_what_was_typed_into_a_form_survives_the_end_of_the_session(open_page, words, owner):
    person = cast.huadong.service
    page = open_page(person)
    page.goto("/service-requests/new?kind=consultation")
    page.locator("input[name=subject]").fill("Where is the manual?")
    page.locator("textarea[name=text]").fill("It was not in the box.")
    owner.execute(text("DELETE FROM user_session WHERE user_id = :user"), {"user": person.id})
    page.get_by_role("button", name=words("Send the request")).click()
    expect(page.locator(".error-page")).to_contain_text(words("Your session has ended"))
    page.locator("[data-signed-out]").click()
    fill_sign_in_form(page, person)
    expect(page.locator("input[name=subject]")).to_have_value("Where is the manual?")
    expect(page.locator("textarea[name=text]")).to_have_value("It was not in the box.")
    page.get_by_role("button", name=words("Send the request")).click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Where is the manual?")
    page.goto("/service-requests/new?kind=consultation")
    expect(page.locator("input[name=subject]")).to_have_value("")
