"""From the event loop to the portal and back.

A request is complete before a thread takes it, an answer before it leaves.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping, MutableMapping
from contextlib import ExitStack
from tempfile import SpooledTemporaryFile
from types import MappingProxyType
from typing import Any, BinaryIO, cast

from launch.web.environ import environ_of
from launch.web.lane import Crowded, Lane

_BODIES_BYTES_MAX = 64 * 2**20  # of one process, arriving or waiting for a thread
_SPOOLED_FROM = 2**20
_SPOOLED_BYTES_MAX = 512 * 2**20  # of one process, of large bodies, on disk
_WAITING_MAX = 200
_WAITING_SECONDS = 30.0

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Wsgi = Callable[..., Iterable[bytes]]
Headers = list[tuple[bytes, bytes]]
Answer = tuple[int, Headers, bytes]
"""Status, headers, content."""


class Gone(Exception):
    """The client hung up."""


class Bridge:
    """An ASGI application that lets a WSGI application answer.

    `aside` are paths with a thread of their own: they are answered when all others are busy, and without
    their body. large: paths to which bodies of that many bytes may be posted; they lie on disk.
    on_crowded: told of each request that is turned away.
    """

    def __init__(
        self,
        app: Wsgi,
        *,
        threads: int,
        body_max: int,
        aside: frozenset[str] = frozenset(),
        large: Mapping[str, int] = MappingProxyType({}),
        on_crowded: Callable[[], None] | None = None,
    ) -> None:
        self._app = app
        self._on_crowded = on_crowded
        self._body_max = body_max
        self._aside = aside
        self._large = large
        self._bodies = self._spooled = 0
        self._main = Lane("request", threads=threads, waiting_max=_WAITING_MAX, seconds_max=_WAITING_SECONDS)
        self._reserved = Lane("health", threads=1, waiting_max=_WAITING_MAX, seconds_max=1.0)

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        """Answer one request."""
        try:
            status, headers, content = await self._answer(scope, receive)
        except Gone:
            return
        except Crowded:
            status, headers, content = 503, [(b"retry-after", b"5")], b""
            if self._on_crowded is not None:
                self._on_crowded()
        await send(
            {
                "type": "http.response.start",
                "status": status,
                "headers": _with_length(headers, status, content),
            }
        )
        await send({"type": "http.response.body", "body": content})

    async def _answer(self, scope: Message, receive: Receive) -> Answer:
        """What the portal answers.

        On its own, so that the body is gone when its room is given back. Raises Gone, Crowded.
        """
        held = _Held(self)
        aside = scope["path"] in self._aside
        most = self._large.get(scope["path"], self._body_max) if scope["method"] == "POST" else self._body_max
        try:
            body: bytes | BinaryIO = b""
            if most > self._body_max and _announced(scope) <= most:
                body = await self._spool(receive, held, most)
            elif not aside and _announced(scope) <= most:
                body = await self._body(receive, held)
            return await (self._reserved if aside else self._main).run(lambda: self._call(scope, body))
        finally:
            held.release()

    async def _body(self, receive: Receive, held: _Held) -> bytes:
        """The whole body, or a byte more than is allowed: then the portal says that it is too large.

        Raises Gone, and Crowded when the bodies of all requests together take too much room.
        """
        chunks = []
        async for chunk in _chunks(receive, self._body_max):
            held.take(len(chunk))
            chunks.append(chunk)
        return chunks[0] if len(chunks) == 1 else b"".join(chunks)

    async def _spool(self, receive: Receive, held: _Held, most: int) -> BinaryIO:
        """The same of a large body, which is written to disk as it comes; gone when nobody holds it."""
        with ExitStack() as unfinished:
            body = unfinished.enter_context(SpooledTemporaryFile(max_size=_SPOOLED_FROM))
            async for chunk in _chunks(receive, most):
                held.spool(len(chunk))
                body.write(chunk)
            unfinished.pop_all()
        body.seek(0)
        return cast(BinaryIO, body)

    def _call(self, scope: Message, body: bytes | BinaryIO) -> Answer:
        """Ask the portal. In a thread."""
        told: list[tuple[str, list[tuple[str, str]]]] = []
        written: list[bytes] = []

        def start_response(
            status: str, headers: list[tuple[str, str]], exc_info: object = None
        ) -> Callable[[bytes], None]:
            told.append((status, headers))
            return written.append

        parts = self._app(environ_of(scope, body), start_response)
        try:
            content = b"".join([*written, *parts])
        finally:
            if (close := getattr(parts, "close", None)) is not None:
                close()
        status, headers = told[-1]
        return (
            int(status[:3]),
            [(name.encode("latin-1"), value.encode("latin-1")) for name, value in headers],
            content,
        )


class _Held:
    """Room that the body of one request takes."""

    def __init__(self, bridge: Bridge) -> None:
        self._bridge = bridge
        self._size = self._on_disk = 0

    def take(self, size: int) -> None:
        if self._bridge._bodies + size > _BODIES_BYTES_MAX:
            raise Crowded
        self._bridge._bodies += size
        self._size += size

    def spool(self, size: int) -> None:
        if self._bridge._spooled + size > _SPOOLED_BYTES_MAX:
            raise Crowded
        self._bridge._spooled += size
        self._on_disk += size

    def release(self) -> None:
        self._bridge._bodies -= self._size
        self._bridge._spooled -= self._on_disk
        self._size = self._on_disk = 0


async def _chunks(receive: Receive, most: int) -> AsyncIterator[bytes]:
    """A body as it comes, until it is complete or larger than is allowed. Raises Gone."""
    size, more = 0, True
    while more and size <= most:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise Gone
        chunk, more = message["body"], message["more_body"]
        size += len(chunk)
        yield chunk


def _announced(scope: Message) -> int:
    """Length of the body according to the head, 0 if it does not say; checked by the parser."""
    return next((int(value) for name, value in scope["headers"] if name == b"content-length"), 0)


def _with_length(headers: Headers, status: int, content: bytes) -> Headers:
    if status in (204, 304) or any(name.lower() == b"content-length" for name, _ in headers):
        return headers
    return [*headers, (b"content-length", str(len(content)).encode())]
