"""The connection that loads, and the two ways rows get into tables: copied as facts, or inserted from
them.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import psycopg
from psycopg import sql
from sqlalchemy import make_url

# The load can be repeated, so it need not wait for the disk; sorts and hashes of the large data are given
# room.
_SETTINGS = """
SET TIME ZONE 'Asia/Shanghai';
SET synchronous_commit = off;
SET work_mem = '128MB';
SET maintenance_work_mem = '512MB';
SET temp_buffers = '64MB';
SET jit = off;
SELECT set_config('app.region_ids', '*', false);
"""


def connect(owner_url: str) -> psycopg.Connection:
    """A connection of the owner that sees every dealer, and for which ``at::date`` is the business date."""
    url = make_url(owner_url).set(drivername="postgresql")
    # Parameters are put in by the client, so that one call may send several statements.
    connection = psycopg.connect(
        url.render_as_string(hide_password=False), cursor_factory=psycopg.ClientCursor
    )
    connection.execute(_SETTINGS)
    connection.commit()
    return connection


def put(
    connection: psycopg.Connection, table: str, columns: Sequence[str], rows: Iterable[Sequence[Any]]
) -> None:
    """Copy rows into a table.

    They go through a temporary twin: a table with row-level security takes no COPY.
    """
    names = sql.SQL(", ").join(map(sql.Identifier, columns))
    target = sql.Identifier(table)
    connection.execute(
        sql.SQL("CREATE TEMPORARY TABLE incoming AS SELECT {} FROM {} WITH NO DATA").format(names, target)
    )
    fill(connection, "incoming", columns, rows)
    connection.execute(sql.SQL("INSERT INTO {} ({}) SELECT {} FROM incoming").format(target, names, names))
    connection.execute("DROP TABLE incoming")


def fill(
    connection: psycopg.Connection, table: str, columns: Sequence[str], rows: Iterable[Sequence[Any]]
) -> None:
    """Copy rows into a table that has no row-level security."""
    statement = sql.SQL("COPY {} ({}) FROM STDIN").format(
        sql.Identifier(table), sql.SQL(", ").join(map(sql.Identifier, columns))
    )
    with connection.cursor() as cursor, cursor.copy(statement) as copy:
        for row in rows:
            copy.write_row(row)


def advance_sequences(connection: psycopg.Connection) -> None:
    """Let every generated key continue behind the ones that were given."""
    found = connection.execute(
        "SELECT table_name FROM information_schema.columns"
        " WHERE table_schema = 'public' AND column_name = 'id' AND is_identity = 'YES' ORDER BY table_name"
    ).fetchall()
    for (table,) in found:
        statement = "SELECT setval(pg_get_serial_sequence({}, 'id'), coalesce(max(id), 0) + 1, false) FROM {}"
        connection.execute(sql.SQL(statement).format(sql.Literal(table), sql.Identifier(table)))


def vacuum_and_analyze(connection: psycopg.Connection) -> None:
    """Do at once what the server would do behind the first visitors' backs: statistics, and marks of what
    all may see.
    """
    connection.autocommit = True
    connection.execute("VACUUM (ANALYZE)")
