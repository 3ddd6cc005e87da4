"""A closed loop of HTTP clients over kept connections: each sends its next request when the last is answered.

Raw sockets, since the load generator shares two cores with what it measures. A workload and its limit take
turns in short rounds: on a shared machine the next ten seconds may be twice as fast as these.
"""

from __future__ import annotations

import socket
import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field

_PATIENCE_SECONDS = 30
ROUNDS = 4

# A client's next request as bytes, or None when it has nothing left to ask.
NextRequest = Callable[[], bytes | None]


@dataclass
class Measured:
    """What a run of the loop saw.

    Latencies in seconds; `statuses` counts answers by HTTP status, 0 for a broken connection.
    """

    seconds: float = 0.0
    latencies: list[float] = field(default_factory=list)
    statuses: Counter = field(default_factory=Counter)
    bytes_of_last: int = 0

    @property
    def rate(self) -> float:
        """Answers a second, whatever their status."""
        return len(self.latencies) / self.seconds if self.seconds else 0.0

    def add(self, other: Measured) -> None:
        """Take in what another round saw."""
        self.seconds += other.seconds
        self.latencies += other.latencies
        self.statuses += other.statuses
        self.bytes_of_last = other.bytes_of_last

    def percentile_ms(self, percent: float) -> float:
        """Latency that `percent` of the answers stayed within, in milliseconds."""
        ordered = sorted(self.latencies)
        return (
            round(1000 * ordered[min(len(ordered) - 1, int(len(ordered) * percent / 100))], 2)
            if ordered
            else 0.0
        )

    def summary(self) -> dict[str, object]:
        """The figures every workload prints. An error is any answer that is not 2xx."""
        errors = sum(count for status, count in self.statuses.items() if not 200 <= status < 300)
        percentiles = {f"p{percent}_ms": self.percentile_ms(percent) for percent in (50, 95, 99)}
        return {"rate": round(self.rate, 1), **percentiles, "errors": errors}


def run(
    host: str, port: int, clients: list[NextRequest], *, seconds: float, warm_up: float = 0.5
) -> Measured:
    """Let all clients ask for `seconds` after a warm-up that is not counted, or until none has anything
    left.
    """
    measured, lock = Measured(), threading.Lock()
    start = time.perf_counter() + warm_up
    threads = [
        threading.Thread(
            target=_ask, args=(host, port, client, start, start + seconds, measured, lock), daemon=True
        )
        for client in clients
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    measured.seconds = min(seconds, max(0.001, time.perf_counter() - start))
    return measured


def request(method: str, path: str, headers: dict[str, str], body: bytes = b"") -> bytes:
    """One HTTP/1.1 request as bytes."""
    lines = [
        f"{method} {path} HTTP/1.1",
        "Host: 127.0.0.1",
        *(f"{name}: {value}" for name, value in headers.items()),
    ]
    if body:
        lines.append(f"Content-Length: {len(body)}")
    return "\r\n".join([*lines, "", ""]).encode() + body


def _ask(
    host: str,
    port: int,
    client: NextRequest,
    start: float,
    end: float,
    measured: Measured,
    lock: threading.Lock,
) -> None:
    latencies, statuses, size = [], Counter(), 0
    connection = _Connection(host, port)
    while (asked := time.perf_counter()) < end and (message := client()) is not None:
        status, size = connection.exchange(message)
        if asked >= start:
            latencies.append(time.perf_counter() - asked)
            statuses[status] += 1
    connection.close()
    with lock:
        measured.latencies += latencies
        measured.statuses += statuses
        measured.bytes_of_last = size


class _Connection:
    def __init__(self, host: str, port: int) -> None:
        self._address = (host, port)
        self._socket: socket.socket | None = None

    def exchange(self, message: bytes) -> tuple[int, int]:
        """Status and body size of the answer; (0, 0) when the connection broke."""
        try:
            if self._socket is None:
                self._socket = socket.create_connection(self._address, timeout=_PATIENCE_SECONDS)
                self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self._socket.sendall(message)
            return self._answer()
        except OSError:
            self.close()
            return 0, 0

    def close(self) -> None:
        if self._socket is not None:
            self._socket.close()
            self._socket = None

    def _answer(self) -> tuple[int, int]:
        received = b""
        while (split := received.find(b"\r\n\r\n")) < 0:
            received += self._more()
        head = received[:split].lower()
        status = int(head[9:12])
        marker = head.find(b"content-length:")
        length = int(head[marker + 15 :].split(b"\r\n", 1)[0]) if marker >= 0 else 0
        left = split + 4 + length - len(received)
        while left > 0:
            left -= len(self._more())
        return status, length

    def _more(self) -> bytes:
        assert self._socket is not None
        chunk = self._socket.recv(262_144)
        if not chunk:
            raise ConnectionError("closed by the server")
        return chunk
