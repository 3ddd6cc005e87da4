"""Keeps servers and programs running, and ends them in the order that loses nothing."""

from __future__ import annotations

import contextlib
import os
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import NoReturn, Protocol

import psutil

from launch.process import adopt_orphans, kill_all

_TICK_SECONDS = 0.2
_SWEEP_SECONDS = 5.0
_PAUSE_MIN_SECONDS = 0.5
_PAUSE_MAX_SECONDS = 30.0
_HEALTHY_SECONDS = 60.0


class Service(Protocol):
    """Something to keep alive: a `Server` or a `Child`."""

    name: str

    @property
    def pid(self) -> int | None: ...
    def start(self) -> None: ...
    def alive(self) -> bool: ...
    def kill(self) -> None: ...
    def ask_to_stop(self) -> None: ...
    def stop(self) -> None: ...
    def ending(self) -> str: ...


@dataclass
class _Kept:
    """A service with the memory of how often it failed."""

    service: Service
    started: float = field(default_factory=time.monotonic)
    failures: int = 0
    due: float | None = None

    def tend(self, say: Callable[[str], None]) -> None:
        """Start the service again when it died.

        At once if it had been well, else after a pause that doubles with every failure.
        """
        now = time.monotonic()
        if self.due is None:
            if not self.service.alive():
                self._plan(self.service.ending(), say)
        elif now >= self.due:
            self.due, self.started = None, now
            try:
                self.service.start()
            except Exception as error:  # whatever it is, the next attempt may succeed
                self._plan(f"does not start: {error}", say)

    def _plan(self, reason: str, say: Callable[[str], None]) -> None:
        """Clear away the remains and set the time of the next start."""
        self.service.kill()
        now = time.monotonic()
        self.failures = 0 if now - self.started > _HEALTHY_SECONDS else self.failures + 1
        pause = (
            min(_PAUSE_MIN_SECONDS * 2 ** (self.failures - 1), _PAUSE_MAX_SECONDS) if self.failures else 0.0
        )
        say(f"{self.service.name} {reason}; starting it again in {pause:g} s")
        self.due = now + pause


class Supervisor:
    """Starts stages of services and watches them.

    A `with` block ends them, by default the last stage first.
    """

    def __init__(self, say: Callable[[str], None]) -> None:
        self._say = say
        self._owned: list[_Kept] = []
        self._stages: list[list[Service]] = []
        self._strangers: set[int] = set()
        self._swept = time.monotonic()

    def __enter__(self) -> Supervisor:
        adopt_orphans()
        self._strangers = {child.pid for child in psutil.Process().children()}
        return self

    def keep(self, service: Service) -> None:
        """Watch a service that runs already; whoever started it will stop it."""
        self._owned.append(_Kept(service))

    def start(self, services: Sequence[Service], *, stop_last: bool = False) -> None:
        """Start a stage: services that will be stopped together, before all earlier stages or after them."""
        stage: list[Service] = []
        self._stages.insert(len(self._stages) if stop_last else 0, stage)
        for service in services:
            stage.append(service)
            service.start()
            self._owned.append(_Kept(service))

    def tend(self) -> None:
        """Look after every service once, and every few seconds after what nobody owns."""
        for kept in self._owned:
            kept.tend(self._say)
        if time.monotonic() - self._swept > _SWEEP_SECONDS:
            self._reap_orphans()
            self._swept = time.monotonic()

    def watch(self) -> NoReturn:
        """Tend until an exception, such as the one a signal raises, ends it."""
        while True:
            self.tend()
            time.sleep(_TICK_SECONDS)

    def _orphans(self) -> list[psutil.Process]:
        """Children we did not start.

        What a killed program left behind, such as the job of a killed worker.
        """
        started = {service.pid for stage in self._stages for service in stage}
        started.update(kept.service.pid for kept in self._owned)
        return [child for child in psutil.Process().children() if child.pid not in started | self._strangers]

    def _reap_orphans(self) -> None:
        """Take the status of orphans that have ended; the living may finish their work."""
        for orphan in self._orphans():
            with contextlib.suppress(ChildProcessError):
                os.waitpid(orphan.pid, os.WNOHANG)

    def __exit__(self, *_: object) -> None:
        for stage in self._stages:
            for service in stage:
                service.ask_to_stop()
            for service in stage:
                service.stop()
        kill_all(self._orphans())
        self._reap_orphans()
