"""Keep uploaded files: each once, as it never changes, and what was deleted until no backup needs it."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

from launch.backup.sealed import Opened, sealing
from launch.backup.shelf import Shelf
from portal.files.store import FolderStore, store_at

_GONE = ".gone"


def keep_files(shelf: Shelf, url: str) -> tuple[int, int]:
    """Bring new files onto the shelf; how many are new, and how many there are."""
    store = store_at(url)
    kept = {key for key, _ in _kept(shelf)}
    new, there = 0, set()
    for one in store.everything():
        if one.key.startswith("."):
            continue  # not finished
        there.add(one.key)
        if one.key in kept:
            continue
        try:
            content = store.get(one.key)
        except FileNotFoundError:
            continue  # deleted since it was listed
        path = _path(shelf, one.key)
        path.parent.mkdir(mode=0o700, exist_ok=True)
        with sealing(path, shelf.key, f"files/{one.key}") as file:
            file.write(content)
        new += 1
    for key in kept:
        gone = _path(shelf, key).with_suffix(_GONE)
        if key in there:
            gone.unlink(missing_ok=True)
        elif not gone.exists():
            gone.touch()  # its moment says since when
    return new, len(there)


def forget_files(shelf: Shelf, *, at: datetime, kept: timedelta) -> int:
    """Delete what was gone from the store for so long."""
    forgotten = 0
    for gone in shelf.files.glob(f"*/*{_GONE}"):
        if at.timestamp() - gone.stat().st_mtime > kept.total_seconds():
            gone.with_suffix(".sealed").unlink(missing_ok=True)
            gone.unlink()
            forgotten += 1
    return forgotten


def restore_files(shelf: Shelf, folder: Path) -> int:
    """Write every file into a folder as the portal keeps them; how many.

    What the restored database does not know is swept by the portal.
    """
    store, count = FolderStore(folder), 0
    for key, path in _kept(shelf):
        with Opened(path, shelf.key, f"files/{key}") as file:
            store.put(key, file.read())
        count += 1
    return count


def verify_files(shelf: Shelf) -> int:
    """Read every file. Raises Broken."""
    count = 0
    for key, path in _kept(shelf):
        with Opened(path, shelf.key, f"files/{key}") as file:
            for _ in file.pieces():
                pass
        count += 1
    return count


def _kept(shelf: Shelf) -> list[tuple[str, Path]]:
    """Each file on the shelf by its key. A name with a dot before it was never finished."""
    found = [path for path in shelf.files.glob("*/*.sealed") if not path.name.startswith(".")]
    return [(path.name.removesuffix(".sealed"), path) for path in sorted(found)]


def _path(shelf: Shelf, key: str) -> Path:
    """Spread over folders as the portal does."""
    return shelf.files / key.partition(".")[0][-2:] / f"{key}.sealed"
