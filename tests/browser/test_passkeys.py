"""Passkeys in a browser with an authenticator of its own: enrolled, asked for at the sign-in, bound to us."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from config import Settings
from tests import cast, servers
from tests.browser.acts import fill_sign_in_form
from tests.browser.looks import assert_accessible, assert_fits

BUYER = cast.huadong.buyer


@pytest.fixture
def at_localhost(settings: Settings) -> Iterator[str]:
    """The portal under a name: browsers give no passkeys to an address of numbers."""
    with servers.web(settings, "localhost") as address:
        yield address


@pytest.fixture
def with_authenticator(browser: Browser, at_localhost: str) -> Iterator[Page]:
    context = browser.new_context(base_url=at_localhost, viewport={"width": 360, "height": 800})
    page = context.new_page()
    devtools = context.new_cdp_session(page)
    devtools.send("WebAuthn.enable")
    options = {
        "protocol": "ctap2",
        "transport": "internal",
        "hasResidentKey": False,
        "hasUserVerification": True,
        "isUserVerified": True,
        "automaticPresenceSimulation": True,
    }
    devtools.send("WebAuthn.addVirtualAuthenticator", {"options": options})
    yield page
    context.close()


def test_a_passkey_is_made_and_then_asked_for_at_the_sign_in(with_authenticator: Page) -> None:
    page = with_authenticator
    page.goto("/login")
    fill_sign_in_form(page, BUYER, cast.PASSWORD)
    page.goto("/account/security")
    page.locator("form[action$='/passkeys/new'] button").click()
    page.locator("input[name=label]").fill("手机")
    assert_accessible(page)
    assert_fits(page)
    page.locator("form[data-passkey] button").click()
    expect(page.locator("pre")).to_contain_text("-")  # recovery codes, shown this once
    assert_accessible(page)
    page.goto("/account/security")
    expect(page.get_by_text("手机")).to_be_visible()
    assert_fits(page)
    page.context.clear_cookies()
    page.goto("/login")
    fill_sign_in_form(page, BUYER, cast.PASSWORD)
    expect(page.locator("form[data-passkey=get]")).to_be_visible()
    assert_accessible(page)
    page.locator("form[data-passkey=get] button").click()
    page.wait_for_url(lambda url: "/oauth/" not in url and "/login" not in url)
    page.goto("/account")
    expect(page.get_by_text(BUYER.email).first).to_be_visible()
