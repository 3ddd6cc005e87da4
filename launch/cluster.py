"""The files of a PostgreSQL data folder.

Made whole or not at all, configured, and freed of a dead server's traces.
"""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import subprocess
from pathlib import Path

import psutil

from launch.account import Account
from launch.places import POSTGRES_MAJOR
from launch.process import kill_all, runs, wait_until
from launch.refusal import Refusal

# Two cores and 24 GB of memory down to a small laptop: little is reserved, the page cache does the rest.
_SETTINGS = """\
# Written at every start; do not edit.
listen_addresses = ''
max_connections = 100
shared_buffers = 256MB
effective_cache_size = {cache_megabytes}MB
work_mem = 16MB
maintenance_work_mem = 128MB
random_page_cost = 1.1
wal_compression = on
max_wal_size = 1GB
timezone = 'UTC'
log_timezone = 'UTC'
log_line_prefix = '%m [%p] %q%u@%d '
log_lock_waits = on
# Statements may carry personal data; the log names the error only.
log_min_error_statement = panic
lc_messages = 'C'
"""

# A crash of the server loses nothing even so; only a crash of the machine would. Nobody tidies up what is
# thrown away within the hour: that is work in each of hundreds of databases, and statements are planned alike
# without.
_NOT_DURABLE = """\
fsync = off
full_page_writes = off
autovacuum = off
"""


def ensure_cluster(cluster: Path, programs: Path, account: Account, *, durable: bool) -> None:
    """Make the data folder `cluster` when it is missing, and write its configuration.

    Text is UTF-8 and sorts by code point with Unicode letter cases (builtin C.UTF-8): alike on every system.
    """
    if not cluster.exists() or not any(cluster.iterdir()):
        _initialise(cluster, programs, account, durable=durable)
    try:
        major = (cluster / "PG_VERSION").read_text(errors="replace").strip()
    except FileNotFoundError:
        major = ""
    if not major.isdigit():
        raise Refusal(
            f"{cluster} is damaged: PG_VERSION does not name a version. "
            "Restore the folder from a backup; it is left as it is"
        )
    if major != POSTGRES_MAJOR:
        raise Refusal(
            f"{cluster} was made by PostgreSQL {major}, this is {POSTGRES_MAJOR}; "
            "start over or dump and restore it"
        )
    megabytes = max(512, psutil.virtual_memory().total // 2**21)
    text = _SETTINGS.format(cache_megabytes=megabytes) + ("" if durable else _NOT_DURABLE)
    (cluster / "postgresql.conf").write_text(text)
    (cluster / "pg_hba.conf").write_text(
        "# Written at every start; do not edit.\n"
        f"local all all {_admission()}\nlocal replication all {_admission()}\n"
    )
    (cluster / "pg_ident.conf").write_text(
        f"# Written at every start; do not edit.\nus {_quoted(_own_name() or '')} all\n"
    )


def _admission() -> str:
    """Who may connect: the account that starts us, in whatever role, and no other account of the machine.

    An account without a name cannot be told by PostgreSQL; it is never root, so the folder of the socket is
    its own.
    """
    return "peer map=us" if _own_name() else "trust"


def _own_name() -> str | None:
    try:
        return pwd.getpwuid(os.geteuid()).pw_name
    except KeyError:
        return None


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _initialise(cluster: Path, programs: Path, account: Account, *, durable: bool) -> None:
    """Run initdb beside the final place and move the result there, so a half-made folder never counts."""
    half = cluster.with_name(cluster.name + ".half-made")
    shutil.rmtree(half, ignore_errors=True)
    half.mkdir(mode=0o700)
    account.give(half)
    command = [
        programs / "initdb",
        "-D",
        half,
        "--username=postgres",
        "--auth=trust",
        "--no-instructions",
        "--encoding=UTF8",
        "--locale=C",
        "--locale-provider=builtin",
        "--builtin-locale=C.UTF-8",
    ]
    outcome = subprocess.run(
        [str(part) for part in command] + ([] if durable else ["--no-sync"]),
        cwd="/",
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        errors="replace",
        **account.popen_options(),
    )
    if outcome.returncode != 0:
        shutil.rmtree(half, ignore_errors=True)
        raise Refusal(f"PostgreSQL could not make its data folder {cluster}:\n{outcome.stderr.strip()}")
    half.rename(cluster)


def clear_dead_server(cluster: Path) -> None:
    """Free the data folder from a server whose launcher is gone; the caller holds the launcher's lock.

    A server that still runs is stopped cleanly, sessions that outlived their server are killed. The pid file
    goes too: its number may by now belong to a stranger, and PostgreSQL would then refuse to start.
    """
    leftovers = _server_processes(cluster)
    pid_file = cluster / "postmaster.pid"
    if leader := next((process for process in leftovers if process.pid == _first_number(pid_file)), None):
        leader.send_signal(signal.SIGINT)
        wait_until(lambda: not runs(leader), 30)
    kill_all(leftovers)
    if _server_processes(cluster):
        raise Refusal(f"an earlier PostgreSQL still runs on {cluster} and cannot be stopped")
    pid_file.unlink(missing_ok=True)


def _server_processes(cluster: Path) -> list[psutil.Process]:
    """PostgreSQL's processes at work in `cluster`: all of them, and only they, have it as current folder."""
    found = []
    for process in psutil.process_iter():
        try:
            if process.name() == "postgres" and Path(process.cwd()).samefile(cluster):
                found.append(process)
        except (psutil.Error, OSError):
            continue  # ended meanwhile, or not ours to look at
    return found


def _first_number(pid_file: Path) -> int | None:
    """The process id in the first line of postmaster.pid."""
    try:
        return int(pid_file.read_text().split("\n", 1)[0])
    except (OSError, ValueError):
        return None
