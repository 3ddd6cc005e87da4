"""A real Chromium on a real portal: one portal a module, and everybody in a browser of their own.

A page that logs an error, breaks its content policy, throws, or gets a server error fails its test.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import redis
from playwright.sync_api import (
    Browser,
    BrowserContext,
    BrowserType,
    ConsoleMessage,
    Page,
    Response,
    expect,
    sync_playwright,
)
from sqlalchemy import Connection

from config import Settings
from launch.browser import NAMES
from portal.kernel.db import Database
from tests import cast, servers
from tests.browser.acts import fill_sign_in_form
from tests.browser.looks import WIDE
from tests.browser.words import Words
from tests.builders import Given
from tests.conftest import owner_engine, settings_for
from tests.payments.acts import with_keys
from tests.roles import Person

_FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    # A page is looked at once: its scripts are over before what would make them faster is worked out.
    "--js-flags=--no-turbofan --no-maglev",
]
_RESULTS = servers.ROOT / "test-results"
_TEST_SECONDS = 180
_PATIENCE_MS = 20_000

# Logged by the browser for every refused request, also those a test provokes; `_note_answer` sees the rest.
_REFUSED = "Failed to load resource"
# Logged by htmx when a newer request took the place of one under way, and that it ended. One that failed logs
# more.
_REPLACED = {"htmx:sendAbort", "htmx:afterRequest"}
_PARTS_OF_A_PAGE = {"stylesheet", "script", "image", "font"}

expect.set_options(timeout=_PATIENCE_MS)


def pytest_configure(config: pytest.Config) -> None:
    """The marks of this folder."""
    config.addinivalue_line("markers", "in_every_language: a module's tests in Chinese, then in English")
    config.addinivalue_line("markers", "in_one_language: a test of such a module in Chinese only")


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Each language a module or a test is wanted in."""
    if metafunc.definition.get_closest_marker("in_every_language"):
        once = metafunc.definition.get_closest_marker("in_one_language")
        metafunc.parametrize("words", ["zh"] if once else ["zh", "en"], indirect=True, scope="module")


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
    with sync_playwright() as playwright:
        browser = launched(playwright.chromium)
        yield browser
        browser.close()


def launched(kind: BrowserType, *flags: str) -> Browser:
    """A browser of its own, with further flags."""
    program = os.environ.get("TONGLU_TEST_BROWSER") or next(filter(None, map(shutil.which, NAMES)), None)
    return kind.launch(executable_path=program, args=[*_FLAGS, *flags])


# One portal a module, and a fresh one for each language: the tests of a module live in one company's day.


@pytest.fixture(scope="module")
def words(request: pytest.FixtureRequest) -> Words:
    """The language of everybody's pages: Chinese, or each one where a module asks for `in_every_language`."""
    return Words(getattr(request, "param", "zh"))


@pytest.fixture(scope="module")
def database_name(
    cluster: servers.Cluster, template: str, counter: Iterator[int], words: Words
) -> Iterator[str]:
    """Name of this module's copy, in this language."""
    name = cluster.create(f"browser_{words.language}_{next(counter)}", template=template)
    yield name
    cluster.drop(name)


@pytest.fixture(scope="module")
def valkey_url(_valkey: str) -> Iterator[str]:
    """URL of a Valkey database that is empty at first."""
    yield _valkey
    with redis.from_url(_valkey) as client:
        client.flushdb()


@pytest.fixture(scope="module")
def settings(cluster: servers.Cluster, database_name: str, valkey_url: str) -> Settings:
    """Settings of the module's portal."""
    return with_keys(settings_for(cluster, database_name, valkey_url))


@pytest.fixture(scope="module")
def database(cluster: servers.Cluster, database_name: str) -> Iterator[Database]:
    """The module's database as the role that serves."""
    database = servers.database(cluster.app_url(database_name))
    yield database
    database.dispose()


@pytest.fixture(scope="module")
def owner(cluster: servers.Cluster, database_name: str) -> Iterator[Connection]:
    """A connection that sees every row and commits every statement at once."""
    engine = owner_engine(cluster, database_name)
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        yield connection
    engine.dispose()


@pytest.fixture(scope="module")
def given(owner: Connection, database: Database) -> Given:
    """Sets the scene."""
    return Given(owner, database)


@pytest.fixture(scope="module")
def live_server(settings: Settings) -> Iterator[str]:
    """Address of the module's portal."""
    with servers.web(settings) as address:
        yield address


# Visits


@pytest.fixture
def tolerated() -> set[str]:
    """Beginnings of what the browser may log in this test: ``tolerated.add("htmx:sendError")`` before the
    cable is pulled.
    """
    return {_REFUSED, *_REPLACED}


@pytest.fixture(scope="module")
def _sessions(live_server: str) -> dict[str, dict]:
    """Cookies of those who have signed in at the module's portal."""
    return {}


@pytest.fixture
def open_page(
    browser: Browser,
    live_server: str,
    words: Words,
    tolerated: set[str],
    _sessions: dict[str, dict],
    request: pytest.FixtureRequest,
) -> Iterator[Callable[..., Page]]:
    """``open_page(person, viewport=…, color_scheme="dark")``: a page in a browser of its own; the person
    is signed in.
    """
    contexts: list[BrowserContext] = []
    complaints: list[str] = []

    def opened(person: Person | None = None, *, viewport=WIDE, **options) -> Page:
        context = browser.new_context(
            base_url=live_server,
            locale=words.browser_locale,
            viewport=viewport,
            timezone_id=cast.ZONE.key,
            storage_state=_sessions.get(person.email) if person else None,
            **options,
        )
        contexts.append(context)
        context.set_default_timeout(_PATIENCE_MS)
        context.add_cookies([{"name": "locale", "value": words.language, "url": live_server}])
        context.on(
            "weberror",
            lambda failure: complaints.append(f"{failure.page and failure.page.url}: {failure.error}"),
        )
        context.on("console", lambda message: _note_message(message, tolerated, complaints))
        context.on("response", lambda answer: _note_answer(answer, complaints))
        page = context.new_page()
        if person is not None and person.email not in _sessions:
            sign_in(page, person)
            _sessions[person.email] = context.storage_state()
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
    fill_sign_in_form(page, person, password)
    page.wait_for_url(lambda url: "/login" not in url and "/oauth" not in url)


def in_every_language() -> pytest.MarkDecorator:
    """Mark for a module, ``pytestmark = in_every_language()``: its tests in Chinese, then in English.

    But for those that are `in_one_language`.
    """
    return pytest.mark.in_every_language


def in_one_language(test: Callable) -> Callable:
    """Mark for a test of a module in every language whose pages another test of it, or the one of all pages,
    walks in both, or whose subject has no words: a double click, two tabs, a lost network.
    """
    return pytest.mark.in_one_language(test)


def _note_message(message: ConsoleMessage, tolerated: set[str], complaints: list[str]) -> None:
    if message.type in {"error", "warning"} and not message.text.startswith(tuple(tolerated)):
        complaints.append(f"{message.page and message.page.url}: {message.text}")


def _note_answer(answer: Response, complaints: list[str]) -> None:
    if answer.status >= 500 or (answer.status >= 400 and answer.request.resource_type in _PARTS_OF_A_PAGE):
        complaints.append(f"{answer.request.method} {answer.url}: {answer.status}")


def _keep_pictures(name: str, contexts: list[BrowserContext]) -> None:
    """Screenshots of a failed test, for whoever repairs it."""
    _RESULTS.mkdir(exist_ok=True)
    safe = "".join(character if character.isalnum() else "-" for character in name)[:80]
    for number, page in enumerate((page for context in contexts for page in context.pages), start=1):
        page.screenshot(path=_RESULTS / f"{safe}-{number}.png", full_page=True)
