"""One child process.

Alone in its session, logged to a file, ended with its whole group, never outliving us.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import psutil

from launch.account import OURS, Account

_PR_SET_PDEATHSIG = 1
_PR_SET_CHILD_SUBREAPER = 36
_LOG_BYTES_MAX = 10_000_000

# Loaded here because nothing may be loaded between fork and exec.
_libc = ctypes.CDLL(None, use_errno=True) if sys.platform == "linux" else None


@dataclass
class Child:
    """A program that can be started, watched, asked to stop and started again.

    The kernel sends `stop_signal` when the thread that started the child dies, even by SIGKILL (Linux only),
    so start children from a thread that lives as long as they should.
    """

    name: str
    command: Sequence[str | Path]
    log: Path
    environment: Mapping[str, str] | None = None
    folder: Path = Path("/")
    account: Account = OURS
    stop_signal: signal.Signals = signal.SIGTERM
    patience: float = 10.0
    """Seconds between `stop_signal` and SIGKILL."""
    process: subprocess.Popen | None = field(default=None, init=False)
    _group_ended: bool = field(default=True, init=False)

    def start(self) -> None:
        """Run the program; what an earlier run of it left in its group is ended first."""
        self.kill()
        rotate(self.log)
        with open(self.log, "ab", opener=_private) as log:
            self.process = subprocess.Popen(
                [str(part) for part in self.command],
                cwd=self.folder,
                env=self.environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
                umask=0o077,  # whatever it writes, such as mail or a log of operations, is its owner's
                preexec_fn=_die_with_parent(self.stop_signal),
                **self.account.popen_options(),
            )
        self._group_ended = False

    @property
    def pid(self) -> int | None:
        """Number of the process last started."""
        return None if self.process is None else self.process.pid

    def alive(self) -> bool:
        """Whether the program itself still runs (its own children are its business)."""
        return self.process is not None and self.process.poll() is None

    def ask_to_stop(self) -> None:
        """Send the polite signal and return at once."""
        if self.alive():
            self.process.send_signal(self.stop_signal)

    def stop(self) -> None:
        """Ask, wait up to `patience` seconds, then kill whatever is left of the group."""
        self.ask_to_stop()
        if self.process is not None:
            with contextlib.suppress(subprocess.TimeoutExpired):
                self.process.wait(self.patience)
        self.kill()

    def kill(self) -> None:
        """SIGKILL the program and its process group, once: later the number may name a stranger's group."""
        if self.process is None or self._group_ended:
            return
        with contextlib.suppress(ProcessLookupError, PermissionError):  # macOS forbids what is a zombie
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()
        self._group_ended = True

    def ending(self) -> str:
        """How the program ended, in words for a log line."""
        code = self.process.poll() if self.process is not None else None
        if code is None:
            return "is running"
        return f"was killed by {signal.Signals(-code).name}" if code < 0 else f"ended with status {code}"

    def last_words(self, lines: int = 15) -> str:
        """Tail of the log, for a message about a program that will not start."""
        try:
            return "\n".join(self.log.read_text(errors="replace").splitlines()[-lines:])
        except OSError:
            return ""


def _die_with_parent(stop_signal: signal.Signals) -> Callable[[], None] | None:
    """A function to run between fork and exec, after the change of account (which would clear the wish)."""
    if _libc is None:
        return None
    parent = os.getpid()

    def leash() -> None:
        _libc.prctl(_PR_SET_PDEATHSIG, int(stop_signal), 0, 0, 0)
        if os.getppid() != parent:
            os._exit(1)  # the parent died before the wish was known

    return leash


def adopt_orphans() -> None:
    """Make grandchildren whose parent dies ours, so that the last sweep finds them (Linux only)."""
    if _libc is not None:
        _libc.prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def kill_all(processes: Sequence[psutil.Process], seconds: float = 10.0) -> None:
    """SIGKILL these processes and wait until they are gone, whoever has to reap them."""
    for process in processes:
        with contextlib.suppress(psutil.Error):
            process.kill()
    wait_until(lambda: not any(runs(process) for process in processes), seconds)


def runs(process: psutil.Process) -> bool:
    """Whether a process does more than wait to be reaped."""
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.Error:
        return False


def _private(path: str, flags: int) -> int:
    """Open a log that only its owner reads: it may name people."""
    return os.open(path, flags, 0o600)


def rotate(log: Path) -> None:
    """Keep one older log of ten megabytes at most."""
    log.parent.mkdir(mode=0o700, exist_ok=True)
    if log.exists() and log.stat().st_size > _LOG_BYTES_MAX:
        log.replace(log.with_suffix(log.suffix + ".1"))


def wait_until(condition: Callable[[], object], seconds: float, pause: float = 0.02) -> bool:
    """Ask `condition()` until it is true or `seconds` have passed; returns its last answer."""
    deadline = time.monotonic() + seconds
    while not (answer := condition()):
        if time.monotonic() > deadline:
            break
        time.sleep(pause)
    return bool(answer)
