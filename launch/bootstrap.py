"""Makes `.venv` out of the lock file once, then becomes the command asked for. Standard library only.

A marker written last tells a complete environment from a half-made one; a lock lets one start at a time make
it.
"""

from __future__ import annotations

import contextlib
import fcntl
import getpass
import hashlib
import itertools
import os
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator, MutableMapping
from pathlib import Path

from launch.install_failure import explain_pip, explain_venv
from launch.refusal import Refusal

ROOT = Path(__file__).resolve().parent.parent
ENVIRONMENT = ROOT / ".venv"
STATE = ROOT / "var"
PYTHON = ENVIRONMENT / "bin" / "python"
RUNTIME = "requirements.lock"
TEST = "requirements-test.lock"

_MODULES = {
    "demo": "launch.demo",
    "portal": "launch.production",
    "test": "launch.suite",
    "mutate": "tests.mutation",
    "bench": "bench",
}
_FREE_BYTES_MIN = 1_500_000_000
# Wishes of the person's own pip that would lead packages elsewhere than into .venv.
_MISLEADING = ("PIP_TARGET", "PIP_PREFIX", "PIP_ROOT", "PIP_CONSTRAINT", "PIP_REQUIREMENT")


def main() -> int:
    """Prepare, then replace this process by the command's own; returns only on refusal."""
    command, *arguments = sys.argv[1:]
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    try:
        ensure_environment(RUNTIME if command in ("demo", "portal") else TEST)
    except Refusal as refusal:
        print(f"bin/{command}: {refusal}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 128 + signal.SIGINT
    if command != "portal":  # a machine that serves says itself what is written to it
        keep_compiled(os.environ)
    return os.execv(PYTHON, [str(PYTHON), "-m", _MODULES[command], *arguments])


def keep_compiled(environment: MutableMapping[str, str]) -> None:
    """Have modules compiled once, out of the sources' way where nothing may be written beside them.

    A demo starts six processes, the tests hundreds; compiling every module anew is a fifth of a start.
    """
    if environment.pop("PYTHONDONTWRITEBYTECODE", ""):
        environment.setdefault("PYTHONPYCACHEPREFIX", str(STATE / "pycache"))


def ensure_environment(lock: str) -> None:
    """Make sure that `.venv` holds what the lock file names."""
    if _holds(lock):
        return
    with _one_at_a_time() as right:
        if _holds(lock):
            return  # another start made it while this one waited
        _require_space()
        try:
            if not _holds(RUNTIME):
                _make_empty(right)
            _install(lock, right)
        except OSError as error:
            raise Refusal(f"cannot make {ENVIRONMENT}: {error.strerror or error}") from error
        finally:
            if not _holds(RUNTIME):
                shutil.rmtree(ENVIRONMENT, ignore_errors=True)  # nothing half-made, whatever went wrong


def _holds(lock: str) -> bool:
    """Whether the marker matches the lock file and the interpreter behind `.venv` still works."""
    try:
        if _marker(lock).read_text() != _digest(lock):
            return False
        if Path(sys.prefix) == ENVIRONMENT:
            return True
        return subprocess.run([PYTHON, "-c", "import pip"], capture_output=True).returncode == 0
    except OSError:
        return False


def _marker(lock: str) -> Path:
    return ENVIRONMENT / f"{lock}.sha256"


def _digest(lock: str) -> str:
    return hashlib.sha256((ROOT / lock).read_bytes()).hexdigest()


@contextlib.contextmanager
def _one_at_a_time() -> Iterator[int]:
    """Hold the right to change `.venv`, waiting for another start that does; yields the lock's descriptor."""
    try:
        STATE.mkdir(exist_ok=True)
        file = (STATE / "bootstrap.lock").open("w")
    except OSError as error:
        raise _unwritable(error.strerror) from error
    if not os.access(ROOT, os.W_OK) or (ENVIRONMENT.exists() and not os.access(ENVIRONMENT, os.W_OK)):
        raise _unwritable("no permission")
    with file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            _say("another start is preparing .venv; waiting for it")
            fcntl.flock(file, fcntl.LOCK_EX)
        yield file.fileno()


def _unwritable(reason: str) -> Refusal:
    return Refusal(
        f"{getpass.getuser()} cannot write to {ROOT} ({reason}), where the Python packages go into .venv.\n"
        "Run it as the owner of that folder, or in a clone of your own."
    )


def _require_space() -> None:
    """Refuse early rather than fill the disk."""
    free = shutil.disk_usage(ROOT).free
    if free < _FREE_BYTES_MIN:
        raise Refusal(
            f"too little disk space for the Python packages: {free / 1e9:.1f} GB free at {ROOT}, "
            f"{_FREE_BYTES_MIN / 1e9:.1f} GB needed."
        )


def _make_empty(right: int) -> None:
    """Replace whatever is at `.venv` by a new environment with nothing but pip."""
    _say("preparing Python packages in .venv (once; a minute or two)")
    shutil.rmtree(ENVIRONMENT, ignore_errors=True)
    base = getattr(sys, "_base_executable", sys.executable)
    lines: list[str] = []
    if _run([base, "-m", "venv", ENVIRONMENT], right, lines.append) != 0:
        raise Refusal(explain_venv(base, "\n".join(lines)))


def _install(lock: str, right: int) -> None:
    """Install the wheels the lock file names, by hash, and write the marker last."""
    total = len(re.findall(r"^[a-zA-Z0-9].*==", (ROOT / lock).read_text(), re.MULTILINE))
    lines: list[str] = []
    packages = itertools.count(1)

    def follow(line: str) -> None:
        lines.append(line)
        if line.startswith(("Collecting ", "Requirement already satisfied: ")):
            _progress(next(packages), total)

    command = [PYTHON, "-m", "pip", "install", "--require-hashes", "--only-binary", ":all:", "--no-input"]
    command += ["--progress-bar", "off", "--retries", "3", "--requirement", ROOT / lock]
    if _run(command, right, follow) != 0:
        raise Refusal(explain_pip(lines))
    for done in {lock, RUNTIME}:  # the lock of the tests contains all of the other
        half = _marker(done).with_suffix(".half")
        half.write_text(_digest(done))
        half.replace(_marker(done))


def _run(command: list[str | Path], right: int, follow: Callable[[str], None]) -> int:
    """Run a program, handing each line it prints to `follow`.

    It ends with us and holds our lock until then.
    """
    environment = {name: value for name, value in os.environ.items() if name not in _MISLEADING}
    environment |= {"PIP_USER": "0", "PIP_DISABLE_PIP_VERSION_CHECK": "1"}
    process = subprocess.Popen(
        [str(part) for part in command],
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        pass_fds=[right],
        process_group=0,
    )
    try:
        for line in process.stdout:
            follow(line.rstrip())
        return process.wait()
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGTERM)  # pip and venv have children
            process.wait()


def _progress(done: int, total: int) -> None:
    """One line that counts, on a terminal only."""
    if sys.stderr.isatty():
        ending = "\n" if done >= total else ""
        print(f"\r  package {min(done, total)} of {total}", end=ending, file=sys.stderr, flush=True)


def _say(message: str) -> None:
    print(message, file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
