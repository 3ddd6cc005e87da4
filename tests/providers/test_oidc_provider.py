"""The same against ``oidc-provider`` of npm, a second issuer that nobody here wrote: by hand, since it takes
Node and a package of another registry.

    npm install --prefix FOLDER oidc-provider
    TONGLU_TEST_OIDC_PROVIDER=FOLDER bin/test tests/providers/test_oidc_provider.py
"""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Event, Thread
from urllib.parse import parse_qs, urljoin, urlsplit

import httpx
import pytest
from sqlalchemy import text

from launch.process import wait_until
from tests.providers.acts import a_provider, account_of, code_of
from tests.providers.other_issuer import DISCOVERY, free_port
from tests.web_clients import Visitor

FOLDER = os.environ.get("TONGLU_TEST_OIDC_PROVIDER", "")
SERVER = Path(__file__).parent / "by_hand" / "oidc_provider.mjs"
pytestmark = pytest.mark.skipif(
    not FOLDER, reason="TONGLU_TEST_OIDC_PROVIDER names no folder where npm has installed oidc-provider"
)


class Told:
    """Where the issuer posts its logout tokens, and the last one."""

    def __init__(self) -> None:
        self.token, self.came = "", Event()
        told = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"])).decode()
                told.token = parse_qs(body)["logout_token"][0]
                self.send_response(200)
                self.end_headers()
                told.came.set()

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        Thread(target=self.server.serve_forever, daemon=True).start()


@pytest.fixture
def told() -> Iterator[Told]:
    made = Told()
    yield made
    made.server.shutdown()


@pytest.fixture
def handle(issuer, told) -> Iterator[str]:
    """A provider of Huadong at the issuer, which runs."""
    port = free_port()
    made = a_provider(issuer, f"http://127.0.0.1:{port}")
    logout = f"http://127.0.0.1:{told.server.server_port}/"
    said = [str(port), f"http://localhost/login/from/{made}", "http://localhost/login", logout]
    with subprocess.Popen(["node", str(SERVER), *said], cwd=FOLDER) as process:
        try:
            address = f"http://127.0.0.1:{port}{DISCOVERY}"
            assert wait_until(lambda: process.poll() is not None or _answers(address), 30, pause=0.05)
            yield made
        finally:
            process.terminate()


def test_people_come_in_and_go(app, handle, owner, told):
    visitor, browser = Visitor(app), httpx.Client()
    there = visitor.get(f"/login/company/{handle}").location
    assert visitor.get(_signed_in(browser, there, "li")).status_code == 302
    assert account_of(owner, "li@huadong.example").roles == ["dealer_buyer"]
    assert visitor.get("/orders").status_code == 200

    page = visitor.post("/logout").get_data(as_text=True)
    leaving = page.partition('content="0; url=')[2].partition('"')[0].replace("&amp;", "&")
    assert _left(browser, leaving) == "http://localhost/login"
    assert told.came.wait(10)
    posted = app.test_client(use_cookies=False).post(
        f"/login/from/{handle}/logout", data={"logout_token": told.token}
    )
    assert posted.status_code == 200
    assert owner.scalar(text("SELECT count(*) FROM provider_logout")) == 1


def test_signing_out_there_ends_the_session_here(app, handle, told):
    visitor, browser = Visitor(app), httpx.Client()
    visitor.get(_signed_in(browser, visitor.get(f"/login/company/{handle}").location, "li"))
    issuer = "http://" + urlsplit(visitor.get(f"/login/company/{handle}").location).netloc
    _left(browser, f"{issuer}/session/end")
    assert told.came.wait(10)
    client = app.test_client(use_cookies=False)
    for expected in (200, 400):  # good once
        posted = client.post(f"/login/from/{handle}/logout", data={"logout_token": told.token})
        assert posted.status_code == expected
    assert visitor.get("/orders").location.startswith("/login")


def test_a_stolen_code_is_worth_nothing_without_its_proof(app, handle):
    mine, theirs, browser = Visitor(app), Visitor(app), httpx.Client()
    begun = mine.get(f"/login/company/{handle}").location
    stolen = _signed_in(browser, theirs.get(f"/login/company/{handle}").location, "li")
    own = parse_qs(urlsplit(begun).query)["state"][0]
    theirs_state = parse_qs(urlsplit(stolen).query)["state"][0]
    assert code_of(mine.get(stolen.replace(theirs_state, own))) == "code_refused"


def test_it_names_itself_and_an_answer_without_the_name_is_refused(app, handle):
    visitor = Visitor(app)
    back = _signed_in(httpx.Client(), visitor.get(f"/login/company/{handle}").location, "li")
    assert "iss=" in back
    assert code_of(visitor.get(re.sub(r"&?iss=[^&]+", "", back))) == "foreign_issuer"


def test_a_wrong_secret_lets_nobody_in(app, handle, owner):
    owner.execute(text("UPDATE identity_provider SET secret_sealed = ''"))
    visitor = Visitor(app)
    back = _signed_in(httpx.Client(), visitor.get(f"/login/company/{handle}").location, "li")
    assert code_of(visitor.get(back)) == "code_refused"


def _answers(address: str) -> bool:
    try:
        return httpx.get(address).status_code == 200
    except httpx.HTTPError:
        return False


def _signed_in(browser: httpx.Client, address: str, sub: str) -> str:
    """Through its pages (who one is, what the portal may know) back to the portal's callback."""
    answer = _followed(browser, browser.get(address))
    while isinstance(answer, httpx.Response):
        action = re.search(r'action="([^"]+)"', answer.text)[1]
        names = re.findall(r'name="(\w+)" value="([^"]*)"', answer.text)
        form = dict(names) | ({"login": sub, "password": "any"} if "login" in answer.text else {})
        answer = _followed(browser, browser.post(urljoin(str(answer.url), action), data=form))
    return answer


def _followed(browser: httpx.Client, answer: httpx.Response) -> httpx.Response | str:
    """The page behind redirects, or where they leave the issuer: path and query."""
    while answer.is_redirect:
        address = urljoin(str(answer.url), answer.headers["Location"])
        if address.startswith("http://localhost/"):
            return address.removeprefix("http://localhost")
        answer = browser.get(address)
    return answer


def _left(browser: httpx.Client, address: str) -> str:
    """Confirm there that one leaves; where one is led."""
    page = browser.get(address)
    action = re.search(r'action="([^"]+)"', page.text)[1]
    form = dict(re.findall(r'name="(\w+)" value="([^"]*)"', page.text)) | {"logout": "yes"}
    answer = browser.post(urljoin(str(page.url), action), data=form)
    return answer.headers.get("Location", "")
