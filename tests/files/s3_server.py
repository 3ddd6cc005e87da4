"""A server that speaks S3, in an environment of its own: its libraries need an older dateutil than ours.

The environment is made once, of wheels by hash, as `.venv` is.
"""

from __future__ import annotations

import fcntl
import hashlib
import re
import subprocess
import sys
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Thread

import httpx

from launch.bootstrap import STATE

LOCK = Path(__file__).parent / "s3" / "requirements.lock"
_RUNNING = re.compile(r"Running on (http://127\.0\.0\.1:[0-9]+)")


def environment() -> Path:
    """Where the server is installed; made when its lock file has changed."""
    digest = hashlib.sha256(LOCK.read_bytes()).hexdigest()[:16]
    folder = STATE / f"s3-server-{digest}"
    STATE.mkdir(exist_ok=True)
    with (STATE / "s3-server.lock").open("w") as right:
        fcntl.flock(right, fcntl.LOCK_EX)
        if not (folder / "complete").exists():
            subprocess.run([sys.executable, "-m", "venv", "--clear", folder], check=True)
            install = [folder / "bin" / "python", "-m", "pip", "install", "--quiet", "--require-hashes"]
            subprocess.run([*install, "--only-binary", ":all:", "--requirement", LOCK], check=True)
            (folder / "complete").touch()
    return folder


@contextmanager
def serving(bucket: str) -> Iterator[str]:
    """The address of a running server with an empty bucket."""
    command = [environment() / "bin" / "moto_server", "-H", "127.0.0.1", "-p", "0"]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True) as process:
        try:
            assert process.stderr is not None
            said = (_RUNNING.search(line) for line in process.stderr)
            address = next(found[1] for found in said if found)
            Thread(target=deque, args=(process.stderr, 0), daemon=True).start()  # or it waits for a reader
            httpx.put(f"{address}/{bucket}").raise_for_status()
            yield address
        finally:
            process.terminate()
