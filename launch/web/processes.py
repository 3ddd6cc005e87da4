"""Processes that share a listening socket.

Made by fork, so that the portal is imported once, and replaced when they die.
"""

from __future__ import annotations

import contextlib
import os
import signal
import time
from collections.abc import Callable
from threading import Thread

import structlog

from launch.interruption import Stop, stop_on_signals
from launch.process import wait_until

_PAUSE_SECONDS = 0.5  # before a process that died at once is replaced
_MATURE_SECONDS = 5.0
_SIGNALS = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)

_log = structlog.get_logger("launch.web")


class Processes:
    """`number` processes that call `work`. They end with this one, however it ends."""

    def __init__(self, number: int, work: Callable[[], None], *, patience: float) -> None:
        """`patience`: seconds between SIGTERM and SIGKILL."""
        self._number, self._work, self._patience = number, work, patience
        self._running: dict[int, float] = {}
        self._alive, self._held = (
            os.pipe()
        )  # the end of what only this process holds tells the others that it is gone

    def keep(self) -> None:
        """Run until a signal, then stop them."""
        stop_on_signals()
        try:
            for _ in range(self._number):
                self._start()
            while True:
                self._replace_next()
        except Stop:
            self._stop()

    def _start(self) -> None:
        signal.pthread_sigmask(
            signal.SIG_BLOCK, _SIGNALS
        )  # none may find a child that still looks like its parent
        if (pid := os.fork()) == 0:
            self._be_child()
        self._running[pid] = time.monotonic()
        signal.pthread_sigmask(signal.SIG_UNBLOCK, _SIGNALS)

    def _be_child(self) -> None:
        """Work; never returns."""
        try:
            os.close(self._held)
            for number in _SIGNALS:
                signal.signal(number, signal.SIG_DFL)
            signal.pthread_sigmask(signal.SIG_UNBLOCK, _SIGNALS)
            Thread(target=self._end_with_parent, name="parent", daemon=True).start()
            self._work()
        except BaseException:
            _log.exception("web_process_failed")
        finally:
            os._exit(1)

    def _end_with_parent(self) -> None:
        os.read(self._alive, 1)
        os.kill(os.getpid(), signal.SIGTERM)
        time.sleep(self._patience)
        os._exit(1)

    def _replace_next(self) -> None:
        """Wait for a death."""
        pid, status = os.wait()
        if (started := self._running.pop(pid, None)) is None:
            return
        _log.error("web_process_died", pid=pid, status=os.waitstatus_to_exitcode(status))
        if time.monotonic() - started < _MATURE_SECONDS:
            time.sleep(_PAUSE_SECONDS)
        self._start()

    def _stop(self) -> None:
        for number in (signal.SIGTERM, signal.SIGKILL):
            for pid in self._running:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, number)
            if wait_until(self._all_ended, self._patience):
                return

    def _all_ended(self) -> bool:
        for pid in list(self._running):
            with contextlib.suppress(ChildProcessError):
                if os.waitpid(pid, os.WNOHANG)[0] == 0:
                    continue
            del self._running[pid]
        return not self._running
