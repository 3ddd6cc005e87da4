"""A company at work as in production: durable servers, the web, a worker and the schedule, watched by the
supervisor.
"""

from __future__ import annotations

import os
import signal
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import psutil
from sqlalchemy import Connection, Engine, text

from launch.postgres import APP, ISSUER, Postgres
from launch.process import Child, wait_until
from launch.programs import program, schedule_command, web_command, worker_command
from launch.stage import HOST, answers_ready, free_port
from launch.supervisor import Supervisor
from launch.valkey import Valkey
from tests import cast, servers, stage
from tests.roles import Lot, Product

_READY_SECONDS = 60
PLENTY = 1_000_000  # units


@dataclass(frozen=True)
class Company:
    """What is running, and what the supervisor said about deaths.

    Somebody must `tend`, or nothing is restarted.
    """

    address: str
    postgres: Postgres
    valkey: Valkey
    web: Child
    worker: Child
    owner: Engine
    supervisor: Supervisor
    said: list[str]

    def tend(self) -> None:
        """Restart what has died, once its pause is over."""
        self.supervisor.tend()

    def whole(self) -> bool:
        """Whether everything runs that a strike may end."""
        return all(
            service.alive() for service in (self.postgres, self.valkey, self.web, self.worker)
        ) and bool(self._web_workers())

    # Strikes. Each ends a process without a chance to tidy up.

    def lose_a_web_worker(self) -> None:
        """One of the processes that answer requests; it is replaced."""
        self._web_workers()[0].kill()

    def lose_every_web_worker(self) -> None:
        """All that answer requests, whichever has the one at hand; they are replaced."""
        for worker in self._web_workers():
            worker.kill()

    def lose_the_web(self) -> None:
        """The web server with all its processes."""
        os.killpg(self.web.pid, signal.SIGKILL)

    def lose_the_worker(self) -> None:
        """The worker with the job at hand."""
        os.killpg(self.worker.pid, signal.SIGKILL)

    def lose_the_database(self) -> None:
        """The postmaster; its sessions notice and end."""
        os.kill(self.postgres.pid, signal.SIGKILL)

    def stop_the_database_at_once(self) -> None:
        """PostgreSQL's immediate shutdown: nothing is flushed, the log is replayed at the next start."""
        os.kill(self.postgres.pid, signal.SIGQUIT)

    def lose_the_queue(self) -> None:
        """Valkey."""
        os.kill(self.valkey.pid, signal.SIGKILL)

    def _web_workers(self) -> list[psutil.Process]:
        children = psutil.Process(self.web.pid).children()
        return [child for child in children if _works(child)]


@contextmanager
def company(*products: Product) -> Iterator[Company]:
    """The cast at work in a company of its own, with plenty of these products and credit for everybody."""
    said: list[str] = []
    with Postgres() as postgres, Valkey() as valkey, tempfile.TemporaryDirectory() as folder:
        servers.migrate(postgres.owner_url, app_role=APP, issuer_role=ISSUER)
        owner = servers.owner_engine(postgres.owner_url)
        with owner.begin() as connection:
            _insert_cast(connection, products)
        owner.dispose()  # what is pooled dies with the server
        port, logs = free_port(0), Path(folder)
        environment = _environment(postgres, valkey, f"http://{HOST}:{port}")
        web = program("web", web_command(HOST, port), logs, environment)
        worker = program("worker", worker_command(), logs, environment)
        with Supervisor(said.append) as supervisor:
            supervisor.keep(postgres)
            supervisor.keep(valkey)
            supervisor.start([web, worker, program("schedule", schedule_command(), logs, environment)])
            assert wait_until(lambda: answers_ready(port), _READY_SECONDS), web.last_words()
            yield Company(f"http://{HOST}:{port}", postgres, valkey, web, worker, owner, supervisor, said)


def _insert_cast(connection: Connection, products: tuple[Product, ...]) -> None:
    stage.enter(connection)
    plenty = dict.fromkeys(cast.warehouses, PLENTY)
    lots = [
        Lot(9_000 + place, product, f"PLENTY-{place}", date(2099, 6, 30), plenty)
        for place, product in enumerate(products)
    ]
    stage.put_lots(connection, lots)
    connection.execute(text("UPDATE dealer_account SET credit_limit = 100000000"))


def _environment(postgres: Postgres, valkey: Valkey, base_url: str) -> dict[str, str]:
    return os.environ | {
        "DATABASE_URL": postgres.app_url,
        "ISSUER_DATABASE_URL": postgres.issuer_url,
        "REDIS_URL": valkey.url,
        "TONGLU_SECRET_KEY": "only-for-tests-0123456789abcdef0123456789abcdef",
        "TONGLU_BASE_URL": base_url,
        "TONGLU_COOKIE_SECURE": "false",
        "TONGLU_API_RATE": "1000000 per minute",
        "TONGLU_LOG_LEVEL": "WARNING",
    }


def _works(process: psutil.Process) -> bool:
    """Whether it is a worker that is not over; it may end while one looks."""
    try:
        is_over = process.status() == psutil.STATUS_ZOMBIE
        return not is_over and "resource_tracker" not in " ".join(process.cmdline())
    except psutil.NoSuchProcess:
        return False
