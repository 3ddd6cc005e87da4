"""An identity provider for the demonstration: a company's own sign-in, at which one clicks who one is.

The people of `D0003` come in by it. It speaks OpenID Connect as far as the portal asks for it (discovery,
code with PKCE, signed ID token, sign-out) and keeps everything in memory. Nothing of this is in the portal.
"""

from __future__ import annotations

import argparse
import base64
import hashlib
import html
import json
import secrets
import sys
import time
from collections.abc import Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

import psycopg
from joserfc import jwt
from joserfc.jwk import RSAKey

HOST = "127.0.0.1"
CLIENT_ID = "tonglu-demo"
_KEY = RSAKey.generate_key(2048, {"kid": "demo", "use": "sig", "alg": "RS256"})
_CODES: dict[str, dict[str, str]] = {}

PEOPLE = (
    ("liu", "刘倩", ("sales",), "buys, and gets an account at the first sign-in"),
    ("he", "何立", ("sales", "accounts"), "buys and pays"),
    ("temp", "外包小周", (), "has no group that gives a role: is refused"),
    ("buyer", "D0003 采购", ("sales",), "has an account already, and links it by its password"),
)
"""Subject, name, groups, and what becomes of them."""


def settings() -> dict[str, str]:
    """What the portal is set to when this stands in: providers of dealers may stand on this machine."""
    return {"TONGLU_DEALER_PROVIDERS_PRIVATE": '["127.0.0.0/8"]'}


def command(port: int) -> list[str]:
    """The command that runs it beside the portal."""
    return [sys.executable, "-m", "launch.provider_stand_in", "--port", str(port)]


def move(owner_url: str, port: int) -> None:
    """Tell the data that are there where it stands at this start."""
    with psycopg.connect(owner_url) as connection:
        connection.execute("SELECT set_config('app.region_ids', '*', true)")  # the owner is bound by policies
        connection.execute(
            "UPDATE identity_provider SET issuer = %s WHERE client_id = %s",
            (f"http://{HOST}:{port}", CLIENT_ID),
        )


def main() -> int:
    """Run it until a signal."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--port", type=int, required=True)
    options = parser.parse_args()
    ThreadingHTTPServer((HOST, options.port), _handler(f"http://{HOST}:{options.port}")).serve_forever()
    return 0


def _handler(issuer: str) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            path, query = self._asked()
            if path == "/.well-known/openid-configuration":
                self._json(_metadata(issuer))
            elif path == "/keys":
                self._json({"keys": [_KEY.as_dict(private=False)]})
            elif path == "/authorize":
                self._page(_who(query))
            elif path == "/leave":
                self._lead(query.get("post_logout_redirect_uri", issuer))
            else:
                self._page("<h1>D0003</h1>")

        def do_POST(self) -> None:
            path, query = self._asked()
            form = dict(parse_qsl(self.rfile.read(int(self.headers.get("Content-Length", "0"))).decode()))
            if path == "/authorize":
                code = secrets.token_urlsafe(24)
                _CODES[code] = query | {"sub": form.get("sub", "")}
                about = {"code": code, "state": query.get("state", ""), "iss": issuer}
                self._lead(f"{query.get('redirect_uri', issuer)}?{urlencode(about)}")
            else:
                told = _token(issuer, form)
                self._json(told or {"error": "invalid_grant"}, 200 if told else 400)

        def _asked(self) -> tuple[str, dict[str, str]]:
            asked = urlsplit(self.path)
            return asked.path, dict(parse_qsl(asked.query))

        def _json(self, told: Mapping[str, Any], status: int = 200) -> None:
            self._say(json.dumps(told).encode(), "application/json", status)

        def _page(self, body: str) -> None:
            self._say(f"<!doctype html><meta charset=utf-8>{body}".encode(), "text/html", 200)

        def _say(self, content: bytes, kind: str, status: int) -> None:
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def _lead(self, address: str) -> None:
            self.send_response(302)
            self.send_header("Location", address)
            self.send_header("Content-Length", "0")
            self.end_headers()

    return Handler


def _metadata(issuer: str) -> dict[str, Any]:
    return {
        "issuer": issuer,
        "authorization_endpoint": f"{issuer}/authorize",
        "token_endpoint": f"{issuer}/token",
        "jwks_uri": f"{issuer}/keys",
        "end_session_endpoint": f"{issuer}/leave",
        "response_types_supported": ["code"],
        "response_modes_supported": ["query"],
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": ["RS256"],
        "token_endpoint_auth_methods_supported": ["none"],
        "code_challenge_methods_supported": ["S256"],
        "authorization_response_iss_parameter_supported": True,
    }


def _who(query: Mapping[str, str]) -> str:
    """The page on which one says who one is."""
    address = f"/authorize?{urlencode(query)}"
    buttons = "".join(
        f'<p><button name="sub" value="{sub}">{html.escape(name)}</button> {html.escape(said)}</p>'
        for sub, name, _groups, said in PEOPLE
    )
    return (
        "<title>D0003 企业登录</title><h1>D0003 企业登录 · company sign-in (demo)</h1>"
        f'<form method="post" action="{html.escape(address)}">{buttons}</form>'
    )


def _token(issuer: str, form: Mapping[str, str]) -> dict[str, Any] | None:
    """The ID token of a code, which is good once and for whoever proves to have asked for it."""
    asked = _CODES.pop(form.get("code", ""), None)
    person = next((one for one in PEOPLE if asked and one[0] == asked["sub"]), None)
    if asked is None or person is None or asked.get("redirect_uri") != form.get("redirect_uri"):
        return None
    digest = hashlib.sha256(form.get("code_verifier", "").encode()).digest()
    if base64.urlsafe_b64encode(digest).decode().rstrip("=") != asked.get("code_challenge"):
        return None
    sub, name, groups, _said = person
    now = int(time.time())
    claims = {
        "iss": issuer,
        "aud": asked.get("client_id", ""),
        "sub": sub,
        "iat": now,
        "exp": now + 300,
        "auth_time": now,
        "nonce": asked.get("nonce", ""),
        "sid": secrets.token_hex(8),
        "name": name,
        "email": f"{sub}@d0003.example",
        "email_verified": True,
        "groups": list(groups),
    }
    token = jwt.encode({"alg": "RS256", "kid": "demo"}, claims, _KEY)
    return {"id_token": token, "access_token": secrets.token_urlsafe(24), "token_type": "Bearer"}


if __name__ == "__main__":
    sys.exit(main())
