"""A connection that is not kept waiting: deadlines for the head, the body and the reading of the answer.

A head has `HEAD_SECONDS`. A body, and an answer on its way out, have `PATIENCE_SECONDS` and a second more for
every `RATE` bytes that have moved: a slow line gets through, a trickle does not. Time spent in the portal is
not counted here.
"""

from __future__ import annotations

from asyncio import BaseTransport, TimerHandle, Transport
from collections.abc import Callable
from typing import Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

HEAD_SECONDS = 10.0
HEAD_BYTES_MAX = 64 * 1024
PATIENCE_SECONDS = 10.0
RATE = 16 * 1024
"""Bytes a second below which a transfer ends once its patience is used up."""

_REFUSAL = b"HTTP/1.1 %s\r\nconnection: close\r\ncontent-length: 0\r\n\r\n"


class BoundedConnection(HttpToolsProtocol):
    """uvicorn's connection with deadlines: one timer for what comes in, one for what goes out."""

    def __init__(self, *arguments: object, **named: object) -> None:
        super().__init__(*arguments, **named)  # type: ignore[arg-type]
        self._arriving: TimerHandle | None = None
        self._leaving: TimerHandle | None = None
        self._in_head = False
        self._received = 0
        self._answered = 0  # bytes written when the last answer was complete

    def connection_made(self, transport: BaseTransport) -> None:
        """Somebody connects, and has to say what they want."""
        self._out = _Counted(transport)  # type: ignore[arg-type]
        super().connection_made(self._out)  # type: ignore[arg-type]
        self._await_head()

    def data_received(self, data: bytes) -> None:
        """Count what arrives of a head; whatever comes between two requests has to become the second."""
        if self._arriving is None:
            self._await_head()
        if self._in_head:
            self._received += len(data)
        super().data_received(data)
        if self._in_head and self._received > HEAD_BYTES_MAX:
            self._refuse(b"431 Request Header Fields Too Large")

    def on_message_begin(self) -> None:
        """A request begins, perhaps in what came along with the one before."""
        super().on_message_begin()
        if not self._in_head:
            self._await_head()
            self._received = 1

    def on_headers_complete(self) -> None:
        """The head is there: from now on the body is waited for."""
        super().on_headers_complete()
        self._in_head, self._received = False, 0
        self._watch_arrival(self.loop.time(), PATIENCE_SECONDS)

    def on_body(self, body: bytes) -> None:
        """A part of the body; what only packs it does not count."""
        super().on_body(body)
        self._received += len(body)

    def on_message_complete(self) -> None:
        """All of the request is there."""
        super().on_message_complete()
        self._arriving = _ended(self._arriving)

    def on_response_complete(self) -> None:
        """The answer is written.

        What the kernel has not taken yet waits for its reader, from now on if all before it is gone.
        """
        super().on_response_complete()
        if self._leaving is None or self._out.taken() >= self._answered:
            self._watch_departure(self.loop.time())
        self._answered = self._out.written

    def connection_lost(self, exc: Exception | None) -> None:
        """Nothing is waited for any more."""
        self._arriving, self._leaving = _ended(self._arriving), _ended(self._leaving)
        super().connection_lost(exc)

    def _await_head(self) -> None:
        self._in_head, self._received = True, 0
        self._watch_arrival(self.loop.time(), HEAD_SECONDS)

    def _watch_arrival(self, since: float, patience: float) -> None:
        """Look again when the time is up; bytes of a body that have come by then have earned some more."""

        def look() -> None:
            earned = 0.0 if self._in_head else self._received / RATE
            if self.loop.time() < since + patience + earned:
                self._arriving = self.loop.call_at(since + patience + earned, look)
            elif self._in_head and not self._received:
                self.transport.close()  # it never said a word
            else:
                self._refuse(b"408 Request Timeout")

        self._arriving = self._again(self._arriving, since + patience, look)

    def _watch_departure(self, since: float) -> None:
        """The same for an answer; whoever does not read it cannot be told."""
        before = self._out.taken()

        def look() -> None:
            taken = self._out.taken()
            deadline = since + PATIENCE_SECONDS + (taken - before) / RATE
            if taken == self._out.written:
                self._leaving = None
            elif self.loop.time() < deadline:
                self._leaving = self.loop.call_at(deadline, look)
            else:
                self.transport.abort()

        self._leaving = self._again(self._leaving, since + PATIENCE_SECONDS, look)

    def _again(self, timer: TimerHandle | None, when: float, look: Callable[[], None]) -> TimerHandle:
        _ended(timer)
        return self.loop.call_at(when, look)

    def _refuse(self, status: bytes) -> None:
        """Say why and hang up, unless an answer is already under way."""
        self._arriving = _ended(self._arriving)
        if self._awaits_answer():
            self.transport.write(_REFUSAL % status)
        self.transport.close()

    def _awaits_answer(self) -> bool:
        """Whether the request that does not end is the one whose answer is due."""
        if self._in_head:
            return self.cycle is None or self.cycle.response_complete
        return not self.cycle.response_started and not self.pipeline


class _Counted:
    """A transport that knows how much was written to it, so that one answer can be told from the next."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport
        self.written = 0

    def __getattr__(self, name: str) -> Any:
        return getattr(self._transport, name)

    def write(self, data: bytes) -> None:
        """Pass it on."""
        self.written += len(data)
        self._transport.write(data)

    def taken(self) -> int:
        """Bytes of it that the kernel has taken."""
        return self.written - self._transport.get_write_buffer_size()


def _ended(timer: TimerHandle | None) -> None:
    if timer is not None:
        timer.cancel()
