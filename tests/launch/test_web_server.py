"""The web server as `bin/demo` and `bin/portal` start it: who is slow or dies does not keep the others
from being answered.
"""

from __future__ import annotations

import http.client
import os
import signal
import socket
import tempfile
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import psutil
import pytest

from launch.bootstrap import ROOT
from launch.postgres import APP, ISSUER, Postgres
from launch.process import Child, runs, wait_until
from launch.programs import program, web_command
from launch.stage import HOST, answers_ready, free_port
from launch.supervisor import Supervisor
from launch.valkey import Valkey
from tests import cast, servers, stage

AT_ONCE = 40
STATIC = ROOT / "portal" / "static"
BIGGEST = "/static/" + str(
    max(STATIC.rglob("*.js"), key=lambda path: path.stat().st_size).relative_to(STATIC)
)


@dataclass(frozen=True)
class Portal:
    """A portal of its own with the servers it needs."""

    port: int
    postgres: Postgres
    web: Child
    supervisor: Supervisor

    def get(self, path: str, **headers: str) -> tuple[int, float]:
        """Status of an answer and the seconds it took."""
        connection = http.client.HTTPConnection(HOST, self.port, timeout=40)
        began = time.monotonic()
        try:
            connection.request("GET", path, headers=headers)
            return connection.getresponse().status, time.monotonic() - began
        finally:
            connection.close()

    def connect(self, sent: bytes) -> socket.socket:
        """A connection on which something was sent and nothing is read."""
        client = socket.socket()
        client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2048)
        client.settimeout(30)
        client.connect((HOST, self.port))
        client.sendall(sent)
        return client


@pytest.fixture(scope="module")
def portal() -> Iterator[Portal]:
    """The cast's portal, watched by a supervisor when somebody tends."""
    with (
        Postgres(durable=False) as postgres,
        Valkey(durable=False) as valkey,
        tempfile.TemporaryDirectory() as folder,
    ):
        servers.migrate(postgres.owner_url, app_role=APP, issuer_role=ISSUER)
        owner = servers.owner_engine(postgres.owner_url)
        with owner.begin() as connection:
            stage.enter(connection)
        owner.dispose()
        port = free_port(0)
        environment = os.environ | {
            "DATABASE_URL": postgres.app_url,
            "ISSUER_DATABASE_URL": postgres.issuer_url,
            "REDIS_URL": valkey.url,
            "TONGLU_SECRET_KEY": "only-for-tests-0123456789abcdef0123456789abcdef",
            "TONGLU_BASE_URL": f"http://{HOST}:{port}",
            "TONGLU_COOKIE_SECURE": "false",
            "TONGLU_LOG_LEVEL": "WARNING",
        }
        web = program("web", web_command(HOST, port), Path(folder), environment)
        with Supervisor(lambda _said: None) as supervisor:
            supervisor.start([web])
            assert wait_until(lambda: answers_ready(port), 60), web.last_words()
            yield Portal(port, postgres, web, supervisor)


def orders_a_page(portal: Portal) -> None:
    """A page, a file and a call that asks the database are answered soon."""
    credentials = (cast.huadong.system.client_id, cast.SECRET)
    assert portal.get("/login")[0] == 302 and portal.get("/static/favicon.svg")[0] == 200
    token = httpx.post(
        f"http://{HOST}:{portal.port}/oauth/token",
        auth=credentials,
        data={"grant_type": "client_credentials"},
        timeout=10,
    )
    status, seconds = portal.get("/api/v1/products", Authorization=f"Bearer {token.json()['access_token']}")
    assert status == 200 and seconds < 5


def test_forty_of_each_kind_of_slow_client_keep_nobody_waiting(portal: Portal):
    post = (
        b"POST /login HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/x-www-form-urlencoded\r\n"
        b"Content-Length: 1000\r\n\r\nx"
    )
    unread = (
        f"GET {BIGGEST} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n".encode() * 50
    )  # more than the kernel takes off the server's hands
    assert portal.get(BIGGEST)[0] == 200
    slow = [
        portal.connect(sent)
        for sent in (post, unread, b"GET / HTTP/1.1\r\nHost: 127.")
        for _ in range(AT_ONCE)
    ]
    try:
        orders_a_page(portal)
        for path in ("/healthz", "/readyz"):
            status, seconds = portal.get(path)
            assert (status, seconds < 1) == (200, True)
        assert (
            slow[0].recv(100).startswith(b"HTTP/1.1 408 ")
        )  # the first of the bodies; by then its ten seconds are over
        assert slow[-1].recv(100).startswith(b"HTTP/1.1 408 ")
    finally:
        for client in slow:
            client.close()
    orders_a_page(portal)


def test_a_database_that_hangs_is_told_within_a_second(portal: Portal):
    answers: list[int] = []
    waiting = [
        threading.Thread(target=lambda: answers.append(portal.get("/.well-known/jwks.json")[0]))
        for _ in range(12)
    ]
    hanging = [psutil.Process(portal.postgres.pid), *psutil.Process(portal.postgres.pid).children()]
    for process in hanging:
        process.suspend()
    try:
        for thread in waiting:
            thread.start()
        for _ in range(3):
            status, seconds = portal.get("/readyz")
            assert (status, seconds < 1) == (503, True)
            status, seconds = portal.get("/healthz")
            assert (status, seconds < 1) == (200, True)
    finally:
        for process in reversed(hanging):
            process.resume()
    for thread in waiting:
        thread.join()
    assert len(answers) == 12
    assert wait_until(lambda: answers_ready(portal.port), 10)


def test_a_web_server_that_is_killed_is_back_soon(portal: Portal):
    workers = psutil.Process(portal.web.pid).children()
    os.kill(portal.web.pid, signal.SIGKILL)
    assert wait_until(lambda: portal.supervisor.tend() or not any(map(runs, workers)), 10)
    assert wait_until(
        lambda: portal.supervisor.tend() or answers_ready(portal.port), 40
    )  # three where nothing else is at work
    orders_a_page(portal)


def test_processes_whose_server_is_gone_end_by_themselves(portal: Portal):
    """As under a supervisor that knows only the first process: an orphan would hold the port."""
    port = free_port(0)
    alone = program(
        "alone",
        web_command(HOST, port),
        portal.web.log.parent,
        portal.web.environment | {"TONGLU_BASE_URL": f"http://{HOST}:{port}"},
    )
    alone.start()
    try:
        assert wait_until(lambda: answers_ready(port), 60), alone.last_words()
        workers = psutil.Process(alone.pid).children()
        os.kill(alone.pid, signal.SIGKILL)
        assert wait_until(lambda: not any(map(runs, workers)), 10)
        assert free_port(port) == port
    finally:
        alone.kill()


def test_a_server_refuses_until_the_portal_is_loaded(tmp_path: Path):
    loading, port = tmp_path / "loading", free_port(0)
    os.mkfifo(loading)
    (tmp_path / "wsgi.py").write_text(f"open({str(loading)!r}, 'w').close()\nimport signal\nsignal.pause()\n")
    environment = os.environ | {"PYTHONPATH": f"{tmp_path}{os.pathsep}{ROOT}", "PYTHONSAFEPATH": "1"}
    web = Child("web", web_command(HOST, port), log=tmp_path / "logs" / "web.log", environment=environment)
    web.start()
    try:
        loading.read_text()  # returns when the portal begins to be loaded
        with pytest.raises(ConnectionRefusedError):
            socket.create_connection((HOST, port), timeout=10)
        with pytest.raises(OSError, match="in use"), socket.socket() as other:
            other.bind((HOST, port))
    finally:
        web.stop()
