"""The migrations and the models describe the same database."""

from __future__ import annotations

from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import CheckConstraint, create_engine, text

from launch.migrate import BASELINE
from portal.capabilities import metadata
from tests import servers
from tests.architecture import tree


@pytest.fixture(scope="module")
def scripts() -> ScriptDirectory:
    return ScriptDirectory.from_config(Config(tree.ROOT / "alembic.ini"))


def test_there_is_one_newest_revision(scripts):
    assert len(scripts.get_heads()) == 1


def test_files_are_numbered_in_the_order_of_their_revisions(scripts):
    files = [Path(script.path).stem for script in scripts.walk_revisions()][::-1]
    assert [file[:4] for file in files] == [f"{number:04d}" for number in range(1, len(files) + 1)]


def test_only_revisions_from_the_baseline_on_are_called_by_their_numbers(scripts):
    """A database that stands at 0012 of what was before is told so; it does not go on at another 0013."""
    for script in scripts.walk_revisions():
        number, name = Path(script.path).stem.split("_", 1)
        assert script.revision == (number if number >= BASELINE else name), script.path


@pytest.mark.filterwarnings("ignore:Can't validate argument 'dialect_options'")  # reflected so: NOT VALID
def test_migrations_make_exactly_the_tables_of_the_models(owner):
    context = MigrationContext.configure(owner, opts={"compare_type": True, "compare_server_default": True})
    assert compare_metadata(context, metadata) == []


def test_migrations_make_exactly_the_checks_of_the_models(owner):
    made = owner.execute(
        text(
            "SELECT conrelid::regclass::text || '.' || conname FROM pg_constraint"
            " WHERE contype = 'c' AND connamespace = 'public'::regnamespace"
        )
    ).scalars()
    modelled = {
        f"{table.name}.{constraint.name}"
        for table in metadata.tables.values()
        for constraint in table.constraints
        if isinstance(constraint, CheckConstraint)
    }
    assert set(made) == modelled


def test_a_revision_that_moves_rows_sees_those_of_everybody(cluster):
    """The owner is bound by row-level security too: what it does not see it would drop, or leave behind."""
    name = cluster.create("upgraded")
    servers.migrate(
        cluster.owner_url(name),
        app_role=cluster.app.username,
        issuer_role=cluster.issuer.username,
        revision="0060",
    )
    engine = create_engine(cluster.admin.set(database=name, drivername="postgresql+psycopg"))
    with engine.begin() as connection:  # as it was left by people of the release before
        connection.execute(text("SET LOCAL session_replication_role = replica"))
        connection.execute(
            text(
                "INSERT INTO user_account"
                " (id, email, password_hash, display_name, roles, region_ids, all_regions)"
                " SELECT id, 'u' || id || '@x.example', 'x', 'U', '{administrator}', '{}', true"
                "   FROM generate_series(1, 2) AS n(id)"
            )
        )
        connection.execute(text("INSERT INTO feed_digest_choice VALUES (1, 'none'), (2, 'weekly')"))
    servers.migrate(
        cluster.owner_url(name), app_role=cluster.app.username, issuer_role=cluster.issuer.username
    )
    with engine.connect() as connection:
        chosen = connection.execute(text("SELECT DISTINCT user_id, mail FROM notification_choice")).all()
        weekly = connection.execute(text("SELECT user_id FROM notification_setting")).scalars().all()
    engine.dispose()
    cluster.drop(name)
    assert (chosen, weekly) == ([(1, "none")], [2])
