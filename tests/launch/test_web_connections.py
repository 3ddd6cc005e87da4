"""Deadlines and limits of the web server, with a small application behind it and less patience than in
earnest.
"""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import closing

import httpx
import pytest
import uvicorn

from launch.process import wait_until
from launch.web import bridge, connection
from launch.web.bridge import Bridge
from launch.web.connection import BoundedConnection

BODY_MAX = 100_000
LARGE = {"/large": 5_000_000}
BIG = 20_000_000  # more than any kernel buffers


class Served:
    """The application and the server around it."""

    def __init__(self, address: tuple[str, int], server: uvicorn.Server) -> None:
        self.address, self.server = address, server
        self.url = f"http://{address[0]}:{address[1]}"

    def connect(self) -> socket.socket:
        """A connection that reads little at a time and gives up after ten seconds."""
        client = socket.socket()
        client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        client.settimeout(10)
        client.connect(self.address)
        return client

    def connections(self) -> int:
        """How many the server knows."""
        return len(self.server.server_state.connections)


@pytest.fixture
def hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    """Deadlines of a fraction of a second."""
    monkeypatch.setattr(connection, "HEAD_SECONDS", 0.2)
    monkeypatch.setattr(connection, "PATIENCE_SECONDS", 0.2)


@pytest.fixture
def gate() -> Iterator[threading.Event]:
    """/wait answers once this is set."""
    event = threading.Event()
    yield event
    event.set()


@pytest.fixture
def served(gate: threading.Event, monkeypatch: pytest.MonkeyPatch) -> Iterator[Served]:
    """Two threads behind the real server."""
    monkeypatch.setattr(bridge, "_WAITING_MAX", 3)

    def app(environ: dict, start_response: Callable) -> list[bytes]:
        path = environ["PATH_INFO"]
        if path == "/wait":
            gate.wait(20)
        content = bytes(BIG) if path == "/big" else environ["wsgi.input"].read() or path.encode()
        most = LARGE.get(path, BODY_MAX)
        status = "413 Too Large" if int(environ.get("CONTENT_LENGTH") or 0) > most else "200 OK"
        write = start_response(status, [("Content-Type", "text/plain")])
        if path == "/written":
            write(b"first, ")
        return [content]

    application = Bridge(app, threads=2, body_max=BODY_MAX, aside=frozenset({"/aside"}), large=LARGE)
    config = uvicorn.Config(
        application,
        interface="asgi3",
        http=BoundedConnection,
        loop="uvloop",
        lifespan="off",
        ws="none",
        log_config=None,
        timeout_keep_alive=5,
        timeout_graceful_shutdown=1,
    )
    server = uvicorn.Server(config)
    with closing(socket.create_server(("127.0.0.1", 0))) as listener:
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
        thread.start()
        assert wait_until(lambda: server.started, 10)
        yield Served(listener.getsockname(), server)
        gate.set()
        server.should_exit = True
        thread.join(10)


def everything(client: socket.socket) -> bytes:
    """What is sent until the server hangs up."""
    received = b""
    try:
        while part := client.recv(65536):
            received += part
    except ConnectionResetError:
        pass
    return received


def test_what_an_application_writes_comes_before_what_it_returns(served: Served):
    assert httpx.get(f"{served.url}/written").content == b"first, /written"


POST = b"POST /x HTTP/1.1\r\nHost: x\r\n"

UNFINISHED = {
    "nothing": (b"", b""),
    "empty lines": (b"\r\n\r\n", b"408"),
    "half a head": (b"GET / HTTP/1.1\r\nHost: x", b"408"),
    "a length and a byte": (POST + b"Content-Length: 1000\r\n\r\nx", b"408"),
    "a length and no byte": (POST + b"Content-Length: 1000\r\n\r\n", b"408"),
    "an open chunk": (POST + b"Transfer-Encoding: chunked\r\n\r\n400\r\nx", b"408"),
    "no last chunk": (POST + b"Transfer-Encoding: chunked\r\n\r\n1\r\nx\r\n", b"408"),
    "an endless trailer": (POST + b"Transfer-Encoding: chunked\r\n\r\n0\r\nX-More: ", b"408"),
    "a promise to go on": (POST + b"Content-Length: 1000\r\nExpect: 100-continue\r\n\r\n", b"408"),
    "half a second request": (b"GET / HTTP/1.1\r\nHost: x\r\n\r\nGET /2 HTTP/1.1\r\nHo", b"408"),
}


@pytest.mark.parametrize("kind", UNFINISHED)
def test_whoever_does_not_finish_a_request_is_cut_off(hurry, served: Served, kind: str):
    sent, status = UNFINISHED[kind]
    with served.connect() as client:
        client.sendall(sent)
        answer = everything(client)
    assert answer.rpartition(b"HTTP/1.1 ")[2].startswith(status) and (status or not answer)
    assert wait_until(lambda: served.connections() == 0, 5)


def test_a_second_request_that_does_not_end_on_a_kept_connection_is_cut_off(hurry, served: Served):
    with served.connect() as client:
        client.sendall(b"GET /first HTTP/1.1\r\nHost: x\r\n\r\n")
        assert b"/first" in client.recv(65536)
        client.sendall(POST + b"Content-Length: 9\r\n\r\nx")
        assert everything(client).startswith(b"HTTP/1.1 408 ")


def test_bytes_that_come_earn_time(hurry, served: Served, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(connection, "RATE", 1000)
    with served.connect() as client:
        client.sendall(POST + b"Content-Length: 5000\r\n\r\n" + b"x" * 4000)  # worth four seconds
        client.settimeout(0.6)
        with pytest.raises(TimeoutError):
            client.recv(1)
        client.settimeout(10)
        client.sendall(b"x" * 1000)
        assert client.recv(65536).startswith(b"HTTP/1.1 200 ")


def test_whoever_does_not_read_the_answer_is_cut_off_and_nothing_is_kept(hurry, served: Served):
    clients = [served.connect() for _ in range(3)]
    for client in clients:
        client.sendall(b"GET /big HTTP/1.1\r\nHost: x\r\n\r\n")
    assert wait_until(lambda: served.server.server_state.total_requests == 3, 20)
    assert wait_until(lambda: served.connections() == 0, 10)
    for client in clients:
        client.close()


def test_whoever_reads_gets_all_of_it_however_big(hurry, served: Served):
    assert len(httpx.get(f"{served.url}/big").content) == BIG


def test_a_head_without_end_is_refused(served: Served):
    with served.connect() as client:
        client.sendall(b"GET / HTTP/1.1\r\nHost: x\r\n" + b"X-Much: " + b"x" * 300_000)
        assert everything(client).startswith(b"HTTP/1.1 431 ")


def test_a_length_beyond_the_limit_is_refused_before_it_comes(served: Served):
    with served.connect() as client:
        client.sendall(POST + b"Content-Length: 900000000\r\nConnection: close\r\n\r\n")
        assert everything(client).startswith(b"HTTP/1.1 413 ")


def in_chunks(size: int) -> Iterator[bytes]:
    """A body that does not say how long it is."""
    yield from (b"%08d" % each * 1250 for each in range(size // 10_000))


def test_where_it_is_said_a_larger_body_comes_through_as_it_is(served: Served):
    content = b"".join(in_chunks(4_000_000))
    for body in (content, in_chunks(4_000_000)):
        assert httpx.post(f"{served.url}/large", content=body).content == content
    assert httpx.post(f"{served.url}/large", content=b"").text == "/large"


def test_there_too_it_has_a_limit_and_elsewhere_the_usual_one(served: Served):
    for path, size in (("/large", 5_010_000), ("/other", 200_000)):
        assert httpx.post(f"{served.url}{path}", content=in_chunks(size)).status_code == 413


def test_chunks_beyond_the_limit_are_refused(served: Served):
    with served.connect() as client:
        client.sendall(
            POST
            + b"Transfer-Encoding: chunked\r\n\r\n"
            + b"fff0\r\n"
            + b"x" * 0xFFF0
            + b"\r\n"
            + b"fff0\r\n"
            + b"x" * 0xFFF0
        )
        assert client.recv(65536).startswith(b"HTTP/1.1 413 ")


def test_bodies_beyond_what_a_process_may_hold_are_refused_until_there_is_room(
    served: Served, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(bridge, "_BODIES_BYTES_MAX", 50_000)
    with served.connect() as client:
        client.sendall(POST + b"Content-Length: 60000\r\n\r\n" + b"x" * 49_000)
        assert wait_until(lambda: httpx.post(served.url, content=b"x" * 2_000).status_code == 503, 5)
        assert httpx.get(f"{served.url}/page").status_code == 200
    assert wait_until(lambda: httpx.post(served.url, content=b"x" * 2_000).status_code == 200, 5)


def test_too_many_who_wait_are_sent_away_but_what_is_aside_is_answered(served: Served, gate: threading.Event):
    answers: list[int] = []

    def ask() -> None:
        answers.append(httpx.get(f"{served.url}/wait", timeout=20).status_code)

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    assert wait_until(lambda: answers == [503] * 3, 10)  # two are at work and three wait
    assert httpx.get(f"{served.url}/aside", timeout=2).text == "/aside"
    with served.connect() as client:  # nor is its body waited for
        client.sendall(b"GET /aside HTTP/1.1\r\nHost: x\r\nContent-Length: 50\r\n\r\nx")
        assert client.recv(65536).startswith(b"HTTP/1.1 200 ")
    gate.set()
    for thread in threads:
        thread.join()
    assert sorted(answers) == [200] * 5 + [503] * 3


def test_requests_sent_together_are_answered_in_turn(served: Served):
    with served.connect() as client:
        client.sendall(
            b"".join(b"GET /%d HTTP/1.1\r\nHost: x\r\n\r\n" % number for number in range(9))
            + b"GET /end HTTP/1.0\r\n\r\n"
        )
        bodies = [part[-2:] for part in everything(client).split(b"HTTP/1.1 200 OK")[1:]]
    assert bodies == [b"/%d" % number for number in range(9)] + [b"nd"]


@pytest.mark.parametrize(
    "broken",
    [
        b"\x00\x01\x02\r\n\r\n",
        b"GET\r\n\r\n",
        b"GET /\xff HTTP/1.1\r\nHost: x\r\n\r\n",
        b"OPTIONS * HTTP/1.1\r\nHost: x\r\n\r\n",
    ],
)
def test_what_is_no_request_is_told_so_and_disturbs_nobody(served: Served, broken: bytes):
    with served.connect() as client:
        client.sendall(broken)
        answer = client.recv(65536)
    assert answer[:9] == b"HTTP/1.1 " and answer[9:12] in (b"200", b"400")
    assert httpx.get(f"{served.url}/after").text == "/after"
