"""A folder has one user at a time: a lock the kernel releases however its holder dies."""

from __future__ import annotations

import fcntl
import os
from pathlib import Path

from launch.refusal import Refusal


class FolderLock:
    """Exclusive right to the folder in which the file `path` lies. Holds the process id of its owner."""

    def __init__(self, path: Path, wording: str) -> None:
        """`wording` is the refusal for the second comer; `{pid}` in it becomes the holder's process id."""
        self._path = path
        self._wording = wording
        self._file: int | None = None

    def acquire(self) -> None:
        """Take the lock or raise Refusal at once."""
        file = os.open(self._path, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            holder = os.read(file, 32).decode(errors="replace").strip() or "unknown"
            os.close(file)
            raise Refusal(self._wording.format(pid=holder)) from None
        os.ftruncate(file, 0)
        os.pwrite(file, f"{os.getpid()}\n".encode(), 0)
        self._file = file

    def release(self) -> None:
        """Give the lock back; harmless when it is not held. The file stays: deleting it would race."""
        if self._file is not None:
            os.ftruncate(self._file, 0)
            os.close(self._file)
            self._file = None
