"""Make a backup of the database, full or of what changed since another, with the keys of the portal."""

from __future__ import annotations

import base64
import json
import subprocess
import tarfile
import tempfile
from collections.abc import Mapping
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Any

import psycopg

from launch.backup.sealed import Sealing, sealing
from launch.backup.shelf import (
    BASE,
    INCREMENTAL,
    MANIFEST,
    SECRETS,
    Backup,
    Shelf,
    position_of,
    tree_bytes,
)
from launch.places import client_programs
from launch.refusal import Refusal

_KEY_FILES = (
    "TONGLU_AUDIT_KEY",
    "TONGLU_SIGNING_KEY",
    "TONGLU_SIGNING_CERTIFICATE",
    "TONGLU_OUTBOUND_SEAL",
)
_PIECE = 2**20


def take(shelf: Shelf, dsn: str, kind: str, environment: Mapping[str, str]) -> Backup:
    """Make a backup. Raises Refusal; then nothing of it is on the shelf."""
    server = _server(dsn)
    parent = _parent(shelf, server) if kind == INCREMENTAL else None
    began = datetime.now(UTC)
    name = f"{began:%Y%m%dT%H%M%SZ}-{kind}"
    with shelf.making(name) as folder, ExitStack() as stack:
        before = stack.enter_context(tempfile.TemporaryDirectory())
        manifest = _copy(shelf, dsn, name, folder, _manifest_of(shelf, parent, Path(before)))
        span = json.loads(manifest)["WAL-Ranges"][-1]
        with sealing(folder / f"{SECRETS}.sealed", shelf.key, f"{name}/{SECRETS}") as file:
            file.write(json.dumps(_secrets(environment)).encode())
        backup = Backup(
            name=name,
            kind=kind,
            parent=parent.name if parent else "",
            began_at=began.isoformat(timespec="seconds"),
            ended_at=datetime.now(UTC).isoformat(timespec="seconds"),
            cluster=server["cluster"],
            timeline=span["Timeline"],
            begins=position_of(span["Start-LSN"]),
            ends=position_of(span["End-LSN"]),
            segment_bytes=server["segment_bytes"],
            schema=server["schema"],
            size=tree_bytes(folder),
        )
        shelf.write_about(folder, backup)
    return backup


def _server(dsn: str) -> dict[str, Any]:
    """What has to be known of the server first. Raises Refusal in PostgreSQL's words."""
    try:
        with psycopg.connect(dsn, connect_timeout=10) as connection:
            cluster, segment, summarises = connection.execute(
                "SELECT system_identifier::text, (SELECT setting::bigint FROM pg_settings"
                " WHERE name = 'wal_segment_size'), current_setting('summarize_wal') = 'on'"
                " FROM pg_control_system()"
            ).fetchone()  # type: ignore[misc]  # one row, always
            (schema,) = connection.execute("SELECT version_num FROM alembic_version").fetchone()  # type: ignore[misc]  # as above
    except psycopg.Error as error:
        raise Refusal(f"BACKUP_DATABASE_URL cannot be used: {error}") from error
    return {"cluster": cluster, "segment_bytes": segment, "summarises": summarises, "schema": schema}


def _parent(shelf: Shelf, server: Mapping[str, Any]) -> Backup:
    """What an incremental one is built on: the last of all."""
    if not server["summarises"]:
        raise Refusal("an incremental backup needs summarize_wal = on in postgresql.conf")
    kept = shelf.backups()
    if not kept or kept[-1].cluster != server["cluster"]:
        raise Refusal(
            "there is no backup of this cluster to build on; make a full one: bin/portal backup full"
        )
    return kept[-1]


def _manifest_of(shelf: Shelf, parent: Backup | None, folder: Path) -> list[str]:
    """The argument that makes a backup an incremental one."""
    if parent is None:
        return []
    with shelf.part(parent, MANIFEST) as manifest:
        (folder / MANIFEST).write_bytes(manifest.read())
    return [f"--incremental={folder / MANIFEST}"]


def _copy(shelf: Shelf, dsn: str, name: str, folder: Path, more: list[str]) -> bytes:
    """Have the server's files sent, sealed as they come; PostgreSQL's list of them, which comes last."""
    command = [client_programs() / "pg_basebackup", "-d", dsn, "-D", "-", "-Ft", "-X", "fetch"]
    command += ["--checkpoint=fast", "--no-password", "--manifest-checksums=SHA256", "-l", f"tonglu {name}"]
    manifest = b""
    with (
        tempfile.TemporaryFile() as said,
        sealing(folder / f"{BASE}.sealed", shelf.key, f"{name}/{BASE}") as out,
    ):
        process = subprocess.Popen(
            [str(part) for part in [*command, *more]],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=said,
        )
        try:
            tee = _Tee(process.stdout, out)  # type: ignore[arg-type]  # it is a pipe
            try:
                with tarfile.open(fileobj=tee, mode="r|") as sent:
                    for member in sent:
                        if member.name == MANIFEST and (file := sent.extractfile(member)):
                            manifest = file.read()
                tee.drain()
            except tarfile.TarError:
                pass  # the server ended early; its words say more
            failed = process.wait()
        finally:
            process.kill()
            process.wait()
        if failed or not manifest:
            said.seek(0)
            raise Refusal(f"pg_basebackup failed: {said.read().decode(errors='replace').strip()}")
    with sealing(folder / f"{MANIFEST}.sealed", shelf.key, f"{name}/{MANIFEST}") as file:
        file.write(manifest)
    return manifest


class _Tee:
    """Reads from a pipe, and seals what it reads."""

    def __init__(self, pipe: IO[bytes], out: Sealing) -> None:
        self._pipe, self._out = pipe, out

    def read(self, size: int) -> bytes:
        """Some more."""
        data = self._pipe.read(size)
        self._out.write(data)
        return data

    def drain(self) -> None:
        """What follows the end of an archive."""
        while self.read(_PIECE):
            pass


def _secrets(environment: Mapping[str, str]) -> dict[str, dict[str, str]]:
    """Settings with their passwords, and the files of keys they name."""
    settings = {name: value for name, value in environment.items() if name.startswith("TONGLU_")}
    files = {}
    for name in _KEY_FILES:
        if path := settings.get(name):
            try:
                files[name] = base64.b64encode(Path(path).read_bytes()).decode()
            except OSError as error:
                raise Refusal(f"{name} is {path}, which cannot be read: {error.strerror}") from error
    return {"settings": settings, "files": files}
