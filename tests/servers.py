"""The PostgreSQL and Valkey that a test run works on: its own, from the wheels, or those it is told of.

With ``DATABASE_URL`` and ``ISSUER_DATABASE_URL`` set the run makes and drops databases of its own on that
server, as the role of ``TONGLU_TEST_ADMIN_URL`` (or else ``OWNER_DATABASE_URL``), which needs CREATEDB and
membership in the owner role. With ``REDIS_URL`` set it uses that database number, which must be empty and is
emptied after every test.
"""

from __future__ import annotations

import os
import secrets
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from threading import Thread
from typing import Any

import psutil
import psycopg
import redis
from alembic import command
from alembic.config import Config
from psycopg import sql
from sqlalchemy import URL, Engine, create_engine, event, make_url
from werkzeug.serving import make_server

from config import Settings
from launch.postgres import Postgres
from launch.valkey import Valkey
from portal.kernel.db import Database
from tests import kept_sessions
from tests.business_zone import choose_zone
from tests.registered_blueprints import create_app

ROOT = Path(__file__).parent.parent
_MEMORY = Path("/dev/shm")
_MEMORY_NEEDED = 3 * 2**30  # bytes; a container often has 64 MB only


@dataclass(frozen=True)
class Cluster:
    """A PostgreSQL server on which this run may make databases. `run` keeps the names of two runs apart."""

    admin: URL
    owner: URL
    app: URL
    issuer: URL
    run: str = field(default_factory=lambda: secrets.token_hex(4))
    _kept: list[psycopg.Connection] = field(default_factory=list, init=False, repr=False, compare=False)

    def create(self, name: str, template: str | None = None) -> str:
        """Make a database, empty or as a copy, and return its full name.

        Nobody may be connected to the template; sessions that wait there end.
        """
        if template:
            kept_sessions.end(template)
        full = f"{kept_sessions.PREFIX}{self.run}_{name}"
        copy = (
            sql.SQL(" TEMPLATE {} STRATEGY file_copy").format(sql.Identifier(template))
            if template
            else sql.SQL("")
        )
        owner = sql.Identifier(self.owner.username or "")
        self._execute(sql.SQL("CREATE DATABASE {} OWNER {}").format(sql.Identifier(full), owner) + copy)
        return full

    def drop(self, name: str) -> None:
        """Drop a database, ending the sessions somebody forgot."""
        kept_sessions.end(name)
        self._execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))

    def owner_url(self, name: str) -> str:
        """URL of a database for the role that migrates."""
        return self.owner.set(database=name).render_as_string(hide_password=False)

    def superuser_url(self, name: str) -> str:
        """URL of a database for the role whom nothing there stops."""
        return self.admin.set(database=name).render_as_string(hide_password=False)

    def app_url(self, name: str) -> str:
        """URL of a database for the role that serves."""
        return self.app.set(database=name).render_as_string(hide_password=False)

    def issuer_url(self, name: str) -> str:
        """URL of a database for the role that signs people in."""
        return self.issuer.set(database=name).render_as_string(hide_password=False)

    def _execute(self, statement: sql.Composable) -> None:
        """In one session for all: opening another for each would take as long as what they do."""
        if not self._kept or self._kept[-1].closed:
            address = self.admin.set(drivername="postgresql").render_as_string(hide_password=False)
            self._kept.append(psycopg.connect(address, autocommit=True))
        self._kept[-1].execute(statement)

    def leave(self) -> None:
        """Close that session, before the server ends."""
        for connection in self._kept:
            connection.close()


@contextmanager
def postgres() -> Iterator[Cluster]:
    """The server of ``DATABASE_URL``, or one of our own for the length of the block."""
    if app := os.environ.get("DATABASE_URL"):
        owner = os.environ.get("OWNER_DATABASE_URL", app)
        issuer = os.environ["ISSUER_DATABASE_URL"]
        yield from _cluster(os.environ.get("TONGLU_TEST_ADMIN_URL", owner), owner, app, issuer)
        return
    with _scratch_folder() as folder, Postgres(folder, durable=False) as server:
        yield from _cluster(server.superuser_url, server.owner_url, server.app_url, server.issuer_url)


def _cluster(*urls: str) -> Iterator[Cluster]:
    cluster = Cluster(*map(make_url, urls))
    try:
        yield cluster
    finally:
        cluster.leave()


@contextmanager
def valkey() -> Iterator[str]:
    """URL of an empty Valkey database: that of ``REDIS_URL``, or of a server of our own."""
    if url := os.environ.get("REDIS_URL"):
        with redis.from_url(url) as client:
            if client.dbsize():
                raise RuntimeError(
                    "REDIS_URL names a database that holds keys; tests would delete them: name an empty one"
                )
        yield url
        return
    with Valkey(durable=False) as server:
        yield server.url


@contextmanager
def web(settings: Settings, host: str = "127.0.0.1") -> Iterator[str]:
    """Address of the portal on a free port, served by threads of this process.

    host: what this machine is called in it.
    """
    server = make_server("127.0.0.1", 0, lambda *_: [], threaded=True)
    address = f"http://{host}:{server.server_port}"
    app = create_app(settings.model_copy(update={"base_url": address}))
    server.app = app
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield address
    finally:
        server.shutdown()
        thread.join()
        app.database.dispose()
        app.issuer_database.dispose()
        app.valkey.close()


def database(url: str, **options: Any) -> Database:
    """The database as a program of the portal opens it, in the zone in which the suite does business."""
    return Database(url, time_zone=choose_zone(), **options)


def owner_engine(url: str) -> Engine:
    """Engine of the owner role whose sessions see every row (row-level security binds the owner too)."""
    engine = create_engine(url, use_native_hstore=False)

    @event.listens_for(engine, "connect")
    def see_everything(connection, _record) -> None:
        connection.execute("SELECT set_config('app.region_ids', '*', false)")
        connection.commit()

    return engine


def environment(settings: Settings) -> dict[str, str]:
    """Environment of a program of its own on the same servers, such as ``python -m jobs.worker``."""
    return os.environ | {
        "DATABASE_URL": settings.database_url.get_secret_value(),
        "ISSUER_DATABASE_URL": settings.issuer_database_url.get_secret_value(),
        "REDIS_URL": settings.redis_url.get_secret_value(),
        "TONGLU_SECRET_KEY": settings.secret_key.get_secret_value(),
        "TONGLU_LOG_LEVEL": "WARNING",
    }


@contextmanager
def child(module: str, environment: dict[str, str]) -> Iterator[psutil.Popen]:
    """A program of ours as a process, for the length of the block; killed with its children at the end."""
    process = psutil.Popen(
        [sys.executable, "-m", module], cwd=ROOT, env=environment, stdout=subprocess.DEVNULL
    )
    try:
        yield process
    finally:
        kill(process)


def kill(process: psutil.Process) -> None:
    """SIGKILL a process and its children at once, as a power cut would."""
    family = [*process.children(recursive=True), process] if process.is_running() else []
    for member in family:
        member.kill()
    psutil.wait_procs(family, timeout=10)


def migrate(url: str, *, app_role: str | None, issuer_role: str | None, revision: str = "head") -> None:
    """Bring a database to the newest schema, or to that of a revision."""
    os.environ |= {"TONGLU_APP_ROLE": app_role or "", "TONGLU_ISSUER_ROLE": issuer_role or ""}
    config = Config(ROOT / "alembic.ini")
    config.attributes["url"] = url
    command.upgrade(config, revision)


@contextmanager
def _scratch_folder() -> Iterator[Path]:
    """A folder for a short-lived server, in memory where there is room: copying a database takes 0.02 s
    there, not 0.4 s.
    """
    roomy = (
        _MEMORY.is_dir() and os.access(_MEMORY, os.W_OK) and shutil.disk_usage(_MEMORY).free > _MEMORY_NEEDED
    )
    folder = Path(tempfile.mkdtemp(prefix="tonglu-test-", dir=_MEMORY if roomy else None))
    folder.chmod(0o711)  # as root the server runs under another account, which must pass through
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
