"""A few threads that call the portal, and the line before them."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from queue import SimpleQueue
from threading import Thread


class Crowded(Exception):
    """Too many wait already, or this one has waited too long."""


class Lane:
    """Threads with a line of bounded length and bounded waiting.

    They are daemons: a process that is told to end does not wait for a call that hangs in the database.
    """

    def __init__(self, name: str, *, threads: int, waiting_max: int, seconds_max: float) -> None:
        self._line: SimpleQueue[tuple[asyncio.AbstractEventLoop, _Turn, Callable[[], object]]] = SimpleQueue()
        self._waiting_max, self._seconds_max = waiting_max, seconds_max
        for number in range(threads):
            Thread(target=self._work, name=f"{name}-{number}", daemon=True).start()

    async def run(self, call: Callable[[], object]) -> object:
        """Result of `call`, made by one of the threads. Raises Crowded when its turn does not come."""
        if self._line.qsize() >= self._waiting_max:
            raise Crowded
        loop = asyncio.get_running_loop()
        turn = _Turn(loop.create_future())
        self._line.put((loop, turn, call))
        patience = loop.call_later(self._seconds_max, turn.give_up)
        try:
            return await turn.result
        finally:
            patience.cancel()
            turn.abandoned = True

    def _work(self) -> None:
        while True:
            loop, turn, call = self._line.get()
            if turn.abandoned:
                continue
            turn.begun = True
            try:
                outcome, error = call(), None
            except BaseException as raised:
                outcome, error = None, raised
            loop.call_soon_threadsafe(turn.settle, outcome, error)


class _Turn:
    """One call on its way. `begun` and `abandoned` are set by one side each and only read by the other."""

    def __init__(self, result: asyncio.Future) -> None:
        self.result = result
        self.begun = self.abandoned = False

    def give_up(self) -> None:
        if not self.begun and not self.result.done():
            self.abandoned = True
            self.result.set_exception(Crowded())

    def settle(self, outcome: object, error: BaseException | None) -> None:
        if self.result.done():  # whoever waited is gone
            return
        if error is None:
            self.result.set_result(outcome)
        else:
            self.result.set_exception(error)
