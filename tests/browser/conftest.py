"""A real Chromium on a real server. A page that logs an error, breaks its content policy or throws fails its test."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, expect, sync_playwright

from tests import cast
from tests.roles import Person

_INSTALLED = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome")
_FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"]
_RESULTS = Path(__file__).parent.parent.parent / "test-results"
_WIDE = {"width": 1280, "height": 900}
_TEST_SECONDS = 180

# Logged by the browser for every refused request; the test itself looks at the answer.
_EXPECTED = "Failed to load resource"

expect.set_options(timeout=10_000)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """A browser takes its time on a busy machine."""
    for item in items:
        if Path(__file__).parent in item.path.parents and item.get_closest_marker("timeout") is None:
            item.add_marker(pytest.mark.timeout(_TEST_SECONDS))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Iterator[None]:
    """Remember whether the test failed, for the screenshot."""
    report = yield
    if report.when == "call":
        item.stash[_FAILED] = report.failed
    return report


_FAILED = pytest.StashKey[bool]()


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """The browser of ``TONGLU_TEST_BROWSER``, an installed Chromium, or Playwright's own."""
    program = os.environ.get("TONGLU_TEST_BROWSER") or next(filter(None, map(shutil.which, _INSTALLED)), None)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=_FLAGS)
        yield browser
        browser.close()


@pytest.fixture
def open_page(browser: Browser, live_server: str, request: pytest.FixtureRequest) -> Iterator[Callable[..., Page]]:
    """``open_page(person, locale="en", viewport=…, color_scheme="dark")``: a page of a browser of its own, signed in."""
    contexts: list[BrowserContext] = []
    complaints: list[str] = []

    def opened(person: Person | None = None, *, locale: str = "zh-CN", viewport=_WIDE, **options) -> Page:
        context = browser.new_context(
            base_url=live_server, locale=locale, viewport=viewport, timezone_id="Asia/Shanghai", accept_downloads=True, **options
        )  # fmt: skip
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: complaints.append(f"{page.url}: {error}"))
        page.on("console", lambda message: _note(message, page, complaints))
        if person is not None:
            sign_in(page, person)
        return page

    yield opened
    if request.node.stash.get(_FAILED, False):
        _keep_pictures(request.node.name, contexts)
    for context in contexts:
        context.close()
    assert not complaints, "\n".join(complaints)


@pytest.fixture
def page(open_page: Callable[..., Page]) -> Page:
    """A page on which nobody is signed in."""
    return open_page()


def sign_in(page: Page, person: Person, password: str = cast.PASSWORD) -> None:
    """Through the form of the built-in issuer, as a person does."""
    page.goto("/login")
    page.locator("input[name=email]").fill(person.email)
    page.locator("input[name=password]").fill(password)
    page.locator("input[name=password]").press("Enter")
    page.wait_for_url(lambda url: "/login" not in url and "/oauth" not in url)


def assert_accessible(page: Page) -> None:
    """No violation that axe-core knows of."""
    results = Axe().run(page)
    assert results.violations_count == 0, results.generate_report()


def _note(message: ConsoleMessage, page: Page, complaints: list[str]) -> None:
    if message.type in {"error", "warning"} and not message.text.startswith(_EXPECTED):
        complaints.append(f"{page.url}: {message.text}")


def _keep_pictures(name: str, contexts: list[BrowserContext]) -> None:
    """Screenshots of a failed test, for whoever repairs it."""
    _RESULTS.mkdir(exist_ok=True)
    safe = "".join(character if character.isalnum() else "-" for character in name)[:80]
    for number, page in enumerate((page for context in contexts for page in context.pages), start=1):
        page.screenshot(path=_RESULTS / f"{safe}-{number}.png", full_page=True)
