"""localstripe, a server that answers as Stripe does, as a process with an environment of its own.

The environment is made once, of wheels by hash, as `.venv` is. It is under the GPL and is never imported.
"""

from __future__ import annotations

import fcntl
import hashlib
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx

from launch.bootstrap import STATE

LOCK = Path(__file__).parent / "localstripe" / "requirements.lock"
_PATIENCE = 30


def environment() -> Path:
    """Where the server is installed; made when its lock file has changed."""
    digest = hashlib.sha256(LOCK.read_bytes()).hexdigest()[:16]
    folder = STATE / f"localstripe-{digest}"
    STATE.mkdir(exist_ok=True)
    with (STATE / "localstripe.lock").open("w") as right:
        fcntl.flock(right, fcntl.LOCK_EX)
        if not (folder / "complete").exists():
            subprocess.run([sys.executable, "-m", "venv", "--clear", folder], check=True)
            install = [folder / "bin" / "python", "-m", "pip", "install", "--quiet", "--require-hashes"]
            subprocess.run([*install, "--requirement", LOCK], check=True)
            (folder / "complete").touch()
    return folder


@contextmanager
def serving() -> Iterator[str]:
    """The address of a running server that knows nobody yet."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    python, address = environment() / "bin" / "python", f"http://127.0.0.1:{port}"
    command = [python, "-m", "localstripe", "--port", str(port), "--from-scratch"]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        try:
            _wait_for(address)
            yield address
        finally:
            process.terminate()


def _wait_for(address: str) -> None:
    until = time.monotonic() + _PATIENCE
    with httpx.Client(base_url=address) as client:
        while True:
            try:
                client.get("/js.stripe.com/v3/").raise_for_status()
            except httpx.TransportError:
                assert time.monotonic() < until, "localstripe does not start"
                time.sleep(0.05)  # it says nothing when it listens
            else:
                return
