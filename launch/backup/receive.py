"""Keep the log of the database as it is written, so that any moment can be restored.

PostgreSQL's own receiver streams it, through a slot that loses nothing while we are away, into a folder
beside the shelf; from there each segment goes sealed onto the shelf once it is full, and the one that is
being written every few seconds.
"""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

from launch.backup.shelf import SEGMENT, Shelf
from launch.interruption import Stop, stop_on_signals
from launch.places import client_programs
from launch.refusal import Refusal

SLOT = "tonglu_backup"
PARTIAL_SECONDS = 10.0
"""How much of the log at most is on one disk only."""

_PAUSE_SECONDS = 0.5


def receive(shelf: Shelf, dsn: str, spool: Path, *, is_enough: Callable[[], bool] = lambda: False) -> None:
    """Receive until told to stop, or `is_enough`. Raises Refusal where the server takes no receiver."""
    spool.mkdir(mode=0o700, parents=True, exist_ok=True)
    _run(dsn, ["--create-slot", "--if-not-exists"])
    receiver = subprocess.Popen([*_command(dsn), "-D", str(spool), "--synchronous"], stdin=subprocess.DEVNULL)
    partial_at = 0.0
    stop_on_signals()
    try:
        while not is_enough():
            if receiver.poll() is not None:  # it tries again by itself; this is worse
                raise Refusal(f"pg_receivewal ended with status {receiver.returncode}")
            store_finished(shelf, spool)
            if time.monotonic() - partial_at >= PARTIAL_SECONDS:
                store_partial(shelf, spool)
                partial_at = time.monotonic()
            time.sleep(_PAUSE_SECONDS)
    except Stop:
        pass
    finally:
        receiver.send_signal(signal.SIGINT)
        receiver.wait()
        store_finished(shelf, spool)
        store_partial(shelf, spool)


def store_finished(shelf: Shelf, spool: Path) -> None:
    """Bring what is complete onto the shelf, and only then take it from the folder."""
    for file in sorted(spool.iterdir()):
        if SEGMENT.fullmatch(file.name) or file.name.endswith(".history"):
            shelf.put_segment(file.name, file.read_bytes())
            file.unlink()
            (shelf.wal / f"{file.name}.partial.sealed").unlink(missing_ok=True)


def store_partial(shelf: Shelf, spool: Path) -> None:
    """Bring what is there of the segment that is being written."""
    for file in spool.glob("*.partial"):
        shelf.put_segment(file.name, file.read_bytes())


def _command(dsn: str) -> list[str]:
    return [str(client_programs() / "pg_receivewal"), "-d", dsn, "-S", SLOT, "--no-password"]


def _run(dsn: str, more: list[str]) -> None:
    outcome = subprocess.run([*_command(dsn), *more], capture_output=True, text=True, env=os.environ)
    if outcome.returncode:
        raise Refusal(f"pg_receivewal failed: {outcome.stderr.strip()}")
