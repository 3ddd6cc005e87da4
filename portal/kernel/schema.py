"""Which schemas this release works with: what a process says of itself, and why it refuses a database.

A release needs the newest of its migrations, except for those at the end that say `SERVES_WITHOUT`. It takes
a schema that came later as long as the database names it: `bin/portal migrate` writes beside the version what
the oldest release that still works with it knows (`OLDEST_RELEASE` of migrations, docs/decisions/0111).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path

from sqlalchemy import text

MIGRATIONS = Path(__file__).parent.parent.parent / "migrations"
STANDS_AT = text(
    "SELECT version_num AS version,"
    " obj_description('alembic_version'::regclass, 'pg_class') AS oldest_release FROM alembic_version"
)


@dataclass(frozen=True, slots=True)
class SchemaRange:
    """The revisions that this release was made for, both included."""

    oldest: str
    newest: str

    def fault(self, found: str | None, oldest_release: str | None) -> str | None:
        """Why a database is out of the range, and what to do about it.

        found: where it stands. oldest_release: the revision that the oldest release that works with it knows.
        """
        if found is not None and self.oldest <= found <= self.newest:
            return None
        if found is None:
            return "it was never migrated: run bin/portal migrate"
        if found < self.oldest or not found.isdigit():
            return f"schema is at {found}, this release needs {self.oldest}: run bin/portal migrate"
        if oldest_release is not None and oldest_release <= self.newest:
            return None
        needed = f"a release that knows {oldest_release or found}"
        return f"schema is at {found} and wants {needed}, this one knows {self.newest}: update it"


@cache
def schema_range(migrations: Path = MIGRATIONS) -> SchemaRange:
    """What the migrations that came with this release say."""
    from alembic.config import Config  # a tenth of a second and 10 MB that no other request needs
    from alembic.script import ScriptDirectory

    config = Config()
    config.set_main_option("script_location", str(migrations))
    newest_first = list(ScriptDirectory.from_config(config).walk_revisions())
    needed = (one.revision for one in newest_first if not hasattr(one.module, "SERVES_WITHOUT"))
    newest = newest_first[0].revision
    return SchemaRange(next(needed, newest), newest)
