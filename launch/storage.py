"""The database and the queue a command works on: the servers named in the environment, else embedded ones."""

from __future__ import annotations

import os
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import psycopg
import redis

from launch.postgres import Postgres
from launch.refusal import Refusal
from launch.server import Server
from launch.terminal import say
from launch.valkey import Valkey


@dataclass(frozen=True)
class Storage:
    """Addresses, and the embedded servers among them (to be watched by the caller)."""

    owner_url: str
    app_url: str
    redis_url: str
    servers: tuple[Server, ...]

    @property
    def own_queue(self) -> bool:
        """Whether nobody else keeps things in the queue's server."""
        return any(isinstance(server, Valkey) for server in self.servers)


def open_storage(stack: ExitStack, folder: Path, environment: Mapping[str, str] = os.environ) -> Storage:
    """Start what DATABASE_URL and REDIS_URL do not name, in `folder`, and check that all of it answers.

    OWNER_DATABASE_URL names the role that migrates; without it DATABASE_URL does that too.
    """
    servers: list[Server] = []
    if database := environment.get("DATABASE_URL"):
        app_url = sqlalchemy_url(database)
        owner_url = sqlalchemy_url(environment.get("OWNER_DATABASE_URL") or database)
        for name, url in (("OWNER_DATABASE_URL", owner_url), ("DATABASE_URL", app_url)):
            _require_database(name, url)
    else:
        postgres = stack.enter_context(Postgres(folder / "postgres"))
        servers.append(postgres)
        if postgres.data.parent != postgres.folder:
            say(f"database files: {postgres.data}, because root's PostgreSQL cannot enter {postgres.folder}")
        app_url, owner_url = postgres.app_url, postgres.owner_url
    if redis_url := environment.get("REDIS_URL"):
        _require_redis(redis_url)
    else:
        valkey = stack.enter_context(Valkey(folder / "valkey"))
        servers.append(valkey)
        redis_url = valkey.url
    return Storage(owner_url, app_url, redis_url, tuple(servers))


def sqlalchemy_url(url: str) -> str:
    """The URL with the driver we use, whatever spelling of PostgreSQL a platform hands out."""
    scheme, separator, rest = url.partition("://")
    return f"postgresql+psycopg://{rest}" if scheme in ("postgres", "postgresql") and separator else url


def libpq_url(url: str) -> str:
    """The same URL for psycopg itself."""
    return url.replace("postgresql+psycopg://", "postgresql://", 1)


def _require_database(name: str, url: str) -> None:
    """Refuse with PostgreSQL's own reason, which never contains the password."""
    try:
        with psycopg.connect(libpq_url(url), connect_timeout=10) as connection:
            if connection.info.server_version < 160000:
                raise Refusal(f"{name} leads to PostgreSQL {connection.info.server_version // 10000}; 16 or newer is needed")
    except psycopg.Error as error:
        raise Refusal(f"{name} cannot be used: {error}") from error


def _require_redis(url: str) -> None:
    """Refuse with the client's reason."""
    try:
        with redis.from_url(url, socket_connect_timeout=10) as client:
            client.ping()
    except (redis.RedisError, ValueError) as error:
        raise Refusal(f"REDIS_URL cannot be used: {error}") from error
