"""The description of the API, which everybody may read."""

from __future__ import annotations

from playwright.sync_api import expect

from tests.browser.looks import assert_good_on_every_screen


def test_the_description_of_the_api_fits_and_is_accessible(page):
    page.goto("/api/v1/docs")
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    assert_good_on_every_screen(page)
