"""Run migrations as the owner role. Online only: roles, grants and policies need the real database."""

from __future__ import annotations

import os

from alembic import context
from sqlalchemy import create_engine, pool, text

from portal.capabilities import metadata

# Two migrators (rolling deploy) wait for each other instead of racing.
_LOCK = 0x746F6E67


def run() -> None:
    """Upgrade or compare within one transaction, guarded by an advisory lock."""
    url = (
        context.config.attributes.get("url")
        or os.environ.get("OWNER_DATABASE_URL")
        or os.environ["DATABASE_URL"]
    )
    engine = create_engine(url, poolclass=pool.NullPool)
    with engine.connect() as connection:
        context.configure(connection=connection, target_metadata=metadata, compare_type=True)
        with context.begin_transaction():
            connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK})
            context.run_migrations()
    engine.dispose()


run()
