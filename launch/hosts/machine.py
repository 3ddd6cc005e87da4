"""What this machine offers to a cluster."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys

_NEEDED = ("ip", "setpriv", "etcd", "haproxy", "pgbouncer", "nginx")


def lacking(patroni: str | None) -> list[str]:
    """What this machine has not, that a cluster needs."""
    found = [] if sys.platform == "linux" else ["Linux, whose network namespaces stand for hosts"]
    if os.geteuid() != 0:
        found.append("root, who alone makes network namespaces")
    found += [f"the program {name}" for name in _NEEDED if shutil.which(name) is None]
    if patroni is None:
        found.append(
            "Patroni (pip install 'patroni[etcd3,psycopg3]' into an environment of its own; --patroni)"
        )
    return found


def pooler_version() -> tuple[int, ...]:
    """Of the PgBouncer that is installed."""
    told = subprocess.run(["pgbouncer", "--version"], capture_output=True, text=True, check=False).stdout
    found = re.search(r"(\d+)\.(\d+)", told)
    return (int(found[1]), int(found[2])) if found else (0, 0)
