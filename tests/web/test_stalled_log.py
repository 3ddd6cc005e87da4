"""The log goes to a pipe whose reader has stopped: requests and health go on, and later the log says what
is missing.
"""

from __future__ import annotations

import fcntl
import json
import os
import sys
from collections.abc import Callable, Iterator
from threading import Thread

import pytest
from werkzeug.test import TestResponse

from launch.process import wait_until
from portal.web import logs

PAGE = "/.well-known/jwks.json"


class Pipe:
    """A pipe that is full, until somebody reads it to its end."""

    def __init__(self) -> None:
        self._out, into = os.pipe()
        fcntl.fcntl(into, fcntl.F_SETPIPE_SZ, 4096)
        os.write(into, b"x" * 4095 + b"\n")
        self.stream = os.fdopen(into, "w")
        self.text = b""
        self._reader = Thread(target=self._read)

    def read(self) -> None:
        """Read from now on."""
        self._reader.start()

    def close(self) -> None:
        """Let everybody go who still writes."""
        if not self._reader.ident:
            self.read()
        assert wait_until(lambda: not logs._lines._lock.locked(), 10)
        self.stream.close()
        self._reader.join(10)
        os.close(self._out)

    def events(self) -> list[dict]:
        """What was logged."""
        return [json.loads(line) for line in self.text.splitlines() if line.startswith(b"{")]

    def _read(self) -> None:
        while some := os.read(self._out, 65536):
            self.text += some


@pytest.fixture
def stalled(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[], Pipe]]:
    """Let the log go to a pipe. To be called by the test, because pytest sets stderr anew before it."""
    pipe = Pipe()
    monkeypatch.setattr(logs, "_lines", logs._Lines())

    def stall() -> Pipe:
        monkeypatch.setattr(sys, "stderr", pipe.stream)
        return pipe

    yield stall
    pipe.close()


def soon(app, path: str) -> TestResponse:
    """The answer. Asked aside, so that what hangs fails the test instead of stopping it."""
    answers: list[TestResponse] = []
    asker = Thread(target=lambda: answers.append(app.test_client().get(path)))
    asker.start()
    asker.join(3)
    assert answers, f"{path} hangs"
    return answers[0]


def test_whoever_hangs_in_the_log_keeps_nobody_else(app, stalled: Callable[[], Pipe]):
    pipe = stalled()
    hung = Thread(target=app.test_client().get, args=[PAGE])
    hung.start()
    assert wait_until(logs._lines._lock.locked, 10)
    for lines in range(1, 4):
        assert soon(app, PAGE).status_code == 200
        ready = soon(app, "/readyz")
        assert (ready.status_code, ready.json["status"]) == (200, "degraded")
        assert ready.json["checks"]["log"] == f"stalled, nobody reads it; lines missing: {lines}"
        assert [name for name, said in ready.json["checks"].items() if said != "ok"] == ["log"]
    assert soon(app, "/healthz").status_code == 200
    pipe.read()
    hung.join(10)
    assert app.test_client().get("/readyz").json["status"] == "ready"
    app.test_client().get(PAGE)
    assert wait_until(lambda: len(pipe.events()) == 3, 10)
    assert [(event["event"], event.get("lines_missing")) for event in pipe.events()] == [
        ("request", None),
        ("log_resumed", 3),
        ("request", None),
    ]


def test_health_that_would_tell_what_is_missing_hangs_aside(app, stalled: Callable[[], Pipe]):
    pipe = stalled()
    logs._lines._count(2)
    for _ in range(3):
        assert soon(app, "/readyz").json["checks"]["log"] == "does not answer"
        assert soon(app, "/healthz").status_code == 200
    assert soon(app, PAGE).status_code == 200
    pipe.read()
    assert wait_until(lambda: app.test_client().get("/readyz").json["status"] == "ready", 10)
    app.test_client().get(PAGE)  # that answer may be the one that hung, which knew of two lines
    assert wait_until(lambda: sum(event.get("lines_missing", 0) for event in pipe.events()) == 3, 10)
