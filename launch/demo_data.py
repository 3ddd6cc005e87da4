"""Loads the demo data once. A comment on the database, written last, tells loaded data from half-loaded ones."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import psycopg
import redis
from psycopg import sql

from launch.demo_folder import DemoFolder
from launch.migrate import migrate
from launch.refusal import Refusal
from launch.storage import Storage, libpq_url

_LOADING = "Tonglu demo data, half-loaded"
_LOADED = "Tonglu demo data, "


@dataclass(frozen=True)
class Contents:
    """What a database holds: `tables` of anybody, `ours` if bin/demo began to fill it, the finished `scale` if any."""

    tables: bool
    ours: bool
    scale: str | None


def prepare_data(
    storage: Storage,
    folder: DemoFolder,
    *,
    scale: str | None,
    reset: bool,
    progress: Callable[[str, float], None],
) -> dict:
    """Bring the database to the newest schema with demo data in it; returns users and clients.

    Complete data are kept. Half-loaded ones, and those whose keys were lost, are replaced. Data that
    bin/demo did not load are never touched: Refusal. `scale` None accepts either and loads the small one.
    """
    contents = inspect(storage.owner_url)
    if contents.tables and not contents.ours:
        raise Refusal("the database holds tables that bin/demo did not make. Give it an empty database.")
    if contents.scale and folder.has_secrets() and not reset:
        if scale not in (None, contents.scale):
            raise Refusal(f"the {contents.scale} data are loaded; add --reset to load the {scale} ones instead.")
        migrate(storage.owner_url, storage.app_url)
        return folder.credentials()
    return _load(storage, folder, scale or "small", progress)


def inspect(owner_url: str) -> Contents:
    """Look at a database before anything is done to it."""
    with psycopg.connect(libpq_url(owner_url)) as connection:
        (comment,) = connection.execute(
            "SELECT shobj_description(oid, 'pg_database') FROM pg_database WHERE datname = current_database()"
        ).fetchone()
        (tables,) = connection.execute(
            "SELECT count(*) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
            " WHERE c.relkind = 'r' AND n.nspname NOT IN ('pg_catalog', 'information_schema')"
        ).fetchone()
    ours = (comment or "").startswith(_LOADED)
    return Contents(bool(tables), ours, comment.removeprefix(_LOADED) if ours and comment != _LOADING else None)


def _load(storage: Storage, folder: DemoFolder, scale: str, progress: Callable[[str, float], None]) -> dict:
    """Empty the database, migrate, load; the comment goes from half-loaded to loaded at the very end."""
    from demo.load import load  # only here: a later start spares the import

    _empty(storage.owner_url)
    if storage.own_queue:
        with redis.from_url(storage.redis_url) as queue:
            queue.flushdb()  # its jobs speak of rows that are gone
    migrate(storage.owner_url, storage.app_url)
    credentials = load(storage.owner_url, storage.app_url, scale, progress)
    folder.write_credentials(credentials, base_url="")
    _comment(storage.owner_url, _LOADED + scale)
    return credentials


def _empty(owner_url: str) -> None:
    """Mark the database as ours in the making, and drop every schema in it that its owner owns."""
    _comment(owner_url, _LOADING)
    with psycopg.connect(libpq_url(owner_url)) as connection:
        schemas = connection.execute(
            "SELECT nspname FROM pg_namespace WHERE nspname !~ '^pg_' AND nspname <> 'information_schema'"
        ).fetchall()
        for (schema,) in schemas:
            connection.execute(sql.SQL("DROP SCHEMA {} CASCADE").format(sql.Identifier(schema)))
        connection.execute("CREATE SCHEMA public AUTHORIZATION pg_database_owner")
        connection.execute("GRANT USAGE ON SCHEMA public TO PUBLIC")


def _comment(owner_url: str, text: str) -> None:
    """Write the comment on the database."""
    with psycopg.connect(libpq_url(owner_url)) as connection:
        connection.execute(
            sql.SQL("COMMENT ON DATABASE {} IS {}").format(sql.Identifier(connection.info.dbname), sql.Literal(text))
        )
