"""What people do at every stop of a walk through the portal, on whatever screen."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from config import Settings
from portal.files.preview_file import make_preview
from portal.files.store import store_at
from tests.browser.looks import assert_accessible, assert_fits
from tests.files.acts import a_picture

PHOTO = {"name": "pump.jpg", "mimeType": "image/jpeg", "buffer": a_picture()}


def at_a_stop(page: Page) -> None:
    """Whoever stands here can read it, whatever the screen."""
    assert_fits(page)
    assert_accessible(page)


def take_a_photo(page: Page, settings: Settings) -> None:
    """With the phone's camera; it is sent at once."""
    page.locator(".file-camera input").set_input_files([PHOTO])
    sent = page.locator("[data-file-list] [name=file_id]")
    expect(sent).to_have_count(1)
    store = store_at(settings.files_url)  # what the worker does
    make_preview(store, file_id=sent.get_attribute("value"), media_type="image/jpeg")


def press(page: Page, label: str) -> None:
    """Press a button of the page."""
    page.locator("main").get_by_role("button", name=label, exact=True).first.click()


def go(page: Page, label: str) -> None:
    """Follow a link of the page."""
    page.locator("main").get_by_role("link", name=label, exact=True).first.click()
