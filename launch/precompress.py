"""Packed copies (`.br`, `.gz`) beside the files that browsers load.

Made once when the web starts and not at every answer.
"""

from __future__ import annotations

import gzip
import os
import tempfile
from pathlib import Path

import brotli

from launch.bootstrap import ROOT

STATIC = ROOT / "portal" / "static"
_KINDS = frozenset({".css", ".js", ".svg", ".wasm"})
_SMALL = 512  # bytes


def precompress(folder: Path = STATIC) -> None:
    """Bring the packed copies up to date; a folder that cannot be written to is served as it is."""
    try:
        for path in sorted(folder.rglob("*")):
            if path.suffix in _KINDS and path.stat().st_size >= _SMALL:
                _pack(path)
    except OSError:
        return


def _pack(path: Path) -> None:
    for suffix, compress in ((".br", brotli.compress), (".gz", _gzip)):
        packed = path.with_name(path.name + suffix)
        changed = path.stat().st_mtime_ns
        if packed.is_file() and packed.stat().st_mtime_ns == changed:
            continue
        with tempfile.TemporaryDirectory(dir=path.parent, prefix=".packing-") as folder:
            half = Path(folder) / packed.name
            half.write_bytes(compress(path.read_bytes()))
            half.chmod(path.stat().st_mode & 0o777)
            os.utime(half, ns=(changed, changed))
            half.replace(packed)  # two starts at once write the same


def _gzip(data: bytes) -> bytes:
    return gzip.compress(data, 9, mtime=0)
