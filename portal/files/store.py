"""Where the bytes of files lie: a folder outside the web root, or a bucket.

A file is written before its row and deleted after it, so that a row always has its bytes; what a crash left
without a row is swept (`portal.files.sweep`).
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Protocol
from urllib.parse import unquote, urlsplit

from portal.files.stored import Stored


class FileStore(Protocol):
    """Bytes by key. A key is made of letters, digits, ``-`` and ``.``."""

    def put(self, key: str, content: bytes) -> None:
        """Keep bytes for good before this returns. Raises OSError."""

    def get(self, key: str) -> bytes:
        """What was kept. Raises FileNotFoundError where nothing was, OSError."""

    def delete(self, key: str) -> None:
        """Keep them no longer; nothing happens where there are none. Raises OSError."""

    def everything(self) -> Iterator[Stored]:
        """Everything that is kept, in no order."""


def store_at(url: str) -> FileStore:
    """The store at an address: ``file:///folder`` or ``s3://bucket``. Raises ValueError for any other."""
    parts = urlsplit(url)
    if parts.scheme == "file" and not parts.netloc and parts.path.startswith("/"):
        return FolderStore(Path(unquote(parts.path)))
    if parts.scheme == "s3":
        from portal.files.bucket_store import BucketStore  # its library is loaded where a bucket is used

        return BucketStore(url)
    raise ValueError(f"files are kept in file:///folder or s3://bucket, not in {url!r}")


class FolderStore:
    """Files in a folder, which is made when the first is kept. Any number of processes may share it."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def put(self, key: str, content: bytes) -> None:
        """Keep bytes: complete and on the disk, or not at all."""
        path = self._path(key)
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        path.parent.mkdir(mode=0o700, exist_ok=True)
        descriptor, unfinished = tempfile.mkstemp(prefix=".", dir=path.parent)
        try:
            with os.fdopen(descriptor, "wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            os.replace(unfinished, path)
        except BaseException:
            with suppress(OSError):
                os.unlink(unfinished)
            raise
        _sync(path.parent)

    def get(self, key: str) -> bytes:
        """What was kept under a key."""
        return self._path(key).read_bytes()

    def delete(self, key: str) -> None:
        """Keep it no longer."""
        self._path(key).unlink(missing_ok=True)

    def everything(self) -> Iterator[Stored]:
        """All files, with those that were never finished: a process died over them."""
        for folder, _, names in os.walk(self._folder):
            for name in names:
                with suppress(FileNotFoundError):  # deleted meanwhile
                    changed = os.stat(os.path.join(folder, name)).st_mtime
                    yield Stored(name, datetime.fromtimestamp(changed, UTC))

    def _path(self, key: str) -> Path:
        """Spread over folders by the last characters, which are random, so that none grows long."""
        stem = key.partition(".")[0]
        return self._folder / stem[-2:] / key


def _sync(folder: Path) -> None:
    """A name is on the disk when its folder is."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
