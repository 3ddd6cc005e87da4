"""Send something to an address that somebody entered, without serving them inside our own network.

The host is looked up once, every address it stands for is judged (`portal.kernel.out_addresses`), and the
connection goes to that very address: a name that means another machine a moment later changes nothing. No
redirect is followed, no proxy of the environment asked. All of it, from looking up the host to the last byte,
ends at one deadline, however slowly the other side talks, and an answer is read up to a limit.
"""

from __future__ import annotations

import queue
import socket
import ssl
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from threading import Thread
from typing import Any

import certifi
import httpcore

from portal.kernel.out_addresses import AddressRefused, Destination, Private, destination, require_allowed

__all__ = ["AddressRefused", "Answer", "SendingFailed", "get", "post"]

Resolve = Callable[[str, int], Iterable[str]]

_TRIED_MAX = 4  # addresses of one host
_CONNECT_SECONDS = 5.0  # for one of several addresses
_WRITTEN = 64 * 1024  # bytes at a time


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back. headers: names in lower case, the last of each. is_cut: the body went on."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    seconds: float
    is_cut: bool = False


class SendingFailed(Exception):
    """No answer came. reason: ``timeout``, ``host_unknown``, ``tls``, ``connection`` or ``protocol``."""

    def __init__(self, reason: str, detail: str, seconds: float) -> None:
        super().__init__(f"{reason}: {detail}" if detail else reason)
        self.reason = reason
        self.seconds = seconds


def resolved(host: str, port: int) -> list[str]:
    """The addresses of a host as this machine knows them, each once."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, proto=socket.IPPROTO_TCP)
    return list(dict.fromkeys(str(address[4][0]) for address in found))


def post(
    url: str,
    body: bytes,
    headers: Mapping[str, str],
    *,
    timeout: float,
    allow_private: Private = False,
    max_answer: int = 64 * 1024,
    tls: ssl.SSLContext | None = None,
    resolve: Resolve = resolved,
) -> Answer:
    """Send a body and give what is answered within `timeout` seconds over all.

    allow_private: private networks that may be reached, by plain http too. max_answer: bytes read of the
    body; the rest is left. tls: to trust other authorities. Any status is an answer, a redirect too. Raises
    AddressRefused before anything is sent, SendingFailed when no answer came, ValueError for headers that
    are none.
    """
    return _ask("POST", url, body, headers, _Deadline(timeout), allow_private, max_answer, tls, resolve)


def get(
    url: str,
    headers: Mapping[str, str],
    *,
    timeout: float,
    allow_private: Private = False,
    max_answer: int = 64 * 1024,
    tls: ssl.SSLContext | None = None,
    resolve: Resolve = resolved,
) -> Answer:
    """Ask for what stands under a URL, with the same care as `post` sends."""
    return _ask("GET", url, b"", headers, _Deadline(timeout), allow_private, max_answer, tls, resolve)


def _ask(
    method: str,
    url: str,
    body: bytes,
    headers: Mapping[str, str],
    deadline: _Deadline,
    allow_private: Private,
    max_answer: int,
    tls: ssl.SSLContext | None,
    resolve: Resolve,
) -> Answer:
    to = destination(url)
    addresses = require_allowed(to, _looked_up(to, resolve, deadline), allow_private)
    asked = httpcore.Request(
        method,
        httpcore.URL(scheme=to.scheme, host=to.host, port=to.port, target=to.target),
        headers=_lines(to, body, headers),
        content=body,
    )
    origin = httpcore.Origin(to.scheme.encode(), to.host.encode(), to.port)
    with httpcore.HTTPConnection(
        origin,
        ssl_context=tls or _trusted(),
        http1=True,
        network_backend=_Pinned(tuple(map(str, addresses)), deadline),
    ) as connection:
        return _answer(connection, asked, max_answer, deadline)


class _Deadline:
    """A moment by which everything is over."""

    def __init__(self, seconds: float) -> None:
        self._begun = time.monotonic()
        self._seconds = seconds

    @property
    def passed(self) -> float:
        return time.monotonic() - self._begun

    def left(self) -> float:
        left = self._seconds - self.passed
        if left <= 0:
            raise httpcore.ReadTimeout("deadline")
        return left

    def failed(self, reason: str, error: object = "") -> SendingFailed:
        return SendingFailed(reason, str(error)[:200], self.passed)


class _Stream(httpcore.NetworkStream):
    """A connection each of whose steps ends at the deadline."""

    def __init__(self, inner: httpcore.NetworkStream, deadline: _Deadline) -> None:
        self._inner = inner
        self._deadline = deadline

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._inner.read(max_bytes, self._deadline.left())

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        """Whoever takes a few bytes a second would renew the time of one large write."""
        sock = self._inner.get_extra_info("socket")
        try:
            view = memoryview(buffer)
            while view:
                sock.settimeout(self._deadline.left())
                view = view[sock.send(view[:_WRITTEN]) :]
        except TimeoutError:
            raise httpcore.WriteTimeout("deadline") from None
        except OSError as error:
            raise httpcore.WriteError(str(error)) from error

    def close(self) -> None:
        self._inner.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        return _Stream(
            self._inner.start_tls(ssl_context, server_hostname, self._deadline.left()), self._deadline
        )

    def get_extra_info(self, info: str) -> Any:
        return self._inner.get_extra_info(info)


class _Pinned(httpcore.NetworkBackend):
    """Connects to the addresses that were judged, whatever the name means by now."""

    def __init__(self, addresses: tuple[str, ...], deadline: _Deadline) -> None:
        self._addresses = addresses[:_TRIED_MAX]
        self._deadline = deadline

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        *first, last = self._addresses
        for address in first:
            try:
                return self._connect(address, port, min(_CONNECT_SECONDS, self._deadline.left()))
            except (httpcore.ConnectError, httpcore.ConnectTimeout):
                continue
        return self._connect(last, port, self._deadline.left())

    def _connect(self, address: str, port: int, seconds: float) -> httpcore.NetworkStream:
        stream = httpcore.SyncBackend().connect_tcp(address, port, timeout=seconds, socket_options=())
        return _Stream(stream, self._deadline)


def _looked_up(to: Destination, resolve: Resolve, deadline: _Deadline) -> Iterable[str]:
    """Look the host up in a thread of its own: the system's resolver knows no deadline."""
    found: queue.SimpleQueue[Iterable[str] | OSError] = queue.SimpleQueue()

    def look_up() -> None:
        try:
            found.put(list(resolve(to.host, to.port)))
        except (OSError, UnicodeError) as error:
            found.put(OSError(str(error)))

    Thread(target=look_up, name="look-up", daemon=True).start()
    try:
        answer = found.get(timeout=deadline.left())
    except (queue.Empty, httpcore.ReadTimeout):
        raise deadline.failed("timeout") from None
    if isinstance(answer, OSError):
        raise deadline.failed("host_unknown", answer)
    return answer


def _lines(to: Destination, body: bytes, headers: Mapping[str, str]) -> list[tuple[bytes, bytes]]:
    """What we say ourselves comes first and is said once."""
    own = {
        "Host": to.authority,
        "Content-Length": str(len(body)),
        "Accept-Encoding": "identity",
        "Connection": "close",
    }
    ours = {name.lower() for name in own} | {"transfer-encoding"}
    said = {name: value for name, value in headers.items() if name.lower() not in ours}
    try:
        return [(name.encode("ascii"), value.encode("ascii")) for name, value in (own | said).items()]
    except UnicodeEncodeError as error:
        raise ValueError(f"not a header: {error}") from None


def _answer(
    connection: httpcore.HTTPConnection, asked: httpcore.Request, max_answer: int, deadline: _Deadline
) -> Answer:
    try:
        response = connection.handle_request(asked)
        try:
            body, is_cut = _body(response, max_answer)
        finally:
            response.close()
    except httpcore.TimeoutException:
        raise deadline.failed("timeout") from None
    except httpcore.LocalProtocolError as error:
        raise ValueError(f"not a header: {error}") from None
    except httpcore.ProtocolError as error:
        raise deadline.failed("protocol", error) from error
    except httpcore.NetworkError as error:
        reason = "tls" if isinstance(error.__cause__, ssl.SSLError) else "connection"
        raise deadline.failed(reason, error) from error
    headers = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in response.headers}
    return Answer(response.status, headers, body, deadline.passed, is_cut)


def _body(response: httpcore.Response, most: int) -> tuple[bytes, bool]:
    """What is answered up to a limit, and whether there was more."""
    kept = bytearray()
    for chunk in response.iter_stream():
        kept += chunk
        if len(kept) > most:
            return bytes(kept[:most]), True
    return bytes(kept), False


@cache
def _trusted() -> ssl.SSLContext:
    """The authorities of the machine and those of certifi. It is read from files once."""
    context = ssl.create_default_context()
    context.load_verify_locations(certifi.where())
    return context
