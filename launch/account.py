"""The operating-system account a database server runs as: ours, or an unprivileged one when we are root."""

from __future__ import annotations

import contextlib
import os
import pwd
import subprocess
from dataclasses import dataclass
from pathlib import Path

from launch.refusal import Refusal

_UNPRIVILEGED = ("nobody", "daemon")


@dataclass(frozen=True)
class Account:
    """An account; `uid` None stands for the one we already are."""

    name: str
    uid: int | None = None
    gid: int | None = None

    def popen_options(self) -> dict:
        """Arguments of `subprocess.Popen` that drop to this account, supplementary groups included."""
        return {} if self.uid is None else {"user": self.uid, "group": self.gid, "extra_groups": []}

    def reaches(self, path: Path) -> bool:
        """Whether this account may enter the folder, or read and execute the file, at `path`.

        Tried, not guessed.
        """
        if self.uid is None:
            return True
        attempt = 'if [ -d "$0" ]; then cd -- "$0"; else [ -r "$0" ] && [ -x "$0" ]; fi'
        try:
            return (
                subprocess.run(
                    ["/bin/sh", "-c", attempt, str(path)],
                    cwd="/",
                    stderr=subprocess.DEVNULL,
                    **self.popen_options(),
                ).returncode
                == 0
            )
        except OSError as error:
            raise Refusal(f"cannot switch from root to the account {self.name}: {error}") from error

    def give(self, path: Path) -> None:
        """Make this account the owner of `path`."""
        if self.uid is not None:
            os.chown(path, self.uid, self.gid)


OURS = Account("ours")


def let_pass(folder: Path) -> None:
    """Let root's servers, which run under another account, pass through `folder` (not list it)."""
    if os.geteuid() == 0:
        folder.chmod(0o711)


def server_account() -> Account:
    """Who runs PostgreSQL, which refuses to be root: ourselves, or for root an account without rights."""
    if os.geteuid() != 0:
        return OURS
    for name in _UNPRIVILEGED:
        with contextlib.suppress(KeyError):
            entry = pwd.getpwnam(name)
            return Account(entry.pw_name, entry.pw_uid, entry.pw_gid)
    raise Refusal(
        "root may not run PostgreSQL and this system has no account 'nobody'; run as an ordinary user"
    )
