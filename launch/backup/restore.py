"""Restore into an empty folder: a cluster as it was at a moment, the files, the keys."""

from __future__ import annotations

import base64
import json
import shutil
import subprocess
import tarfile
import tempfile
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from psycopg import sql

from launch.account import Account, let_pass, server_account
from launch.backup.files import restore_files
from launch.backup.sealed import sync
from launch.backup.shelf import BASE, SECRETS, Backup, Shelf
from launch.places import client_programs, data_home
from launch.postgres import Postgres
from launch.refusal import Refusal

_CHARGE = "postgres"  # folder of the cluster below the one that was asked for
_MODE = 0o700


@dataclass(frozen=True, slots=True)
class Restored:
    """What stands in a folder now. moment: of the last transaction in it, as PostgreSQL tells."""

    folder: Path
    chain: tuple[Backup, ...]
    files: int
    seconds: float

    @property
    def cluster(self) -> Path:
        """Folder for `launch.postgres.Postgres`."""
        return self.folder / _CHARGE


class Recovering(Postgres):
    """The server while it brings a backup forward: that takes as long as it takes."""

    start_seconds = 24 * 3600


def restore(shelf: Shelf, into: Path, *, moment: datetime | None = None) -> Restored:
    """Restore the state of a moment, or the last that is known. Raises Refusal, Broken."""
    began = datetime.now(UTC)
    chain = shelf.chain(until=moment)
    _make_empty(into)
    account = server_account()
    folder = into / _CHARGE
    folder.mkdir(mode=_MODE)
    let_pass(folder)
    home = data_home(folder, account)
    home.mkdir(mode=_MODE, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=home, prefix="restoring-") as scratch:
        let_pass(Path(scratch))
        _combine(shelf, chain, Path(scratch), home / "data")
        log = Path(scratch) / "wal"
        _fetch_log(shelf, chain[-1], log)
        _prepare(home / "data", log, moment)
        for path in (home / "data", log):
            _give(account, path)
        with Recovering(folder) as server:
            _forget_recovery(server)
    files = restore_files(shelf, into / "files")
    _restore_secrets(shelf, chain[-1], into / "keys", into / "files")
    return Restored(into, tuple(chain), files, (datetime.now(UTC) - began).total_seconds())


def _make_empty(into: Path) -> None:
    """What is restored never mixes with what was there."""
    try:
        into.mkdir(mode=_MODE, parents=True, exist_ok=True)
        if any(into.iterdir()):
            raise Refusal(f"{into} is not empty; name a folder that is, or is not there")
    except OSError as error:
        raise Refusal(f"{into} cannot be used: {error.strerror}") from error
    let_pass(into)


def _combine(shelf: Shelf, chain: list[Backup], scratch: Path, data: Path) -> None:
    """Unpack each backup, and make one cluster of them."""
    unpacked = []
    for number, backup in enumerate(chain):
        folder = scratch / str(number)
        folder.mkdir(mode=_MODE)
        with shelf.part(backup, BASE) as sent, tarfile.open(fileobj=sent, mode="r|") as archive:  # type: ignore[call-overload]  # it reads
            archive.extractall(folder, filter="tar")
        unpacked.append(str(folder))
    if len(unpacked) == 1:
        shutil.move(unpacked[0], data)
        return
    command = [str(client_programs() / "pg_combinebackup"), *unpacked, "-o", str(data)]
    outcome = subprocess.run(command, capture_output=True, text=True)
    if outcome.returncode:
        raise Refusal(f"pg_combinebackup failed: {outcome.stderr.strip()}")
    for folder in unpacked:
        shutil.rmtree(folder)


def _fetch_log(shelf: Shelf, backup: Backup, folder: Path) -> None:
    """The log from the beginning of the backup on, with the segment that was being written."""
    folder.mkdir(mode=_MODE)
    kept = shelf.segments()
    for name in kept:
        whole = name.removesuffix(".partial")
        if name != whole and whole in kept:
            continue
        if name.endswith(".history") or name[8:24] >= backup.first_segment[8:24]:
            with shelf.segment(name) as segment:
                (folder / whole).write_bytes(segment.read())


def _prepare(data: Path, log: Path, moment: datetime | None) -> None:
    """Have the server bring itself forward: with nothing of how the one before was run, which may name
    addresses, standbys or another archive.
    """
    for left in ("standby.signal", "postmaster.pid", "postmaster.opts", "backup_manifest"):
        (data / left).unlink(missing_ok=True)
    wanted = {
        "restore_command": f'cp "{log}/%f" "%p"',
        "recovery_target_timeline": "latest",
        "recovery_target_action": "promote",
        "hot_standby": "off",  # else fewer connections than the one before had would stop it
        "archive_mode": "off",
    }
    if moment is not None:
        wanted["recovery_target_time"] = moment.astimezone(UTC).isoformat()
    lines = ["{} = '{}'\n".format(name, value.replace("'", "''")) for name, value in wanted.items()]
    (data / "postgresql.auto.conf").write_text("".join(lines))
    (data / "recovery.signal").touch()


def _forget_recovery(server: Postgres) -> None:
    """It runs and has been promoted: from now on it is an ordinary one, without slots of the one before."""
    with server._superuser() as connection:
        for (slot,) in connection.execute("SELECT slot_name FROM pg_replication_slots").fetchall():
            connection.execute("SELECT pg_drop_replication_slot(%s)", [slot])
        connection.execute(sql.SQL("ALTER SYSTEM RESET ALL"))


def _give(account: Account, path: Path) -> None:
    for each in (path, *path.rglob("*")):
        if not each.is_symlink():
            each.chmod(_MODE if each.is_dir() else 0o600)
        account.give(each)


def _restore_secrets(shelf: Shelf, backup: Backup, folder: Path, files: Path) -> None:
    """Write keys, and the settings that name them, for their owner alone."""
    folder.mkdir(mode=_MODE)
    with shelf.part(backup, SECRETS) as part:
        kept = json.loads(part.read())
    settings = kept["settings"] | {"TONGLU_FILES_URL": files.absolute().as_uri()}
    for name, content in kept["files"].items():
        path = folder / Path(settings[name]).name
        path.touch(mode=0o600)
        path.write_bytes(base64.b64decode(content))
        settings[name] = str(path.absolute())
    environment = folder / "environment"
    environment.touch(mode=0o600)
    environment.write_text("".join(f"{name}={value}\n" for name, value in sorted(settings.items())))
    sync(folder)
