"""The description of the API, which everybody may read."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.browser.looks import PHONE, assert_good_on_every_screen


@pytest.mark.parametrize("chapter", ["", "/orders"])
def test_the_description_of_the_api_fits_and_is_accessible(page, chapter):
    page.goto(f"/api/v1/docs{chapter}")
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    assert_good_on_every_screen(page, accessible_on=[PHONE])
