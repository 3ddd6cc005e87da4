"""Run migrations as the owner role. Online only: roles, grants and policies need the real database.

Each revision is a transaction of its own, so that one of them can make an index concurrently
(`op.get_context().autocommit_block()`), and what a long one has done is kept when the next one fails.
"""

from __future__ import annotations

import os
import time
from collections.abc import Collection

from alembic import context
from alembic.migration import MigrationContext
from psycopg import sql
from psycopg.errors import InsufficientPrivilege
from sqlalchemy import Connection, create_engine, pool, text
from sqlalchemy.exc import ProgrammingError

from config import Settings
from migrations.releases import oldest_release
from portal.capabilities import metadata
from portal.kernel.db import SESSION_SETTINGS, TIME_ZONE_SETTING

# Two migrators (rolling deploy) wait for each other instead of racing.
_LOCK = 0x746F6E67
_PAUSE_SECONDS = 0.2
# Whoever waits for a table makes everybody wait who comes after: orders stand still no longer than this.
_PATIENCE = "2s"
_ROLES = {"TONGLU_APP_ROLE": "portal_app", "TONGLU_ISSUER_ROLE": "portal_issuer"}


def run() -> None:
    """Upgrade or compare, guarded by an advisory lock of this connection."""
    url = (
        context.config.attributes.get("url")
        or os.environ.get("OWNER_DATABASE_URL")
        or os.environ["DATABASE_URL"]
    )
    engine = create_engine(url, poolclass=pool.NullPool)
    with engine.connect() as connection:
        _take_turn(connection)
        context.configure(
            connection=connection,
            target_metadata=metadata,
            compare_type=True,
            transaction_per_migration=True,
            on_version_apply=_tell_oldest_release,
        )
        with context.begin_transaction():
            context.run_migrations()
        _settle_roles(connection)
    engine.dispose()


def _tell_oldest_release(*, ctx: MigrationContext, heads: Collection[str], **_: object) -> None:
    """In the transaction of the revision: releases that know nothing of it ask whether they still fit."""
    (revision,) = heads or ("",)
    told = oldest_release(context.script, revision)
    comment = sql.SQL("COMMENT ON TABLE alembic_version IS {}").format(told)
    assert ctx.connection is not None
    ctx.connection.exec_driver_sql(comment.as_string())


def _settle_roles(connection: Connection) -> None:
    """Have the serving roles begin with the settings of a session, which a pooler does not pass on.

    An owner that may not change roles leaves it to whoever made them: /readyz tells what is lacking.
    """
    zone = os.environ.get("TONGLU_BUSINESS_TIMEZONE", Settings.model_fields["business_timezone"].default)
    database = connection.engine.url.database or ""
    for role in sorted({os.environ.get(name, usual) for name, usual in _ROLES.items()}):
        for setting, value in {**SESSION_SETTINGS, TIME_ZONE_SETTING: zone}.items():
            act = sql.SQL("ALTER ROLE {} IN DATABASE {} SET {} = {}").format(
                sql.Identifier(role), sql.Identifier(database), sql.Identifier(*setting.split(".")), value
            )
            try:
                connection.exec_driver_sql(act.as_string())
                connection.commit()
            except ProgrammingError as error:
                connection.rollback()
                if isinstance(error.orig, InsufficientPrivilege):
                    return
                raise


def _take_turn(connection: Connection) -> None:
    """Wait without a transaction: an index that is made concurrently waits for those that are open."""
    while not connection.scalar(text("SELECT pg_try_advisory_lock(:key)"), {"key": _LOCK}):
        connection.rollback()
        time.sleep(_PAUSE_SECONDS)
    patience = context.config.attributes.get("patience", _PATIENCE)
    connection.execute(text("SELECT set_config('lock_timeout', :wait, false)"), {"wait": patience})
    # The policies bind the owner too: a revision that moves rows has to see them.
    connection.execute(text("SELECT set_config('app.region_ids', '*', false)"))
    connection.commit()


run()
