"""When an answer that nobody reads is given up, by a clock that the test turns: seconds pass at once."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from contextlib import closing

import pytest
import uvicorn

from launch.web.connection import BoundedConnection


class HandTurned(asyncio.SelectorEventLoop):
    """An event loop whose clock goes on when the test says so."""

    now = 0.0

    def time(self) -> float:
        """Seconds."""
        return self.now

    def turn_to(self, when: float) -> None:
        """Let it be that late, and everything happen that is due."""
        self.now = when
        self.run_until_complete(asyncio.sleep(0))


class Unread(asyncio.Transport):
    """The way out to a reader who takes what the test says, when it says so."""

    def __init__(self) -> None:
        super().__init__()
        self.waiting, self.cut = 0, False

    def write(self, data: bytes) -> None:
        self.waiting += len(data)

    def get_write_buffer_size(self) -> int:
        return self.waiting

    def is_closing(self) -> bool:
        return False

    def pause_reading(self) -> None:
        pass

    resume_reading = close = pause_reading

    def abort(self) -> None:
        self.cut = True

    def take(self, size: int | None = None) -> None:
        """Read so much, or all."""
        self.waiting -= self.waiting if size is None else min(size, self.waiting)


class Kept:
    """A kept connection on which a megabyte is asked for again and again."""

    def __init__(self, loop: HandTurned) -> None:
        async def app(_scope: object, _receive: object, send: Callable) -> None:
            await send(
                {"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"1000000")]}
            )
            await send({"type": "http.response.body", "body": bytes(1_000_000)})

        config = uvicorn.Config(
            app, interface="asgi3", ws="none", lifespan="off", log_config=None, timeout_keep_alive=10_000
        )
        self.loop, self.line = loop, Unread()
        self._connection = BoundedConnection(config, uvicorn.server.ServerState(), {}, loop)
        self._connection.connection_made(self.line)

    def ask(self, times: int = 1) -> None:
        """Send so many requests at once; the answers are there afterwards."""
        self._connection.data_received(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n" * times)
        for _ in range(times + 1):
            self.loop.turn_to(self.loop.now)


@pytest.fixture
def kept() -> Iterator[Kept]:
    """At second 0."""
    with closing(HandTurned()) as loop:
        yield Kept(loop)


@pytest.mark.parametrize("first_read_at", [0.0, 3.0, 9.8])
def test_the_deadline_of_an_answer_that_was_read_does_not_cut_the_next(kept: Kept, first_read_at: float):
    kept.ask()
    kept.loop.turn_to(first_read_at)
    kept.line.take()
    kept.loop.turn_to(9.9)
    kept.ask()
    for second in (10.1, 12, 19.8):
        kept.loop.turn_to(second)
        assert not kept.line.cut, second
    kept.line.take()
    kept.loop.turn_to(500)
    assert not kept.line.cut


def test_the_next_answer_has_a_deadline_of_its_own(kept: Kept):
    kept.ask()
    kept.line.take()
    kept.loop.turn_to(9.9)
    kept.ask()
    kept.loop.turn_to(19.8)
    assert not kept.line.cut
    kept.loop.turn_to(20)
    assert kept.line.cut


@pytest.mark.parametrize(("rate", "gets_all"), [(20_000, True), (15_000, False)])
def test_answers_that_wait_together_have_to_leave_at_the_same_rate_as_one(
    kept: Kept, rate: int, gets_all: bool
):
    kept.ask(times=3)
    for second in range(1, 400):
        kept.line.take(rate)
        kept.loop.turn_to(second)
    assert kept.line.cut is not gets_all


def test_asking_again_is_no_way_to_leave_the_answer_before_unread(kept: Kept):
    kept.ask()
    kept.loop.turn_to(9)
    kept.ask()
    kept.loop.turn_to(11)
    assert kept.line.cut
