"""The line before the threads: how long it is, and that nobody who left it is still remembered there."""

from __future__ import annotations

import asyncio
import threading
import weakref
from collections.abc import Iterator

import pytest

from launch.process import wait_until
from launch.web import bridge
from launch.web.bridge import Bridge
from launch.web.lane import Crowded, Lane

AT_ONCE = 5


class Call:
    """A call that says when it is forgotten."""

    def __call__(self) -> str:
        return "made"


@pytest.fixture
def gate() -> Iterator[threading.Event]:
    """What hangs goes on once this is set."""
    event = threading.Event()
    yield event
    event.set()


async def hung(lane: Lane, gate: threading.Event) -> asyncio.Task:
    """Its only thread waits at the gate."""
    begun = threading.Event()

    def hang() -> None:
        begun.set()
        gate.wait(20)

    task = asyncio.create_task(lane.run(hang))
    await asyncio.to_thread(begun.wait, 10)
    return task


def lane(seconds: float) -> Lane:
    """One thread."""
    return Lane("test", threads=1, waiting_max=AT_ONCE, seconds_max=seconds)


async def crowded(lane: Lane, calls: list[Call]) -> list[bool]:
    """Whether each of them was sent away, made at once."""
    outcomes = await asyncio.gather(*(lane.run(call) for call in calls), return_exceptions=True)
    return [isinstance(outcome, Crowded) for outcome in outcomes]


@pytest.mark.parametrize("rounds", [1, 3])
def test_what_gave_up_waiting_is_forgotten_while_the_threads_hang(gate: threading.Event, rounds: int):
    async def story() -> None:
        short = lane(0.02)
        task = await hung(short, gate)
        for _ in range(rounds):
            calls = [Call() for _ in range(AT_ONCE)]
            kept = [weakref.ref(call) for call in calls]
            assert await crowded(short, calls) == [True] * AT_ONCE
            del calls
            await asyncio.sleep(0)  # the loop lets go of what woke this
            assert [ref() for ref in kept] == [None] * AT_ONCE
        gate.set()
        await task
        assert await short.run(Call()) == "made"

    asyncio.run(story())


def test_a_call_whose_asker_was_cancelled_leaves_the_line_too(gate: threading.Event):
    async def story() -> None:
        long = lane(30)
        task = await hung(long, gate)
        call = Call()
        kept, asker = weakref.ref(call), asyncio.create_task(long.run(call))
        await asyncio.sleep(0)
        asker.cancel()
        del call
        with pytest.raises(asyncio.CancelledError):
            await asker
        del asker
        await asyncio.sleep(0)
        assert kept() is None
        gate.set()
        await task

    asyncio.run(story())


def test_a_thread_that_has_nothing_to_do_keeps_nothing_of_its_last_call():
    async def story() -> None:
        idle = lane(30)
        call = Call()
        kept = weakref.ref(call)
        assert await idle.run(call) == "made"
        del call
        assert await asyncio.to_thread(forgotten, kept)

    asyncio.run(story())


def forgotten(kept: weakref.ref) -> bool:
    """Within ten seconds: the thread says what came of it a moment before it lets go."""
    return wait_until(lambda: kept() is None, 10)


def test_the_line_is_as_long_as_it_may_be_and_no_longer_and_those_who_left_make_room(gate: threading.Event):
    async def story() -> None:
        long = lane(30)
        task = await hung(long, gate)
        waiting = [asyncio.create_task(long.run(Call())) for _ in range(AT_ONCE)]
        await asyncio.sleep(0)
        with pytest.raises(Crowded):
            await long.run(Call())
        waiting.pop().cancel()
        await asyncio.sleep(0)
        waiting.append(asyncio.create_task(long.run(Call())))
        await asyncio.sleep(0)
        with pytest.raises(Crowded):
            await long.run(Call())
        gate.set()
        assert await asyncio.gather(task, *waiting) == [None] + ["made"] * AT_ONCE

    asyncio.run(story())


class Body(bytes):
    """Counts how many bodies are in memory."""

    alive = 0

    def __init__(self, *_: object) -> None:
        type(self).alive += 1

    def __del__(self) -> None:
        type(self).alive -= 1


def test_the_body_is_gone_when_its_room_is_given_back(gate: threading.Event, monkeypatch: pytest.MonkeyPatch):
    """Also while the refusal waits for its reader."""
    monkeypatch.setattr(bridge, "_WAITING_SECONDS", 0.02)
    begun = threading.Event()

    def app(_environ: dict, start_response) -> list[bytes]:
        start_response("200 OK", [])
        begun.set()
        gate.wait(20)
        return [b""]

    application = Bridge(app, threads=1, body_max=1000)
    scope = {
        "type": "http",
        "path": "/",
        "raw_path": b"/",
        "method": "POST",
        "query_string": b"",
        "http_version": "1.1",
        "headers": [],
        "server": ("127.0.0.1", 8000),
        "client": ("192.0.2.7", 50000),
    }
    told: list[tuple[int, int, int]] = []

    async def ask() -> None:
        async def receive() -> dict:
            return {"type": "http.request", "body": Body(b"x" * 500), "more_body": False}

        async def send(message: dict) -> None:
            await asyncio.sleep(0)  # as for a reader who takes nothing
            if message["type"] == "http.response.start":
                told.append((message["status"], application._bodies, Body.alive))

        await application(scope, receive, send)

    async def story() -> None:
        at_work = asyncio.create_task(ask())
        await asyncio.to_thread(begun.wait, 10)
        await ask()
        gate.set()
        await at_work

    asyncio.run(story())
    assert told[0] == (503, 500, 1)  # the one at work
    assert told[1][:2] == (200, 0) and wait_until(lambda: Body.alive == 0, 10)
