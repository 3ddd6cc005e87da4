"""The migrations and the models describe the same database."""

from __future__ import annotations

from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import CheckConstraint, text

from launch.migrate import BASELINE
from portal.capabilities import metadata
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
