"""A few threads that call the portal, and the line before them."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from threading import Condition, Thread


class Crowded(Exception):
    """Too many wait already, or this one has waited too long."""


class Lane:
    """Threads with a line of bounded length and bounded waiting.

    Whoever gives up leaves the line, and nothing of them stays in it.

    They are daemons: a process that is told to end does not wait for a call that hangs in the database.
    """

    def __init__(self, name: str, *, threads: int, waiting_max: int, seconds_max: float) -> None:
        self._line: deque[_Turn] = deque()
        self._longer = Condition()  # guards the line
        self._waiting_max, self._seconds_max = waiting_max, seconds_max
        for number in range(threads):
            Thread(target=self._work, name=f"{name}-{number}", daemon=True).start()

    async def run(self, call: Callable[[], object]) -> object:
        """Result of `call`, made by one of the threads. Raises Crowded when its turn does not come."""
        loop = asyncio.get_running_loop()
        turn = _Turn(call, loop)
        self._join(turn)
        patience = loop.call_later(self._seconds_max, self._give_up, turn)
        try:
            return await turn.result
        finally:
            patience.cancel()
            self._leave(turn)
            # its result may be an error whose traceback holds this frame: a circle that would keep the call
            # until it is looked for
            del turn

    def _join(self, turn: _Turn) -> None:
        with self._longer:
            if len(self._line) >= self._waiting_max:
                raise Crowded
            self._line.append(turn)
            self._longer.notify()

    def _leave(self, turn: _Turn) -> bool:
        """Whether it was still in the line."""
        with self._longer:
            if waits := turn in self._line:
                self._line.remove(turn)
        return waits

    def _give_up(self, turn: _Turn) -> None:
        if self._leave(turn) and not turn.result.done():
            turn.result.set_exception(Crowded())

    def _work(self) -> None:
        while True:
            # without a name: a thread that waits for the next turn keeps nothing of the last
            self._next().make()

    def _next(self) -> _Turn:
        with self._longer:
            self._longer.wait_for(lambda: self._line)
            return self._line.popleft()


class _Turn:
    """One call on its way."""

    def __init__(self, call: Callable[[], object], loop: asyncio.AbstractEventLoop) -> None:
        self._call, self._loop = call, loop
        self.result: asyncio.Future = loop.create_future()

    def make(self) -> None:
        """Make the call. In a thread."""
        try:
            outcome = self._call()
        except BaseException as error:
            self._loop.call_soon_threadsafe(self._settle, None, error)
        else:
            self._loop.call_soon_threadsafe(self._settle, outcome, None)

    def _settle(self, outcome: object, error: BaseException | None) -> None:
        if self.result.done():  # whoever waited is gone
            return
        if error is None:
            self.result.set_result(outcome)
        else:
            self.result.set_exception(error)
