"""Run migrations as the owner role. Online only: roles, grants and policies need the real database.

Each revision is a transaction of its own, so that one of them can make an index concurrently
(`op.get_context().autocommit_block()`), and what a long one has done is kept when the next one fails.
"""

from __future__ import annotations

import os
import time

from alembic import context
from sqlalchemy import Connection, create_engine, pool, text

from portal.capabilities import metadata

# Two migrators (rolling deploy) wait for each other instead of racing.
_LOCK = 0x746F6E67
_PAUSE_SECONDS = 0.2
# Whoever waits for a table makes everybody wait who comes after: orders stand still no longer than this.
_PATIENCE = "5s"


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
        )
        with context.begin_transaction():
            context.run_migrations()
    engine.dispose()


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
