"""A group's service as it checks what robots send: form and signature, by its own reckoning.

Runs in a thread of its own on a free port; written from the services' descriptions, not from our adapters.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any
from urllib.parse import parse_qs, urlsplit

SECRET = "SEC-of-the-group"


@dataclass
class Received:
    """What came in; answer: given instead of the service's own."""

    url: str = ""
    accepted: list[dict[str, Any]] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)
    answer: tuple[int, dict[str, Any]] | None = None


def _digest(key: bytes, text: bytes) -> str:
    return base64.b64encode(hmac.new(key, text, hashlib.sha256).digest()).decode()


def _wecom(query: dict[str, list[str]], body: dict[str, Any], *_: Any) -> dict[str, Any]:
    assert query == {"key": ["K1"]}, "93000 invalid webhook url"
    assert set(body) == {"msgtype", "markdown"} and body["msgtype"] == "markdown"
    assert set(body["markdown"]) == {"content"}
    assert 0 < len(body["markdown"]["content"].encode()) <= 4096
    return {"errcode": 0, "errmsg": "ok"}


def _dingtalk(query: dict[str, list[str]], body: dict[str, Any], *_: Any) -> dict[str, Any]:
    assert query["access_token"] == ["T1"]
    [stamp], [sign] = query["timestamp"], query["sign"]
    assert len(stamp) == 13 and stamp.isdigit()
    assert sign == _digest(SECRET.encode(), f"{stamp}\n{SECRET}".encode()), "310000 sign not match"
    assert body["msgtype"] == "markdown" and set(body["markdown"]) == {"title", "text"}
    assert len(json.dumps(body, ensure_ascii=False).encode()) <= 20_000
    return {"errcode": 0, "errmsg": "ok"}


def _feishu(_query: Any, body: dict[str, Any], *_: Any) -> dict[str, Any]:
    stamp = body["timestamp"]
    assert isinstance(stamp, str) and len(stamp) == 10
    assert body["sign"] == _digest(f"{stamp}\n{SECRET}".encode(), b""), "19021 sign match fail"
    post = body["content"]["post"]["zh_cn"]
    assert body["msg_type"] == "post" and isinstance(post["title"], str)
    assert all(one["tag"] in ("text", "a") for line in post["content"] for one in line)
    assert len(json.dumps(body, ensure_ascii=False).encode()) <= 20_000
    return {"code": 0, "msg": "success", "data": {}}


def _sms(_query: Any, body: dict[str, Any], headers: Any, raw: bytes) -> dict[str, Any]:
    parts = dict(part.split("=") for part in headers["X-Tonglu-Signature"].split(","))
    expected = hmac.new(SECRET.encode(), parts["t"].encode() + b"." + raw, hashlib.sha256).hexdigest()
    assert parts["v1"] == expected, "bad signature"
    assert set(body) == {"to", "parameters"} and body["parameters"][0]
    return {"code": "OK"}


_SERVICES = {"wecom": _wecom, "dingtalk": _dingtalk, "feishu": _feishu, "sms": _sms}
PATHS = {
    "wecom": "/wecom?key=K1",
    "dingtalk": "/dingtalk?access_token=T1",
    "feishu": "/feishu",
    "sms": "/sms",
}
SMS_BODY = '{"to": "{mobile}", "parameters": ["{text}"]}'


@contextmanager
def receiver() -> Iterator[Received]:
    """A receiver for all four; what it got is in what is given."""
    received = Received()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            raw = self.rfile.read(int(self.headers["Content-Length"]))
            to = urlsplit(self.path)
            try:
                assert self.headers["Content-Type"].startswith("application/json")
                body = json.loads(raw)
                service = _SERVICES[to.path.strip("/")]
                said = service(parse_qs(to.query), body, self.headers, raw)
                status, said = received.answer or (200, said)
                received.accepted.append(body)
            except (AssertionError, KeyError, ValueError) as error:
                received.refused.append(repr(error))
                status, said = 200, {"errcode": 310000, "code": 19021, "errmsg": repr(error)}
            answer = json.dumps(said).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    received.url = f"http://127.0.0.1:{server.server_address[1]}"
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield received
    finally:
        server.shutdown()
        server.server_close()
        thread.join(10)
