"""What the two embedded servers share: a folder with one user, a private socket folder, one child process."""

from __future__ import annotations

import shutil
import tempfile
from abc import ABC, abstractmethod
from pathlib import Path
from typing import Self

from launch.account import OURS, Account
from launch.lock import FolderLock
from launch.places import SocketFolder
from launch.process import Child, wait_until
from launch.refusal import Refusal

SOCKET_NOTE = "socket-folder"
"""File in a server's folder that names the folder of its socket."""


class Server(ABC):
    """A server over one folder, for the length of a `with` block.

    `folder` receives the data, the log and the lock; None means a temporary folder that is deleted at the
    end. `durable=False` spares the disk, for tests: a crash of the machine would lose data, a crash of a
    program not.
    """

    name: str
    start_seconds: float

    def __init__(self, folder: Path | str | None = None, *, durable: bool = True) -> None:
        self._temporary = folder is None
        self.folder = Path(
            tempfile.mkdtemp(prefix="tonglu-", dir="/tmp") if folder is None else folder
        ).absolute()
        self.durable = durable
        self._lock = FolderLock(
            self.folder / "lock", f"{self.name} already runs on {self.folder} (process {{pid}})"
        )
        self._sockets: SocketFolder | None = None
        self._child: Child | None = None

    def __enter__(self) -> Self:
        self.open()
        return self

    def open(self) -> None:
        """Lock the folder, make what is missing and start. Raises Refusal with the reason if that fails."""
        self.folder.mkdir(mode=0o700, exist_ok=True)
        self._lock.acquire()
        try:
            account = self.settle()
            self._sockets = SocketFolder(self.folder / SOCKET_NOTE, account)
            self._child = self.program()
            self.start()
        except BaseException:
            self.close()
            raise

    def settle(self) -> Account:
        """Make the data if need be; returns the account that will own the sockets."""
        return OURS

    @abstractmethod
    def program(self) -> Child:
        """The server's process, not started."""

    def start(self) -> None:
        """Start, or start again after a crash, and wait until requests are served. The addresses stay."""
        self.clear_crash()
        self._child.start()
        if not wait_until(lambda: not self.alive() or self.answers(), self.start_seconds) or not self.alive():
            self._child.kill()
            raise Refusal(f"{self.name} {self.ending()} instead of starting:\n{self._child.last_words()}")

    @abstractmethod
    def clear_crash(self) -> None:
        """Remove what a server that could not tidy up left in the way."""

    @abstractmethod
    def answers(self) -> bool:
        """Whether a request succeeds now."""

    def alive(self) -> bool:
        """Whether the server's first process runs."""
        return self._child is not None and self._child.alive()

    @property
    def pid(self) -> int | None:
        """Number of the server's first process."""
        return None if self._child is None else self._child.pid

    @property
    def socket_folder(self) -> Path:
        """Folder of the Unix socket; the same as long as this object is open."""
        return self._sockets.path

    def ending(self) -> str:
        """How the server ended, in words for a log line."""
        return self._child.ending()

    def kill(self) -> None:
        """Crash: SIGKILL. `start` recovers all that was answered."""
        self._child.kill()

    def restart(self) -> None:
        """Stop in order and start again."""
        self.stop()
        self.start()

    def ask_to_stop(self) -> None:
        """Begin the shutdown; `stop` waits for its end."""
        if self._child is not None:
            self._child.ask_to_stop()

    def stop(self) -> None:
        """Stop the server; it may be started again."""
        if self._child is not None:
            self._child.stop()

    def close(self) -> None:
        """Stop the server and tidy up."""
        self.stop()
        if self._sockets is not None:
            self._sockets.remove()
        self._lock.release()
        if self._temporary:
            shutil.rmtree(self.folder, ignore_errors=True)

    def __exit__(self, *_: object) -> None:
        self.close()
