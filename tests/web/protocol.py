"""A client of the issuer that knows the protocol and may break it on purpose."""

from __future__ import annotations

import base64
import hashlib
import secrets
from dataclasses import dataclass, field
from urllib.parse import parse_qsl, urlencode, urlsplit

from flask import Flask
from werkzeug.test import TestResponse

from portal.identity.oauth_client import PORTAL, portal_secret
from tests import cast
from tests.roles import Person
from tests.web_clients import Visitor

CALLBACK = "http://localhost/login/callback"


def query_of(address: str) -> dict[str, str]:
    """The query of a URL."""
    return dict(parse_qsl(urlsplit(address).query))


@dataclass
class Flow:
    """One run of the authorization-code flow as the portal's own client. Change `asked` to break it."""

    app: Flask
    scope: str = "openid profile email offline_access orders:read statements:read"
    verifier: str = field(default_factory=lambda: secrets.token_urlsafe(48))
    asked: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        challenge = (
            base64.urlsafe_b64encode(hashlib.sha256(self.verifier.encode()).digest()).decode().rstrip("=")
        )
        self.asked = {
            "response_type": "code",
            "client_id": PORTAL,
            "redirect_uri": CALLBACK,
            "scope": self.scope,
            "state": "some-state",
            "nonce": "some-nonce",
            "code_challenge": challenge,
            "code_challenge_method": "S256",
        } | self.asked

    @property
    def address(self) -> str:
        """The authorization request."""
        return "/oauth/authorize?" + urlencode(
            {name: value for name, value in self.asked.items() if value is not None}
        )

    def open_form(self, visitor: Visitor) -> TestResponse:
        """Ask for the sign-in form."""
        return visitor.get(self.address)

    def send_form(self, visitor: Visitor, person: Person, password: str = cast.PASSWORD) -> TestResponse:
        """Open and fill in the form."""
        self.open_form(visitor)
        return visitor.post(self.address, {"email": person.email, "password": password})

    def code_for(self, person: Person) -> str:
        """A code for somebody who signs in."""
        return query_of(self.send_form(Visitor(self.app), person).location)["code"]

    def redeem(self, code: str, /, **changes: str | None) -> TestResponse:
        """Ask the token endpoint for what the code is worth."""
        fields = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": CALLBACK,
            "code_verifier": self.verifier,
        }
        return self.ask(**(fields | changes))

    def refresh(self, refresh_token: str, /, **changes: str | None) -> TestResponse:
        """Ask the token endpoint for new tokens."""
        return self.ask(**({"grant_type": "refresh_token", "refresh_token": refresh_token} | changes))

    def ask(self, **fields: str | None) -> TestResponse:
        """A request to the token endpoint, with the portal's secret unless `fields` say otherwise; None
        leaves one out.
        """
        form = {"client_id": PORTAL, "client_secret": portal_secret(self.app.config["SECRET_KEY"])} | fields
        kept = {name: value for name, value in form.items() if value is not None}
        return self.app.test_client(use_cookies=False).post("/oauth/token", data=kept)
