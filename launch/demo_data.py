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

_OURS = "Tonglu demo data"

Load = Callable[[str, str, str, Callable[[str, float], None]], dict]
"""`demo.load.load`: owner's URL, app's URL, scale, progress → users and clients."""


@dataclass(frozen=True)
class Contents:
    """What a database holds.

    `tables`: of anybody; `ours`: bin/demo began to fill it; `scale` and `load_id`: of complete data, else None.
    """

    tables: bool
    ours: bool
    scale: str | None = None
    load_id: str | None = None


def prepare_data(
    storage: Storage, folder: DemoFolder, load: Load, *, scale: str | None, reset: bool, progress: Callable[[str, float], None]
) -> None:
    """Bring the database to the newest schema with demo data in it, and their credentials into `folder`.

    Complete data are kept. Half-loaded ones, and those whose credentials are not in `folder`, are replaced.
    Data that bin/demo did not load are never touched: Refusal. `scale` None accepts either and loads the small one.
    """
    contents = inspect(storage.owner_url)
    if contents.tables and not contents.ours:
        raise Refusal("the database holds tables that bin/demo did not make. Give it an empty database.")
    if contents.scale and folder.fits(contents.load_id) and not reset:
        if scale not in (None, contents.scale):
            raise Refusal(f"the {contents.scale} data are loaded; add --reset to load the {scale} ones instead.")
        migrate(storage.owner_url, storage.app_url)
    else:
        _load_afresh(storage, folder, load, scale or "small", progress)


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
    title, *details = (comment or "").split(", ")
    if title != _OURS:
        return Contents(bool(tables), ours=False)
    return Contents(bool(tables), True, *details) if len(details) == 2 else Contents(bool(tables), ours=True)


def _load_afresh(
    storage: Storage, folder: DemoFolder, load: Load, scale: str, progress: Callable[[str, float], None]
) -> None:
    """Empty the database, migrate, load; the comment calls the data complete at the very end."""
    _empty(storage.owner_url)
    if storage.own_queue:
        with redis.from_url(storage.redis_url) as queue:
            queue.flushdb()  # its jobs speak of rows that are gone
    migrate(storage.owner_url, storage.app_url)
    credentials = load(storage.owner_url, storage.app_url, scale, progress)
    load_id = folder.keep_credentials(credentials)
    _comment(storage.owner_url, f"{_OURS}, {scale}, {load_id}")


def _empty(owner_url: str) -> None:
    """Mark the database as ours in the making, and drop every schema in it."""
    _comment(owner_url, f"{_OURS}, half-loaded")
    with psycopg.connect(libpq_url(owner_url)) as connection:
        schemas = connection.execute(
            "SELECT nspname FROM pg_namespace WHERE nspname !~ '^pg_' AND nspname <> 'information_schema'"
        ).fetchall()
        for (schema,) in schemas:
            connection.execute(sql.SQL("DROP SCHEMA {} CASCADE").format(sql.Identifier(schema)))
        connection.execute("CREATE SCHEMA public AUTHORIZATION pg_database_owner")
        connection.execute("GRANT USAGE ON SCHEMA public TO PUBLIC")


def _comment(owner_url: str, text: str) -> None:
    """Write the comment on the database; only its owner may."""
    with psycopg.connect(libpq_url(owner_url)) as connection:
        connection.execute(
            sql.SQL("COMMENT ON DATABASE {} IS {}").format(sql.Identifier(connection.info.dbname), sql.Literal(text))
        )
