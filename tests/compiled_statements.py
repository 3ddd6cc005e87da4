"""Statements compiled once a process, and a server asked once what it is.

Every test has engines of its own, on the database that is its own: each would compile all its statements
anew, and ask the server for its version and manners first. What is kept belongs to engines that were told the
same.
"""

from __future__ import annotations

from collections.abc import Hashable
from typing import Any

from sqlalchemy import Connection, Engine
from sqlalchemy.dialects.postgresql.psycopg import PGDialect_psycopg
from sqlalchemy.util import LRUCache

_STATEMENTS_MAX = 20_000  # of all tests of a process: a statement of each of their forms
_TOLD = (
    "paramstyle", "compiler_linting", "_json_serializer", "_json_deserializer", "use_native_hstore",
    "label_length", "max_identifier_length", "insert_returning", "insert_executemany_returning",
    "use_insertmanyvalues", "insertmanyvalues_page_size", "supports_native_uuid", "isolation_level",
    "_on_connect_isolation_level", "client_encoding", "server_version_info", "default_schema_name",
)  # fmt: skip

_compiled: LRUCache[Any, Any] = LRUCache(_STATEMENTS_MAX)
_answers: dict[Hashable, dict[str, Any]] = {}
_ask = PGDialect_psycopg.initialize


def keep() -> None:
    """Have every engine of this process find statements compiled and the server known."""
    dialect: Any = PGDialect_psycopg
    dialect.__eq__ = _alike
    dialect.__hash__ = lambda self: hash(type(self))
    dialect.initialize = _initialize
    dialect.engine_created = _share


def _told(dialect: PGDialect_psycopg) -> tuple[Any, ...]:
    return tuple(getattr(dialect, name, None) for name in _TOLD)


def _alike(one: PGDialect_psycopg, other: object) -> bool:
    """Statements are found by their dialect among other things: these compile them to the same."""
    return one is other or (type(one) is type(other) and _told(one) == _told(other))


def _share(engine: Engine) -> None:
    engine._compiled_cache = _compiled


def _initialize(self: PGDialect_psycopg, connection: Connection) -> None:
    """Ask, or take what another engine was answered by the same server."""
    driver = connection.connection.driver_connection
    assert driver is not None
    known = (driver.info.host, driver.info.port, driver.autocommit, *_told(self))
    if known not in _answers:
        before = dict(vars(self))
        _ask(self, connection)
        _answers[known] = {
            name: value
            for name, value in vars(self).items()
            if name not in before or before[name] is not value
        }
    vars(self).update(_answers[known])
