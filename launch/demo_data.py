"""Loads the demo data once. A comment on the database, written last, tells loaded data from half-loaded ones.

Nothing that was loaded whole is ever deleted but by --reset, whatever has become of the files beside it.
"""

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
from launch.terminal import say

_OURS = "Tonglu demo data"
_HALF = f"{_OURS}, half-loaded"
_SCALES = ("small", "large")

Load = Callable[[str, str, str, Callable[[str, float], None]], dict]
"""`demo.load.load`: owner's URL, app's URL, scale, progress → users and clients."""

Renew = Callable[[str], dict]
"""`demo.renew.renew`: owner's URL → users and clients of the data that are there, with new passwords and
secrets.
"""


@dataclass(frozen=True)
class Contents:
    """What a database holds.

    `tables`: of anybody; `mark`: what bin/demo wrote about it, if so; `scale` and `load_id`: of complete
    data, else None.
    """

    tables: bool
    mark: str | None
    scale: str | None = None
    load_id: str | None = None


def prepare_data(
    storage: Storage,
    folder: DemoFolder,
    load: Load,
    renew: Renew,
    *,
    scale: str | None,
    reset: bool,
    progress: Callable[[str, float], None],
) -> None:
    """Bring the database to the newest schema with demo data in it, and their credentials into `folder`.

    Complete data are kept; when their credentials are not in `folder` they get new ones. Half-loaded data are
    replaced. Data that bin/demo did not load are never touched: Refusal. `scale` None accepts either and
    loads the small one.
    """
    contents = inspect(storage.owner_url)
    if contents.tables and not contents.mark:
        raise Refusal("the database holds tables that bin/demo did not make. Give it an empty database.")
    if reset or not contents.tables or contents.mark == _HALF:
        _load_afresh(storage, folder, load, scale or "small", progress)
        return
    if contents.scale is None:
        raise Refusal(
            f"the database is marked {contents.mark!r}, which this copy does not know. "
            "Update the copy, or delete the data by --reset."
        )
    if scale not in (None, contents.scale):
        raise Refusal(f"the {contents.scale} data are loaded; add --reset to load the {scale} ones instead.")
    migrate(storage.owner_url, storage.app_url, storage.issuer_url)
    if not folder.fits(contents.load_id):
        say(f"{folder.credentials_path} is lost or damaged: the data are kept, everybody gets a new password")
        _keep(storage, folder, contents.scale, renew(storage.owner_url))


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
    mark = comment if title == _OURS else None
    complete = mark and len(details) == 2 and details[0] in _SCALES
    return Contents(bool(tables), mark, *details) if complete else Contents(bool(tables), mark)


def _load_afresh(
    storage: Storage, folder: DemoFolder, load: Load, scale: str, progress: Callable[[str, float], None]
) -> None:
    """Empty the database, migrate, load."""
    _empty(storage.owner_url)
    if storage.own_queue:
        with redis.from_url(storage.redis_url) as queue:
            queue.flushdb()  # its jobs speak of rows that are gone
    migrate(storage.owner_url, storage.app_url, storage.issuer_url)
    credentials = load(storage.owner_url, storage.app_url, scale, progress)
    _keep(storage, folder, scale, credentials)


def _keep(storage: Storage, folder: DemoFolder, scale: str, credentials: dict) -> None:
    """Keep the credentials, and call the data complete at the very end."""
    load_id = folder.keep_credentials(credentials)
    _comment(storage.owner_url, f"{_OURS}, {scale}, {load_id}")


def _empty(owner_url: str) -> None:
    """Mark the database as ours in the making, and drop every schema in it."""
    _comment(owner_url, _HALF)
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
            sql.SQL("COMMENT ON DATABASE {} IS {}").format(
                sql.Identifier(connection.info.dbname), sql.Literal(text)
            )
        )
