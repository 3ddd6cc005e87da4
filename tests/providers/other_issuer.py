"""An issuer that nobody here wrote, as a process, and what stands before it and spoils its answers.

The process is ``oidc-provider-mock``. It names itself by the host it is asked under, so whatever stands
before it is the issuer to the portal, and may say anything in its name: that is how every fault is made.
"""

from __future__ import annotations

import base64
import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any
from urllib.parse import urlsplit

import httpx
from joserfc import jwt
from joserfc.jwk import RSAKey

from launch.process import wait_until

Json = dict[str, Any]
DISCOVERY, KEYS, TOKEN, USERINFO = (
    "/.well-known/openid-configuration",
    "/jwks",
    "/oauth2/token",
    "/userinfo",
)


@contextmanager
def mock_process() -> Iterator[str]:
    """Run ``oidc-provider-mock`` and give its address."""
    port = free_port()
    command = [sys.executable, "-W", "ignore", "-m", "oidc_provider_mock", "--port", str(port)]
    with subprocess.Popen(
        command,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env={**os.environ, "AUTHLIB_INSECURE_TRANSPORT": "1"},
    ) as process:
        try:
            address = f"http://127.0.0.1:{port}"
            assert wait_until(lambda: process.poll() is not None or _answers(address), 30, pause=0.05)
            assert process.poll() is None
            yield address
        finally:
            process.terminate()


def free_port() -> int:
    """A port on which nobody listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _answers(address: str) -> bool:
    try:
        return httpx.get(f"{address}{DISCOVERY}").status_code == 200
    except httpx.HTTPError:
        return False


@dataclass
class OtherIssuer:
    """What the portal takes for the issuer. spoil: by path, what is made of an answer; asked: the paths that
    were asked for.
    """

    behind: str
    address: str = ""
    spoil: dict[str, Callable[[Json], Json | bytes]] = field(default_factory=dict)
    status: dict[str, int] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    key: RSAKey = field(default_factory=lambda: RSAKey.generate_key(2048, {"kid": "ours", "use": "sig"}))

    def knows(self, sub: str, **claims: Any) -> None:
        """Somebody has an account there, of whom it tells this."""
        answer = httpx.put(f"{self.behind}/users/{sub}", json=claims)
        assert answer.status_code == 204, answer.text

    def sign_in(self, address: str, sub: str) -> str:
        """The person signs in on the issuer's page; where the browser is sent back to, without the host."""
        answer = httpx.post(address, data={"sub": sub})
        assert answer.status_code == 302, answer.text
        back = urlsplit(answer.headers["Location"])
        return f"{back.path}?{back.query}"

    def signs(self, claims: Json, *, alg: str = "RS256", key: Any = None, **header: Any) -> str:
        """A token signed by the key that the issuer publishes here beside its own."""
        header = {"alg": alg, "kid": "ours"} | header
        return jwt.encode(header, claims, key or self.key, algorithms=[alg])

    def publishes_our_key(self) -> None:
        """From now on it publishes a key with which a test may sign in its name."""
        ours = self.key.as_dict(private=False)
        self.spoil[KEYS] = lambda told: {"keys": [*told["keys"], ours]}

    def says(self, *, alg: str = "RS256", drops: tuple[str, ...] = (), **claims: Any) -> None:
        """ID tokens are those that it gives, but for some claims; signed by our key."""
        self.publishes_our_key()

        def spoilt(told: Json) -> Json:
            given = claims_in(told["id_token"])
            kept = {name: value for name, value in (given | claims).items() if name not in drops}
            return told | {"id_token": self.signs(kept, alg=alg)}

        self.spoil[TOKEN] = spoilt

    def logout_token(self, client_id: str, **changes: Any) -> str:
        """A logout token in its name; None leaves a claim out."""
        now = int(time.time())
        claims = {
            "iss": self.address,
            "aud": client_id,
            "iat": now,
            "exp": now + 120,
            "jti": os.urandom(8).hex(),
            "events": {"http://schemas.openid.net/event/backchannel-logout": {}},
        } | changes
        kept = {name: value for name, value in claims.items() if value is not None}
        return self.signs(kept, typ="logout+jwt")


def claims_in(token: str) -> Json:
    """What a token says, unchecked."""
    body = token.split(".")[1]
    read: Json = json.loads(base64.urlsafe_b64decode(body + "=" * (-len(body) % 4)))
    return read


@contextmanager
def before(behind: str) -> Iterator[OtherIssuer]:
    """Stand before an issuer."""
    issuer = OtherIssuer(behind)
    with ThreadingHTTPServer(("127.0.0.1", 0), _handler(issuer)) as server:
        issuer.address = f"http://127.0.0.1:{server.server_port}"
        Thread(target=server.serve_forever, daemon=True).start()
        yield issuer
        server.shutdown()


def _handler(issuer: OtherIssuer) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self._pass_on(b"")

        def do_POST(self) -> None:
            self._pass_on(self.rfile.read(int(self.headers.get("Content-Length", "0"))))

        def _pass_on(self, body: bytes) -> None:
            path = urlsplit(self.path).path
            issuer.asked.append(path)
            headers = {name: value for name, value in self.headers.items() if name.lower() != "connection"}
            answer = httpx.request(self.command, f"{issuer.behind}{self.path}", content=body, headers=headers)
            content = answer.content
            if path in issuer.spoil:
                spoilt = issuer.spoil[path](answer.json())
                content = spoilt if isinstance(spoilt, bytes) else json.dumps(spoilt).encode()
            self.send_response(issuer.status.get(path, answer.status_code))
            for name in ("Content-Type", "Location"):
                if name in answer.headers:
                    self.send_header(name, answer.headers[name])
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, format: str, *args: Any) -> None:
            """Nobody reads it."""

    return Handler
