"""The folder in which backups lie: which are there, on which each is built, and what is kept of them."""

from __future__ import annotations

import fcntl
import json
import os
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path

from launch.backup.sealed import Broken, Opened, sealing, sync
from launch.refusal import Refusal

FULL, INCREMENTAL = "full", "incremental"
BASE, MANIFEST, SECRETS = "base.tar", "backup_manifest", "secrets.json"
_ABOUT = "about.json"
_NAME = re.compile(r"\d{8}T\d{6}Z-(full|incremental)")
SEGMENT = re.compile(r"[0-9A-F]{24}")
_HALF = ".half-"


@dataclass(frozen=True, slots=True)
class Backup:
    """A backup. parent: name of the one it is built on, empty for a full one. begins, ends: its span of the
    log, as numbers. Moments are ISO 8601 in UTC. cluster: identifier of the database's cluster.
    """

    name: str
    kind: str
    parent: str
    began_at: str
    ended_at: str
    cluster: str
    timeline: int
    begins: int
    ends: int
    segment_bytes: int
    schema: str
    size: int

    @property
    def first_segment(self) -> str:
        """The segment of the log from which on it is brought forward."""
        return segment_name(self.timeline, self.begins, self.segment_bytes)


class Shelf:
    """Backups below a folder, under one key."""

    def __init__(self, folder: Path, key: bytes) -> None:
        self.folder, self.key = folder, key
        self.wal, self.files, self._base = folder / "wal", folder / "files", folder / "base"
        try:
            for each in (folder, self.wal, self.files, self._base):
                each.mkdir(mode=0o700, parents=True, exist_ok=True)
        except OSError as error:
            raise Refusal(f"{folder} cannot be used for backups: {error.strerror}") from error

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Nobody else makes or deletes backups meanwhile. What a killed run left is removed."""
        with (self.folder / "lock").open("w") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise Refusal(f"another backup is being made in {self.folder}") from None
            for half in self._base.glob(f"{_HALF}*"):
                shutil.rmtree(half)
            yield

    def backups(self) -> list[Backup]:
        """Those that are whole, the first one first. Raises Broken for one of another key."""
        found = [path.name for path in self._base.iterdir() if _NAME.fullmatch(path.name)]
        return [self._about(name) for name in sorted(found)]

    def chain(self, *, until: datetime | None = None) -> list[Backup]:
        """What is restored for the state of a moment, or the last: the full one first. Raises Refusal."""
        kept = self.backups()
        fit = [one for one in kept if until is None or datetime.fromisoformat(one.ended_at) <= until]
        if not fit:
            raise Refusal("there is no backup from before that" if kept else "there is no backup")
        by_name = {one.name: one for one in kept}
        chain = [fit[-1]]
        while chain[0].parent:
            if chain[0].parent not in by_name:
                raise Refusal(f"{chain[0].name} is built on {chain[0].parent}, which is not there")
            chain.insert(0, by_name[chain[0].parent])
        return chain

    @contextmanager
    def making(self, name: str) -> Iterator[Path]:
        """A folder for the parts of a backup; it counts when the block ends well."""
        half = self._base / f"{_HALF}{name}"
        half.mkdir(mode=0o700)
        try:
            yield half
        except BaseException:
            shutil.rmtree(half, ignore_errors=True)
            raise
        sync(half)
        half.rename(self._base / name)
        sync(self._base)

    def write_about(self, folder: Path, backup: Backup) -> None:
        """Say in a backup's folder what it is."""
        with sealing(folder / f"{_ABOUT}.sealed", self.key, f"{backup.name}/{_ABOUT}") as file:
            file.write(json.dumps(asdict(backup)).encode())

    def part(self, backup: Backup, part: str) -> Opened:
        """A part of a backup, to be read."""
        return Opened(self.part_path(backup, part), self.key, f"{backup.name}/{part}")

    def part_path(self, backup: Backup, part: str) -> Path:
        """Where a part lies."""
        return self._base / backup.name / f"{part}.sealed"

    def segment(self, name: str) -> Opened:
        """A segment of the log, to be read."""
        return Opened(self.wal / f"{name}.sealed", self.key, f"wal/{name}")

    def segments(self) -> list[str]:
        """Names of the segments, of a partial one and of histories, in their order."""
        return sorted(path.name.removesuffix(".sealed") for path in self.wal.glob("[0-9A-F]*.sealed"))

    def put_segment(self, name: str, content: bytes) -> None:
        """Keep a segment. The same once more is fine; Raises Broken for another under the name."""
        path = self.wal / f"{name}.sealed"
        if path.exists() and not name.endswith(".partial"):
            with self.segment(name) as kept:
                if kept.read() != content:
                    raise Broken(f"another {name} is kept already: two servers write to {self.folder}")
            return
        with sealing(path, self.key, f"wal/{name}") as file:
            file.write(content)

    def delete(self, backup: Backup) -> None:
        """Remove a backup: it counts no more from the first moment on."""
        half = self._base / f"{_HALF}{backup.name}"
        (self._base / backup.name).rename(half)
        shutil.rmtree(half)

    def _about(self, name: str) -> Backup:
        with Opened(self._base / name / f"{_ABOUT}.sealed", self.key, f"{name}/{_ABOUT}") as file:
            return Backup(**json.loads(file.read()))


def segment_name(timeline: int, position: int, size: int) -> str:
    """What PostgreSQL calls the segment of the log that holds a position."""
    number, each = position // size, 2**32 // size
    return f"{timeline:08X}{number // each:08X}{number % each:08X}"


def position_of(said: str) -> int:
    """A position in the log, such as ``0/3000028``, as a number."""
    high, low = said.split("/")
    return (int(high, 16) << 32) + int(low, 16)


def missing_segments(first: str, kept: list[str], size: int) -> list[str]:
    """Segments that are not there between one and the newest of its timeline."""
    each = 2**32 // size
    timeline = first[:8]

    def number(name: str) -> int:
        return int(name[8:16], 16) * each + int(name[16:24], 16)

    there = {number(name) for name in kept if SEGMENT.fullmatch(name[:24]) and name.startswith(timeline)}
    wanted = range(number(first), max(there, default=number(first)) + 1)
    return [segment_name(int(timeline, 16), one * size, size) for one in wanted if one not in there]


def tree_bytes(folder: Path) -> int:
    """Bytes of the files in a folder."""
    return sum(entry.stat().st_size for entry in os.scandir(folder) if entry.is_file())
