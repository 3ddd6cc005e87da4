"""Databases in which the cast has just come on stage, one for each test.

A copy is two thousand files to be written and to be deleted again: more than all else that an ordinary test
asks of the machine. So what a test has written is taken out again, and the database serves another. Whatever
is more than some rows (a table altered or emptied at once, a setting, a session left open) ends its use: the
next test has a new copy.

PostgreSQL counts the rows written to each table, in transactions that are rolled back too, and a session
hands in what it counted before it ends or is left to another (`tests/kept_sessions.py`): a table whose count
is the same is as it was.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

import psycopg

from tests import kept_sessions, servers

_ROWS_MAX = 3_000  # beyond, a copy is quicker, and the next test would feel where the deleted rows were
_RESTING_MIN = 2  # databases that wait: a session takes a moment to end and to hand in what it counted

# How often each table and sequence was touched. Whatever is not about rows (CREATE, ALTER, TRUNCATE, GRANT,
# ANALYZE) writes rows of the catalogue.
_TOUCHED = """
SELECT c.oid::regclass::text,
       CASE WHEN c.relkind = 'S' THEN 'sequence'
            WHEN c.relnamespace = 'pg_catalog'::regnamespace THEN 'catalogue' ELSE 'table' END,
       CASE WHEN c.relkind = 'S' THEN pg_stat_get_blocks_fetched(c.oid)
            ELSE pg_stat_get_tuples_inserted(c.oid) + pg_stat_get_tuples_updated(c.oid)
                 + pg_stat_get_tuples_deleted(c.oid) END
FROM pg_class c WHERE c.relkind IN ('r', 'S') AND NOT c.relisshared
"""
_MORE_THAN_ROWS = """
SELECT 1 FROM pg_stat_activity
WHERE datname = current_database() AND backend_type = 'client backend' AND pid <> ALL(%s)
UNION ALL
SELECT 1 FROM pg_db_role_setting JOIN pg_database d ON d.oid = setdatabase WHERE datname = current_database()
"""

Touches = dict[tuple[str, str], int]
"""By what it is (table, sequence, catalogue) and name."""


@dataclass(frozen=True, slots=True)
class Contents:
    """The rows of the tables that have any, and where each sequence stands."""

    rows: dict[str, list[bytes]]
    sequences: dict[str, tuple[int, bool]]


@dataclass(frozen=True, slots=True)
class _Copy:
    name: str
    touches: Touches
    """Before its test began."""


@dataclass
class FreshDatabases:
    """Those of this process, copies of `template`."""

    cluster: servers.Cluster
    template: str
    counter: Iterator[int]
    _cast: Contents | None = field(default=None, init=False)
    _resting: deque[_Copy] = field(default_factory=deque, init=False)

    @contextmanager
    def one(self) -> Iterator[str]:
        """Name of a database for the length of the block; commits are real."""
        copy = self._taken()
        yield copy.name
        self._resting.append(copy)

    def drop(self) -> None:
        """Drop all of them."""
        while self._resting:
            self.cluster.drop(self._resting.popleft().name)

    def _taken(self) -> _Copy:
        if len(self._resting) > _RESTING_MIN:
            copy = self._resting.popleft()
            with suppress(psycopg.OperationalError), self.session(copy.name) as session:  # may let nobody in
                if self._restored(session, copy.touches):
                    return _Copy(copy.name, _touches(session))
            self.cluster.drop(copy.name)
        name = self.cluster.create(f"fresh_{next(self.counter)}", template=self.template)
        with self.session(name) as session:
            self._cast = self._cast or contents_of(session)
            return _Copy(name, _touches(session))

    def _restored(self, session: psycopg.Connection, before: Touches) -> bool:
        """Take out what a test has written; whether that was possible."""
        assert self._cast is not None
        if session.info.parameter_status("is_superuser") != "on":  # nobody else may leave triggers out
            return False
        known = [session.info.backend_pid, *kept_sessions.waiting(session.info.dbname)]
        if session.execute(_MORE_THAN_ROWS, [known]).fetchone():
            return False
        counted = {one: times - before.get(one, 0) for one, times in _touches(session).items()}
        by_test = {one: times for one, times in counted.items() if times}
        rows = {name: times for (kind, name), times in by_test.items() if kind == "table"}
        if any(kind == "catalogue" for kind, _ in by_test) or sum(rows.values()) > _ROWS_MAX:
            return False
        if min(by_test.values(), default=0) < 0:  # somebody had them counted from nothing again
            return False
        with session.transaction():
            session.execute("SET LOCAL session_replication_role = replica")
            session.execute(";".join(f"DELETE FROM {table}" for table in rows))
            for table in rows:
                _fill(session, table, self._cast.rows.get(table, []))
            for kind, name in by_test:
                if kind == "sequence":
                    session.execute("SELECT setval(%s, %s, %s)", (name, *self._cast.sequences[name]))
        session.execute("SELECT pg_stat_force_next_flush()")
        return True

    @contextmanager
    def session(self, name: str) -> Iterator[psycopg.Connection]:
        """Of the superuser, outside transactions."""
        address = self.cluster.admin.set(drivername="postgresql", database=name)
        with kept_sessions.session(address.render_as_string(hide_password=False)) as session:
            yield session


def _touches(session: psycopg.Connection) -> Touches:
    return {(kind, name): times for name, kind, times in session.execute(_TOUCHED)}


def contents_of(session: psycopg.Connection) -> Contents:
    rows, sequences = {}, {}
    for kind, name in _touches(session):
        if kind == "sequence":
            number, is_used = session.execute(f"SELECT last_value, is_called FROM {name}").fetchone()
            sequences[name] = (number, is_used)
        elif kind == "table":
            with session.cursor().copy(f"COPY {name} TO STDOUT") as copy:
                if kept := [bytes(part) for part in copy]:
                    rows[name] = kept
    return Contents(rows, sequences)


def _fill(session: psycopg.Connection, table: str, rows: list[bytes]) -> None:
    if rows:
        with session.cursor().copy(f"COPY {table} FROM STDIN") as copy:
            for row in rows:
                copy.write(row)
