"""The release before works upon the newest schema: what its roles find there, and may do, is still there."""

from __future__ import annotations

from sqlalchemy import Engine, create_engine, text

from migrations.releases import last_release
from tests import servers

_MAY = """
SELECT c.relname, a.attname, format_type(a.atttypid, a.atttypmod) AS type, r.rolname, p.privilege
  FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
  CROSS JOIN unnest(CAST(:roles AS text[])) AS r(rolname)
  CROSS JOIN (VALUES ('SELECT'), ('INSERT'), ('UPDATE')) AS p(privilege)
 WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p', 'v')
   AND has_column_privilege(r.rolname, c.oid, a.attnum, p.privilege)
UNION ALL
SELECT c.relname, '', '', r.rolname, 'DELETE'
  FROM pg_class c CROSS JOIN unnest(CAST(:roles AS text[])) AS r(rolname)
 WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p', 'v')
   AND has_table_privilege(r.rolname, c.oid, 'DELETE')
"""
_NEEDED = """
SELECT c.relname, a.attname FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0
 WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p') AND a.attnotnull
   AND NOT a.atthasdef AND a.attidentity = '' AND NOT a.attisdropped
"""


def test_the_release_before_finds_what_it_reads_and_writes(cluster):
    roles = [cluster.app.username, cluster.issuer.username]
    name = cluster.create("two_versions")
    engine = create_engine(cluster.admin.set(database=name, drivername="postgresql+psycopg"))
    try:
        before, needed_before = _at(cluster, engine, name, last_release(), roles)
        after, needed = _at(cluster, engine, name, "head", roles)
    finally:
        engine.dispose()
        cluster.drop(name)
    assert len(before) > 1000
    assert not before - after
    tables = {table for table, *_ in before}
    assert not {one for one in needed - needed_before if one[0] in tables}, "it leaves them empty"


def _at(cluster, engine: Engine, name: str, revision: str, roles: list[str]) -> tuple[set, set]:
    """What the roles may do, and which columns have to be filled in, at a revision."""
    servers.migrate(cluster.owner_url(name), app_role=roles[0], issuer_role=roles[1], revision=revision)
    with engine.connect() as connection:
        may = {tuple(row) for row in connection.execute(text(_MAY), {"roles": roles})}
        needed = {tuple(row) for row in connection.execute(text(_NEEDED))}
    return may, needed
