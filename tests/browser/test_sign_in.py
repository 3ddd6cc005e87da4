"""The door of the portal in a browser."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

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
