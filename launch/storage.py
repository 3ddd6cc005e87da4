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
from portal.kernel.valkey import connect

_POSTGRES_MIN = 16


@dataclass(frozen=True)
class Storage:
    """Addresses, and the embedded servers among them (to be watched by the caller)."""

    owner_url: str
    app_url: str
    issuer_url: str
    redis_url: str
    servers: tuple[Server, ...]

    @property
    def own_queue(self) -> bool:
        """Whether nobody else keeps things in the queue's server."""
        return any(isinstance(server, Valkey) for server in self.servers)


def open_storage(stack: ExitStack, folder: Path, environment: Mapping[str, str] = os.environ) -> Storage:
    """Start what DATABASE_URL and REDIS_URL do not name, in `folder`, and check that all of it answers.

    OWNER_DATABASE_URL names the role that migrates, ISSUER_DATABASE_URL the one that signs people in; without
    them the role of DATABASE_URL does that too.
    """
    servers: list[Server] = []
    if redis_url := environment.get("REDIS_URL"):
        _require_redis(redis_url)
    if database := environment.get("DATABASE_URL"):
        app_url = sqlalchemy_url(database)
        _require_database("DATABASE_URL", app_url)
        owner_url = _other_role("OWNER_DATABASE_URL", environment, app_url)
        issuer_url = _other_role("ISSUER_DATABASE_URL", environment, app_url)
    else:
        postgres = stack.enter_context(Postgres(folder / "postgres"))
        servers.append(postgres)
        if postgres.data.parent != postgres.folder:
            say(f"database files: {postgres.data}, because root's PostgreSQL cannot enter {postgres.folder}")
        app_url, owner_url, issuer_url = postgres.app_url, postgres.owner_url, postgres.issuer_url
    if not redis_url:
        valkey = stack.enter_context(Valkey(folder / "valkey"))
        servers.append(valkey)
        redis_url = valkey.url
    return Storage(owner_url, app_url, issuer_url, redis_url, tuple(servers))


def sqlalchemy_url(url: str) -> str:
    """The URL with the driver we use, whatever spelling of PostgreSQL a platform hands out."""
    scheme, separator, rest = url.partition("://")
    return f"postgresql+psycopg://{rest}" if scheme in ("postgres", "postgresql") and separator else url


def libpq_url(url: str) -> str:
    """The same URL for psycopg itself."""
    return url.replace("postgresql+psycopg://", "postgresql://", 1)


def _other_role(name: str, environment: Mapping[str, str], app_url: str) -> str:
    """The database as another role, if the environment names one."""
    if not environment.get(name):
        return app_url
    url = sqlalchemy_url(environment[name])
    _require_database(name, url)
    return url


def _require_database(name: str, url: str) -> None:
    """Refuse with PostgreSQL's own reason; a URL it cannot read is not repeated, it may hold a password."""
    try:
        with psycopg.connect(libpq_url(url), connect_timeout=10) as connection:
            version = connection.info.server_version // 10000
    except psycopg.ProgrammingError:
        raise Refusal(
            f"{name} is not a URL of PostgreSQL, such as postgresql://user:password@host/database."
        ) from None
    except psycopg.Error as error:
        raise Refusal(f"{name} cannot be used: {error}") from error
    if version < _POSTGRES_MIN:
        raise Refusal(f"{name} leads to PostgreSQL {version}; {_POSTGRES_MIN} or newer is needed.")


def _require_redis(url: str) -> None:
    """Refuse with the client's reason; see above for a URL it cannot read."""
    try:
        with connect(url, socket_connect_timeout=10) as client:
            client.ping()
    except ValueError:
        raise Refusal(
            "REDIS_URL is not a URL of Redis, such as redis://host:6379/0 or unix:///path/to/socket."
        ) from None
    except redis.RedisError as error:
        raise Refusal(f"REDIS_URL cannot be used: {error}") from error
