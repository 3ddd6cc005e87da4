"""What processes of the past have counted, folded into one file, so that no sum ever falls.

A worker or web process that ended leaves its counters behind. Dropped, the sums would fall, and Prometheus
would take that for a restart of everything and count it all again; kept as they are, each restart would leave
files to read for ever.
"""

from __future__ import annotations

import contextlib
from pathlib import Path

import psutil
from prometheus_client.mmap_dict import MmapedDict

_DEAD = "dead"  # in the place of a number in the name of a file


def fold_the_dead(folder: Path) -> None:
    """Add counters of processes that ended to those of all of the past; drop their gauges."""
    for file in sorted(folder.glob("*.db")):
        kind, _, _ = file.name.partition("_")
        number = file.stem.rpartition("_")[2]
        if number == _DEAD or _lives(number, file):
            continue
        if kind != "gauge":
            _fold(file, folder / f"{kind}_{_DEAD}.db")
        file.unlink(missing_ok=True)


def _fold(file: Path, into: Path) -> None:
    past = MmapedDict(str(into))
    try:
        for key, value, _timestamp, _position in MmapedDict.read_all_values_from_file(str(file)):
            before, _ = past.read_value(key)
            past.write_value(key, before + value, 0.0)
    finally:
        past.close()


def _lives(number: str, file: Path) -> bool:
    """Whether the process that made the file is at work: not another one that got its number since."""
    with contextlib.suppress(psutil.Error, OSError, ValueError):
        began: float = psutil.Process(int(number)).create_time()
        return began <= file.stat().st_mtime + 1
    return False
