"""Sending to an address that somebody entered: whom it may reach, and that the other side sets no terms."""

from __future__ import annotations

import socket
import ssl
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from ipaddress import IPv4Address, IPv6Address, ip_address
from pathlib import Path
from threading import Event, Thread

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from hypothesis import given as for_all
from hypothesis import strategies as st

from portal.kernel.http_out import Answer, SendingFailed, post
from portal.kernel.out_addresses import AddressRefused, Refusal, destination, is_allowed, require_allowed

HERE = ("127.0.0.0/8",)
Behaviour = Callable[[socket.socket], None]


@contextmanager
def listening(behaviour: Behaviour, tls: ssl.SSLContext | None = None) -> Iterator[int]:
    """A server of one behaviour for each connection; the port. What it does ends with the block."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        Thread(target=_accept, args=(server, behaviour, tls), daemon=True).start()
        yield server.getsockname()[1]


def _accept(server: socket.socket, behaviour: Behaviour, tls: ssl.SSLContext | None) -> None:
    while True:
        try:
            peer, _ = server.accept()
        except OSError:
            return
        try:
            with tls.wrap_socket(peer, server_side=True) if tls else peer as connection:
                behaviour(connection)
        except OSError:
            continue


def heard(connection: socket.socket) -> bytes:
    """A request of a few bytes, head and body."""
    got = b""
    while b"\r\n\r\n" not in got or not got.endswith(b"{}"):
        if not (part := connection.recv(4096)):
            break
        got += part
    return got


def answering(answer: bytes, requests: list[bytes] | None = None) -> Behaviour:
    """Hear a request and answer it."""

    def behave(connection: socket.socket) -> None:
        request = heard(connection)
        if requests is not None:
            requests.append(request)
        connection.sendall(answer)

    return behave


def sent(port: int, *, host: str = "127.0.0.1", timeout: float = 5, most: int = 2048) -> Answer:
    """A small body to a local server."""
    url = f"http://{host}:{port}/hook?x=1"
    return post(url, b"{}", {"X-Id": "1"}, timeout=timeout, allow_private=HERE, max_answer=most)


OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nX-Said: yes\r\n\r\nok"


def test_a_body_is_sent_and_the_answer_given() -> None:
    requests: list[bytes] = []
    with listening(answering(OK, requests)) as port:
        answer = sent(port)
    assert (answer.status, answer.body, answer.headers["x-said"], answer.is_cut) == (200, b"ok", "yes", False)
    assert requests[0].startswith(b"POST /hook?x=1 HTTP/1.1\r\nHost: 127.0.0.1:")
    assert requests[0].count(b"Content-Length: 2\r\n") == 1


def test_a_redirect_is_an_answer_and_nobody_goes_there() -> None:
    visited = Event()
    with listening(lambda _: visited.set()) as inside:
        moved = f"HTTP/1.1 307 Moved\r\nLocation: http://127.0.0.1:{inside}/\r\nContent-Length: 0\r\n\r\n"
        with listening(answering(moved.encode())) as port:
            assert sent(port).status == 307
    assert not visited.is_set()


def hang(connection: socket.socket) -> None:
    """Take everything and say nothing, until the other side goes."""
    while connection.recv(4096):
        pass


def drip(line: bytes) -> Behaviour:
    """Say a little, again and again."""

    def behave(connection: socket.socket) -> None:
        heard(connection)
        gone = Event()
        while not gone.wait(0.05):
            connection.sendall(line)

    return behave


def drip_body(connection: socket.socket) -> None:
    """Promise much and give it byte by byte."""
    heard(connection)
    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n")
    gone = Event()
    while not gone.wait(0.05):
        connection.sendall(b"x")


@pytest.mark.parametrize(
    "behaviour",
    [
        hang,
        drip(b"H"),
        drip(b"HTTP/1.1 102 Processing\r\n\r\n"),
        drip_body,
    ],
    ids=["says nothing", "drips its head", "processes for ever", "drips its body"],
)
def test_a_receiver_that_talks_for_ever_is_left_at_the_deadline(behaviour: Behaviour) -> None:
    with listening(behaviour) as port:
        begun = time.monotonic()
        with pytest.raises(SendingFailed) as failed:
            sent(port, timeout=0.4)
        assert time.monotonic() - begun < 2
    assert failed.value.reason in ("timeout", "protocol")


def test_a_receiver_that_does_not_read_is_left_at_the_deadline() -> None:
    release = Event()

    def not_read(_connection: socket.socket) -> None:
        release.wait(10)

    with listening(not_read) as port:
        begun = time.monotonic()
        with pytest.raises(SendingFailed, match="timeout"):
            post(f"http://127.0.0.1:{port}/", b"x" * 50_000_000, {}, timeout=0.5, allow_private=HERE)
        assert time.monotonic() - begun < 3
        release.set()


def flood(connection: socket.socket) -> None:
    """Answer without end."""
    heard(connection)
    connection.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
    while True:
        connection.sendall(b"x" * 65536)


def test_of_an_answer_without_end_the_beginning_is_kept() -> None:
    with listening(flood) as port:
        answer = sent(port, most=2048)
    assert (answer.status, len(answer.body), answer.is_cut) == (200, 2048, True)


@pytest.mark.parametrize(
    "answer", [b"", b"SSH-2.0-OpenSSH\r\n\r\n", b"HTTP/1.1 200 OK\r\n" + b"X-A: " + b"y" * 300_000]
)
def test_what_is_no_answer_is_told_as_such(answer: bytes) -> None:
    with listening(answering(answer)) as port, pytest.raises(SendingFailed, match=r"protocol|connection"):
        sent(port)


def test_nobody_there_is_told_as_such() -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    with pytest.raises(SendingFailed, match="connection"):
        sent(port)


def test_a_name_that_means_another_machine_a_moment_later_changes_nothing() -> None:
    """The name is asked once, and the connection goes to what it meant then."""
    asked: list[str] = []

    def rebinding(host: str, _port: int) -> list[str]:
        asked.append(host)
        return ["127.0.0.1"] if len(asked) == 1 else ["127.0.0.2"]

    requests: list[bytes] = []
    with listening(answering(OK, requests)) as port:
        answer = post(
            f"http://hooks.example:{port}/",
            b"{}",
            {},
            timeout=5,
            allow_private=("127.0.0.1/32",),
            resolve=rebinding,
        )
    assert answer.status == 200 and asked == ["hooks.example"]
    assert f"Host: hooks.example:{port}\r\n".encode() in requests[0]


def test_one_private_address_among_public_ones_is_refused() -> None:
    to = destination("https://hooks.example/")
    with pytest.raises(AddressRefused):
        require_allowed(to, ["93.184.216.34", "10.0.0.1"], private=False)
    with pytest.raises(AddressRefused):
        require_allowed(to, [], private=True)


def test_a_name_nobody_answers_for_ends_at_the_deadline_too() -> None:
    release = Event()

    def silent(_host: str, _port: int) -> list[str]:
        release.wait(10)
        return []

    with pytest.raises(SendingFailed, match="timeout"):
        post("https://hooks.example/", b"", {}, timeout=0.2, resolve=silent)
    release.set()


def test_without_leave_nothing_reaches_this_machine() -> None:
    visited = Event()
    with listening(lambda _: visited.set()) as port:
        for host in ("127.0.0.1", "localhost", "[::1]", "[::ffff:127.0.0.1]", "127.1", "0x7f000001", "0"):
            with pytest.raises(AddressRefused):
                post(f"http://{host}:{port}/", b"", {}, timeout=5)
    assert not visited.is_set()


def test_the_environment_names_no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    visited = Event()
    with listening(lambda _: visited.set()) as proxy, listening(answering(OK)) as port:
        for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
            monkeypatch.setenv(name, f"http://127.0.0.1:{proxy}")
        assert sent(port).status == 200
    assert not visited.is_set()


FORBIDDEN = [
    "0.0.0.0",
    "10.1.2.3",
    "100.64.0.1",
    "192.0.0.192",
    "192.88.99.1",
    "100.100.100.200",
    "127.0.0.1",
    "127.8.9.10",
    "169.254.169.254",
    "172.16.0.1",
    "172.31.255.255",
    "192.0.0.1",
    "192.0.2.1",
    "192.168.1.1",
    "198.18.0.1",
    "203.0.113.9",
    "224.0.0.1",
    "239.1.1.1",
    "240.0.0.1",
    "255.255.255.255",
    "168.63.129.16",
    "::",
    "::1",
    "::127.0.0.1",
    "::8.8.8.8",
    "::ffff:10.0.0.1",
    "::ffff:0:10.0.0.1",
    "64:ff9b::10.0.0.1",
    "64:ff9b::169.254.169.254",
    "64:ff9b:1::8.8.8.8",
    "100::1",
    "2001:db8::1",
    "2001::1",
    "2002:0a00:0001::1",
    "2002:7f00:1::",
    "fc00::1",
    "fd00:ec2::254",
    "fe80::1",
    "fec0::1",
    "ff02::1",
    "5f00::1",
]
NEVER = [
    "169.254.169.254",
    "0.0.0.0",
    "224.0.0.1",
    "fe80::1",
    "fd00:ec2::254",
    "168.63.129.16",
    "100.100.100.200",
    "::",
    "ff02::1",
]


@pytest.mark.parametrize("address", FORBIDDEN)
def test_addresses_that_are_not_the_open_internet(address: str) -> None:
    assert not is_allowed(ip_address(address), private=False)
    assert not is_allowed(ip_address(address), private=("10.9.0.0/16",))


@pytest.mark.parametrize("address", NEVER)
def test_what_no_setting_opens(address: str) -> None:
    assert not is_allowed(ip_address(address), private=True)
    assert not is_allowed(ip_address(address), private=("0.0.0.0/0", "::/0"))


@pytest.mark.parametrize("address", ["8.8.8.8", "114.114.114.114", "2606:4700::1111", "64:ff9b::8.8.8.8"])
def test_the_open_internet_is_open(address: str) -> None:
    assert is_allowed(ip_address(address), private=False)


@for_all(st.ip_addresses(v=4))
def test_an_address_is_judged_alike_in_every_dress(address: IPv4Address) -> None:
    plain = is_allowed(address, private=False)
    for dress in ("::ffff:0:0", "64:ff9b::"):
        assert is_allowed(IPv6Address(int(IPv6Address(dress)) | int(address)), private=False) == plain
    tunnelled = IPv6Address(0x2002 << 112 | int(address) << 80)
    assert not is_allowed(tunnelled, private=False) or plain
    assert not plain or address.is_global


@pytest.mark.parametrize(
    ("url", "refusal"),
    [
        ("ftp://hooks.example/", Refusal.SCHEME),
        ("javascript:alert(1)", Refusal.SCHEME),
        ("file:///etc/passwd", Refusal.SCHEME),
        ("", Refusal.SCHEME),
        ("https://", Refusal.MALFORMED),
        ("https://hooks.example:99999/", Refusal.MALFORMED),
        ("https://hooks.example:0/", Refusal.PORT),
        ("https://user:word@hooks.example/", Refusal.USER),
        ("https://good.example@10.0.0.1/", Refusal.USER),
        ("https://hooks.example\\@10.0.0.1/", Refusal.USER),
        ("https://hooks.example/a b", Refusal.MALFORMED),
        ("https://hooks.example/\r\nHost: x", Refusal.MALFORMED),
        ("https://hooks.example/\x00", Refusal.MALFORMED),
        ("https://hooks .example/", Refusal.MALFORMED),
        ("https://[fe80::1%25eth0]/", Refusal.MALFORMED),
        ("https://[::1", Refusal.MALFORMED),
        ("https://" + "a" * 300 + ".example/", Refusal.MALFORMED),
        ("https://hooks.example/" + "a" * 3000, Refusal.MALFORMED),
    ],
)
def test_what_is_no_address_of_a_receiver(url: str, refusal: Refusal) -> None:
    with pytest.raises(AddressRefused) as refused:
        destination(url)
    assert refused.value.refusal is refusal


@for_all(st.text(max_size=60).map(lambda text: "https://" + text))
def test_any_text_is_taken_apart_or_refused(url: str) -> None:
    try:
        to = destination(url)
    except AddressRefused:
        return
    assert to.host.isascii() and to.target.startswith("/") and to.target.isascii() and "\n" not in to.target


def test_a_name_in_chinese_is_asked_for_in_its_ascii_form() -> None:
    to = destination("https://回调.例子.cn:8443/通知?单=1")
    assert to.authority == "xn--zbss05j.xn--fsqu00a.cn:8443"
    assert to.target.startswith("/%E9%80%9A")


@pytest.mark.parametrize(
    ("url", "refusal"),
    [("http://hooks.example/", Refusal.SCHEME), ("https://hooks.example:6379/", Refusal.PORT)],
)
def test_the_open_internet_is_reached_by_https_where_web_servers_listen(url: str, refusal: Refusal) -> None:
    with pytest.raises(AddressRefused) as refused:
        require_allowed(destination(url), ["93.184.216.34"], private=True)
    assert refused.value.refusal is refusal


def test_headers_that_would_be_lines_of_their_own_are_refused() -> None:
    with listening(answering(OK)) as port, pytest.raises(ValueError, match="header"):
        post(f"http://127.0.0.1:{port}/", b"", {"X": "a\r\nY: b"}, timeout=5, allow_private=HERE)


@pytest.fixture(scope="module")
def certified(tmp_path_factory: pytest.TempPathFactory) -> tuple[ssl.SSLContext, ssl.SSLContext]:
    """Of a server called hooks.example, and of a client that trusts whoever certified it."""
    folder: Path = tmp_path_factory.mktemp("certificate")
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "hooks.example")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("hooks.example")]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    (folder / "crt").write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    (folder / "key").write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(folder / "crt", folder / "key")
    return server, ssl.create_default_context(cafile=str(folder / "crt"))


def test_the_certificate_is_held_to_the_name_and_not_to_the_address(
    certified: tuple[ssl.SSLContext, ssl.SSLContext],
) -> None:
    server, trusting = certified
    with listening(answering(OK), server) as port:

        def ask(host: str, tls: ssl.SSLContext | None) -> int:
            return post(
                f"https://{host}:{port}/",
                b"{}",
                {},
                timeout=5,
                allow_private=HERE,
                tls=tls,
                resolve=lambda _host, _port: ["127.0.0.1"],
            ).status

        assert ask("hooks.example", trusting) == 200
        for host, tls in (("other.example", trusting), ("hooks.example", None)):
            with pytest.raises(SendingFailed) as failed:
                ask(host, tls)
            assert failed.value.reason == "tls"


def test_a_handshake_that_never_ends_is_left_at_the_deadline() -> None:
    with listening(hang) as port, pytest.raises(SendingFailed, match="timeout"):
        post(f"https://127.0.0.1:{port}/", b"{}", {}, timeout=0.4, allow_private=HERE)


def test_of_several_addresses_the_next_one_is_tried() -> None:
    with listening(answering(OK)) as port:
        answer = post(
            f"http://hooks.example:{port}/",
            b"{}",
            {},
            timeout=5,
            allow_private=HERE,
            resolve=lambda _host, _port: ["127.0.0.9", "127.0.0.1"],
        )
    assert answer.status == 200
