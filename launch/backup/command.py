"""`bin/portal backup`: make, list, verify, restore, try and forget backups."""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Callable
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from pathlib import Path

from launch.backup.drill import drill
from launch.backup.files import forget_files, keep_files, verify_files
from launch.backup.receive import receive
from launch.backup.restore import restore
from launch.backup.sealed import Broken, make_key, read_key
from launch.backup.shelf import BASE, FULL, INCREMENTAL, MANIFEST, SECRETS, Backup, Shelf, missing_segments
from launch.backup.take import take
from launch.refusal import Refusal
from launch.storage import libpq_url, sqlalchemy_url

KEPT_DAYS = 35


def add_parser(parts: argparse._SubParsersAction) -> None:
    """What stands behind `bin/portal backup`."""
    backup = parts.add_parser("backup", help="make, list, verify, restore, try and forget backups")
    acts = backup.add_subparsers(dest="act", required=True)
    key = acts.add_parser("key", help="make the key of the backups; keep a copy where no backup is")
    key.add_argument("file", type=Path)
    acts.add_parser("wal", help="keep the log of the database as it is written; runs until told to stop")
    acts.add_parser("full", help="a full backup, with files and keys")
    acts.add_parser("incremental", help="what changed since the last backup, with files and keys")
    acts.add_parser("files", help="uploaded files alone; as often as you like")
    listed = acts.add_parser("list", help="the backups that are whole")
    listed.add_argument("--json", action="store_true", help="one object a line")
    acts.add_parser("verify", help="read everything that a restore of the last backup would read")
    restored = acts.add_parser("restore", help="into an empty folder: cluster, files and keys")
    restored.add_argument("--into", type=Path, required=True, help="folder that is empty or not there")
    restored.add_argument("--to", type=_moment, help="moment with its zone (ISO 8601); the last without")
    tried = acts.add_parser(
        "drill", help="restore beside the portal, compare, and delete; 1 if anything lacks"
    )
    tried.add_argument("--where", type=Path, help="folder with room for a copy of the database")
    forgotten = acts.add_parser("forget", help=f"delete what no moment of the last {KEPT_DAYS} days needs")
    forgotten.add_argument("--keep-days", type=int, default=KEPT_DAYS)


def run(options: argparse.Namespace) -> int:
    """Do what is asked for."""
    if options.act == "key":
        make_key(options.file)
        return 0
    shelf = Shelf(
        Path(_named("BACKUP_FOLDER", "the folder for backups")).absolute(),
        read_key(Path(_named("BACKUP_KEY", "the file of their key; bin/portal backup key makes one"))),
    )
    acts: dict[str, Callable[[Shelf, argparse.Namespace], int]] = {
        "wal": lambda shelf, _: _receive(shelf),
        "full": lambda shelf, _: _take(shelf, FULL),
        "incremental": lambda shelf, _: _take(shelf, INCREMENTAL),
        "files": lambda shelf, _: _files(shelf),
        "list": _list,
        "verify": lambda shelf, _: _verify(shelf),
        "restore": _restore,
        "drill": _drill,
        "forget": _forget,
    }
    try:
        return acts[options.act](shelf, options)
    except Broken as error:
        print(f"bin/portal backup: {error}", file=sys.stderr)
        return 1


def _receive(shelf: Shelf) -> int:
    spool = os.environ.get("BACKUP_SPOOL") or str(shelf.folder / "spool")
    receive(shelf, _dsn(), Path(spool))
    return 0


def _take(shelf: Shelf, kind: str) -> int:
    def make() -> tuple[str, int, str]:
        with shelf.alone():
            made = take(shelf, _dsn(), kind, os.environ)
            new, there = keep_files(shelf, _files_url())
        return made.name, made.size, f"{new} of {there} files are new"

    name, size, note = _noted(kind, make)
    print(f"{name}: {size / 1e6:.1f} MB; {note}")
    return 0


def _files(shelf: Shelf) -> int:
    with shelf.alone():
        new, there = keep_files(shelf, _files_url())
    print(f"{new} of {there} files are new")
    return 0


def _list(shelf: Shelf, options: argparse.Namespace) -> int:
    for one in shelf.backups():
        if options.json:
            print(json.dumps(asdict(one)))
        else:
            print(
                f"{one.name} {one.ended_at} {one.size / 1e6:.1f} MB {one.parent or '-'} schema {one.schema}"
            )
    return 0


def _verify(shelf: Shelf) -> int:
    def read() -> tuple[str, int, str]:
        chain = shelf.chain()
        size = 0
        for backup in chain:
            for part in (BASE, MANIFEST, SECRETS):
                size += shelf.part_path(backup, part).stat().st_size
                with shelf.part(backup, part) as file:
                    for _ in file.pieces():
                        pass
        segments = _verify_log(shelf, chain[-1])
        return chain[-1].name, size, f"{segments} segments of the log, {verify_files(shelf)} files"

    name, size, note = _noted("verified", read)
    print(f"{name}: whole; {size / 1e6:.1f} MB, {note}")
    return 0


def _verify_log(shelf: Shelf, backup: Backup) -> int:
    """Read the log from a backup on; how many segments there are. Raises Refusal for a gap."""
    kept = [name for name in shelf.segments() if name[8:24] >= backup.first_segment[8:24]]
    for name in kept:
        with shelf.segment(name) as file:
            for _ in file.pieces():
                pass
    if kept and (missing := missing_segments(backup.first_segment, kept, backup.segment_bytes)):
        raise Refusal(f"of the log {', '.join(missing[:5])} is missing: make another backup")
    return len(kept)


def _restore(shelf: Shelf, options: argparse.Namespace) -> int:
    done = restore(shelf, options.into.absolute(), moment=options.to)
    names = " + ".join(one.name for one in done.chain)
    print(f"restored {names} in {done.seconds:.0f} s: {done.cluster}, {done.files} files, keys")
    return 0


def _drill(shelf: Shelf, options: argparse.Namespace) -> int:
    def attempt() -> tuple[str, int, str]:
        found = drill(shelf, _dsn(), os.environ, where=options.where)
        print(found.check, end="")
        if not found.is_good:
            raise Refusal(str(found))
        return found.backup, 0, str(found)

    name, _, note = _noted("drill", attempt)
    print(f"{name}: {note}")
    return 0


def _forget(shelf: Shelf, options: argparse.Namespace) -> int:
    """Whole chains only, and log that none of those kept begins with."""
    kept = timedelta(days=max(1, options.keep_days))
    now = datetime.now(UTC)
    with shelf.alone():
        backups = shelf.backups()
        fulls = [one for one in backups if not one.parent]
        old = [one for one in fulls if datetime.fromisoformat(one.ended_at) <= now - kept]
        first = old[-1] if old else None
        gone = [one for one in backups if first is not None and one.name < first.name]
        for one in reversed(gone):
            shelf.delete(one)
        if first is not None:
            for name in shelf.segments():
                if not name.endswith(".history") and name[8:24] < first.first_segment[8:24]:
                    (shelf.wal / f"{name}.sealed").unlink()
        files = forget_files(shelf, at=now, kept=kept)
    print(f"{len(gone)} backups and {files} files forgotten")
    return 0


def _noted(kind: str, act: Callable[[], tuple[str, int, str]]) -> tuple[str, int, str]:
    """Do it, and note in the database what became of it, for whoever watches."""
    began = datetime.now(UTC)
    try:
        name, size, note = act()
    except (Refusal, Broken, OSError) as error:
        _note(kind, "-", began, error=str(error))
        raise
    _note(kind, name, began, size=size, note=note)
    return name, size, note


def _note(
    kind: str, name: str, began: datetime, *, size: int = 0, note: str = "", error: str | None = None
) -> None:
    url = os.environ.get("DATABASE_URL")
    if not url:
        return
    import portal.capabilities  # noqa: F401 - an insert needs to know every table
    from portal.kernel.actor import SYSTEM
    from portal.kernel.db import Database, transaction
    from portal.operations.record_backup import record_backup
    from portal.operations.rules import BackupKind

    try:
        with transaction(Database(sqlalchemy_url(url), pool_size=1).system_session()) as session:
            record_backup(
                session,
                actor=SYSTEM,
                kind=BackupKind(kind),
                name=name,
                began_at=began,
                at=datetime.now(UTC),
                size=size,
                note=note,
                error=error,
            )
    except Exception as failure:  # the backup counts, not the note of it
        print(f"bin/portal backup: not noted in the database: {type(failure).__name__}", file=sys.stderr)


def _named(name: str, what: str) -> str:
    if value := os.environ.get(name):
        return value
    raise Refusal(f"set {name}, {what}")


def _dsn() -> str:
    return libpq_url(
        sqlalchemy_url(_named("BACKUP_DATABASE_URL", "the database as the role that backs it up"))
    )


def _files_url() -> str:
    from config import Settings

    return os.environ.get("TONGLU_FILES_URL") or str(Settings.model_fields["files_url"].default)


def _moment(said: str) -> datetime:
    try:
        moment = datetime.fromisoformat(said)
    except ValueError as error:
        raise argparse.ArgumentTypeError(f"no moment: {said}") from error
    if moment.tzinfo is None:
        raise argparse.ArgumentTypeError(f"say in which zone: {said}+08:00")
    return moment
