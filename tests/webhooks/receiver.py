"""A receiver of webhooks as its own process: ``python -m tests.webhooks.receiver``.

It prints its port. What it does is said in the address: ``/ok``, ``/hang``, ``/slow/3`` (answers after so
many seconds), ``/inside/8000`` (redirects to that port of this machine), ``/flood``, ``/drip``, ``/gone``,
``/fail/2`` (so many times for each message, then it takes it), ``/later/60`` (asks to be left alone so long).
It holds signatures to the secrets that ``PUT /secrets`` names, and takes a message once, however often it
comes. ``GET /taken`` tells the messages that it took, in their order; ``GET /calls`` every call.

The reference of docs/webhooks.md: `Memory.take` is all that a receiver has to do.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import sys
import time
from collections import Counter
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Lock
from typing import Any

TOLERANCE = 300  # seconds between the sender's clock and ours


def is_genuine(secrets: list[str], headers: dict[str, str], body: bytes, now: float) -> bool:
    """Whether one of the signatures was made with one of our secrets, not long ago."""
    message_id, sent_at = headers.get("webhook-id", ""), headers.get("webhook-timestamp", "")
    if not sent_at.isdigit() or abs(now - int(sent_at)) > TOLERANCE:
        return False
    signed = f"{message_id}.{sent_at}.".encode() + body
    for secret in secrets:
        key = base64.b64decode(secret.removeprefix("whsec_"))
        expected = base64.b64encode(hmac.digest(key, signed, hashlib.sha256)).decode()
        for signature in headers.get("webhook-signature", "").split():
            version, _, value = signature.partition(",")
            if version == "v1" and hmac.compare_digest(value, expected):
                return True
    return False


class Memory:
    """What the receiver knows; shared by its threads."""

    def __init__(self) -> None:
        self.lock = Lock()
        self.secrets: list[str] = []
        self.calls: list[dict[str, Any]] = []
        self.taken: list[dict[str, Any]] = []
        self.failures: Counter[str] = Counter()

    def take(self, path: str, headers: dict[str, str], body: bytes) -> bool:
        """Take a message that is genuine; one that came before is not taken again. False for a forged one."""
        if self.secrets and not is_genuine(self.secrets, headers, body, time.time()):
            return False
        message = {"id": headers["webhook-id"], "path": path, **json.loads(body)}
        with self.lock:
            if all(one["id"] != message["id"] for one in self.taken):
                self.taken.append(message)
        return True


class Receiver(BaseHTTPRequestHandler):
    """One connection."""

    memory: Memory
    server_version = "receiver"
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        """Tell what came."""
        known = {"/taken": self.memory.taken, "/calls": self.memory.calls}
        with self.memory.lock:
            said = json.dumps(known[self.path]).encode()
        self._answer(200, said)

    def do_PUT(self) -> None:
        """Be told the secrets."""
        self.memory.secrets = json.loads(self._body())
        self._answer(204)

    def do_POST(self) -> None:
        """A message."""
        body, headers = self._body(), {name.lower(): value for name, value in self.headers.items()}
        with self.memory.lock:
            self.memory.calls.append({"path": self.path, "headers": headers, "body": body.decode()})
        _, act, *said = self.path.split("/")
        getattr(self, f"_{act}")(headers, body, *said)

    def _ok(self, headers: dict[str, str], body: bytes, *_named: str) -> None:
        genuine = self.memory.take(self.path, headers, body)
        self._answer(200 if genuine else 401, b"thanks" if genuine else b"not genuine")

    def _hang(self, _headers: dict[str, str], _body: bytes) -> None:
        Event().wait(120)

    def _slow(self, headers: dict[str, str], body: bytes, seconds: str, *_named: str) -> None:
        Event().wait(float(seconds))
        self._ok(headers, body)

    def _inside(self, _headers: dict[str, str], _body: bytes, port: str) -> None:
        self._answer(307, b"", {"Location": f"http://127.0.0.1:{port}/ok"})

    def _flood(self, _headers: dict[str, str], _body: bytes) -> None:
        self.send_response(200)
        self.end_headers()
        self.close_connection = True
        while True:
            self.wfile.write(b"flood " * 10_000)

    def _drip(self, _headers: dict[str, str], _body: bytes) -> None:
        self.send_response(200)
        self.send_header("Content-Length", "1000000")
        self.end_headers()
        gone = Event()
        while not gone.wait(0.2):
            self.wfile.write(b"x")

    def _gone(self, _headers: dict[str, str], _body: bytes, *_named: str) -> None:
        self._answer(410)

    def _fail(self, headers: dict[str, str], body: bytes, times: str, *_named: str) -> None:
        with self.memory.lock:
            self.memory.failures[headers["webhook-id"]] += 1
            failed = self.memory.failures[headers["webhook-id"]]
        if failed <= int(times):
            self._answer(500, b"out of order")
        else:
            self._ok(headers, body)

    def _later(self, _headers: dict[str, str], _body: bytes, seconds: str) -> None:
        self._answer(503, b"", {"Retry-After": seconds})

    def _body(self) -> bytes:
        return self.rfile.read(int(self.headers.get("Content-Length", 0)))

    def _answer(self, status: int, body: bytes = b"", headers: dict[str, str] | None = None) -> None:
        self.send_response(status)
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        if status != 204:
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:
        """Nobody reads it."""


def main() -> None:
    """Receive until killed."""
    Receiver.memory = Memory()
    server = ThreadingHTTPServer(("127.0.0.1", 0), Receiver)
    server.daemon_threads = True
    print(server.server_port, flush=True)
    server.serve_forever()


if __name__ == "__main__":
    sys.exit(main())
