"""How a person and a program come to the portal in a test: through the same doors as everybody."""

from __future__ import annotations

import re
from html import unescape
from typing import Any

import flask
from flask import Flask
from werkzeug.test import TestResponse

from portal.identity import queries
from portal.identity.sign_in import sign_in
from portal.kernel import clock
from portal.kernel.db import transaction
from tests import cast
from tests.roles import Person, System

_CSRF = re.compile(r'name="csrf_token" value="([^"]+)"')


class Visitor:
    """A browser without eyes: keeps cookies and sends the CSRF token of the last page it saw."""

    def __init__(self, app: Flask, *, locale: str = "zh") -> None:
        self._app = app
        self._http = app.test_client()
        self._csrf = ""
        self._languages = {"Accept-Language": locale}

    def get(self, path: str, **options: Any) -> TestResponse:
        """Ask for a page; redirects are shown, not followed."""
        return self._send("GET", path, **options)

    def fragment(self, path: str, **options: Any) -> TestResponse:
        """Ask for the part of a page that htmx would swap in."""
        headers = {"HX-Request": "true"} | options.pop("headers", {})
        return self._send("GET", path, headers=headers, **options)

    def post(self, path: str, data: dict[str, Any] | None = None, **options: Any) -> TestResponse:
        """Send a form, as the page would, with its CSRF token; redirects are shown, not followed."""
        return self._send("POST", path, data=self.form(data), **options)

    def form(self, data: dict[str, Any] | None = None) -> dict[str, Any]:
        """The fields of a form together with its CSRF token."""
        if not self._csrf:
            self._send("GET", "/", follow_redirects=True)
        return {"csrf_token": self._csrf} | (data or {})

    def request(self, method: str, path: str, **options: Any) -> TestResponse:
        """Any request, exactly as given: no token is added."""
        return self._send(method, path, **options)

    def sign_in(self, person: Person, password: str = cast.PASSWORD) -> TestResponse:
        """Through the portal, its issuer and back, following every redirect."""
        form = self.get("/login", follow_redirects=True)
        address = form.request.full_path
        answer = self.post(address, {"email": person.email, "password": password}, follow_redirects=True)
        self._csrf = _token_in(answer) or ""
        return answer

    def come_in(self, person: Person) -> None:
        """Be signed in already, on a page with forms: the session, the cookies and the token with which the
        road through the issuer ends.
        """
        from flask_login import login_user  # here, so that tests of rules start without the web
        from flask_wtf.csrf import generate_csrf

        from portal.web import browser_session, language

        with transaction(self._app.issuer_database.system_session()) as session:
            known = queries.person(session, person.id)
            assert known is not None, person.email
            secret = sign_in(session, person=known, hours=self._app.settings.session_hours, at=clock.now())
        with self._http.session_transaction() as kept:
            kept.permanent = True
            with self._app.test_request_context():
                login_user(browser_session.Visitor(known, secret))
                self._csrf = generate_csrf()
                kept.update(flask.session)
        self._http.set_cookie(language.COOKIE, known.locale)

    def _send(self, method: str, path: str, **options: Any) -> TestResponse:
        headers = self._languages | dict(options.pop("headers", {}))
        response = self._http.open(path, method=method, headers=headers, **options)
        self._csrf = _token_in(response) or self._csrf
        return response


class Caller:
    """A program that calls the API with a bearer token."""

    def __init__(self, app: Flask, token: str) -> None:
        self._http = app.test_client(use_cookies=False)
        self.token = token

    def get(self, path: str, **options: Any) -> TestResponse:
        """GET below ``/api/v1``."""
        return self.request("GET", path, **options)

    def post(self, path: str, body: Any = None, *, key: str | None = None, **options: Any) -> TestResponse:
        """POST JSON below ``/api/v1``, with an idempotency key if one is given."""
        headers = ({"Idempotency-Key": key} if key else {}) | options.pop("headers", {})
        return self.request("POST", path, json=body if body is not None else {}, headers=headers, **options)

    def request(self, method: str, path: str, **options: Any) -> TestResponse:
        """Any request below ``/api/v1``."""
        headers = {"Authorization": f"Bearer {self.token}"} | dict(options.pop("headers", {}))
        return self._http.open(f"/api/v1{path}", method=method, headers=headers, **options)


def token_for(app: Flask, system: System, **fields: str) -> TestResponse:
    """The answer of the token endpoint to a program's own credentials."""
    form = {
        "grant_type": "client_credentials",
        "client_id": system.client_id,
        "client_secret": cast.SECRET,
    } | fields
    return app.test_client(use_cookies=False).post("/oauth/token", data=form)


def _token_in(response: TestResponse) -> str | None:
    """The CSRF token of a page, if it has one."""
    if response.mimetype != "text/html":
        return None
    found = _CSRF.search(response.get_data(as_text=True))
    return unescape(found.group(1)) if found else None
