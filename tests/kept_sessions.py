"""Sessions of PostgreSQL that serve one engine after the other.

Every test has engines of its own, three to six of them, and to open a session is 3 to 6 ms of CPU: the server
forks, and learns anew what tables there are. So a session that is closed is made as good as new
(`DISCARD ALL`: no lock, setting, prepared statement or temporary table is left) and waits for whoever would
open the same: of the same role in the same database, told the same. A database that is dropped or copied
loses those that wait in it.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Hashable, Iterator, Mapping
from contextlib import contextmanager
from select import select
from typing import Any
from weakref import WeakKeyDictionary

import psycopg
from psycopg.abc import AdaptContext
from psycopg.adapt import AdaptersMap
from psycopg.conninfo import conninfo_to_dict
from psycopg.pq import ConnStatus, TransactionStatus
from psycopg.pq.abc import PGconn
from sqlalchemy.dialects.postgresql.psycopg import PGDialect_psycopg

PREFIX = "tonglu_test_"
"""Of the names of databases that tests make."""

_WAITING_MAX = 2  # of a kind: a server has a hundred
_UNFINISHED = (TransactionStatus.INTRANS, TransactionStatus.INERROR)
_AS_GOOD_AS_NEW = (
    b"DISCARD ALL",
    b"SELECT pg_stat_force_next_flush()",  # hands in what it counted, as a session does that ends
)

Kind = tuple[str, Hashable]
"""The database, and whatever else a session is told."""

_waiting: dict[Kind, deque[PGconn]] = {}
_kinds: WeakKeyDictionary[psycopg.Connection, Kind] = WeakKeyDictionary()  # of those in use


def keep() -> None:
    """Have every engine of this process take a session that waits, and leave its own to others."""
    dialect: Any = PGDialect_psycopg
    opened = dialect.connect
    dialect.connect = lambda self, **told: _taken(told, lambda: opened(self, **told))
    dialect.do_close = lambda _self, session: _leave(session)


@contextmanager
def session(address: str) -> Iterator[psycopg.Connection]:
    """A session outside transactions at an address, for the length of the block."""
    told = conninfo_to_dict(address) | {"autocommit": True}
    session = _taken(told, lambda: psycopg.connect(**told))
    try:
        yield session
    finally:
        _leave(session)


def end(database: str) -> None:
    """End the sessions that wait in a database."""
    for kind in [kind for kind in list(_waiting) if kind[0] == database]:
        for connection in _waiting.pop(kind):
            connection.finish()


def waiting(database: str) -> list[int]:
    """The processes of the server whose sessions wait in a database."""
    waiting = [connections for kind, connections in list(_waiting.items()) if kind[0] == database]
    return [connection.backend_pid for connections in waiting for connection in list(connections)]


def _taken(told: dict[str, Any], opened: Callable[[], psycopg.Connection]) -> psycopg.Connection:
    """A session that waited, or else a new one."""
    if not _is_of_a_test(told):
        return opened()
    kind = told["dbname"], tuple(sorted((name, value) for name, value in told.items() if name != "context"))
    waiting = _waiting.setdefault(kind, deque())
    session = None
    while session is None and waiting:
        session = _begun_again(waiting.pop(), **told)
    session = session or opened()
    _kinds[session] = kind
    return session


def _is_of_a_test(told: Mapping[str, Any]) -> bool:
    """Whether it leads straight to a database of this run: a test may cut through a network."""
    return str(told.get("dbname")).startswith(PREFIX) and str(told.get("host")).startswith("/")


def _begun_again(
    connection: PGconn, *, autocommit: bool = False, context: AdaptContext | None = None, **_told: Any
) -> psycopg.Connection | None:
    if select([connection.socket], [], [], 0)[0]:  # the server says something unasked: that it ends
        connection.finish()
        return None
    session = psycopg.Connection(connection)
    session.autocommit = autocommit
    session._adapters = AdaptersMap(context.adapters) if context else None
    return session


def _leave(session: psycopg.Connection) -> None:
    """Close a session for whoever has it; it waits for another if it can be made as good as new."""
    kind = _kinds.pop(session, None)
    waiting = None if kind is None else _waiting.get(kind)
    connection = session.pgconn
    if waiting is None or len(waiting) >= _WAITING_MAX or not _made_good_as_new(connection):
        session.close()
        return
    session.pgconn = _ended()
    session.close()
    waiting.append(connection)


def _made_good_as_new(connection: PGconn) -> bool:
    if connection.status != ConnStatus.OK:
        return False
    unfinished = (b"ROLLBACK",) if connection.transaction_status in _UNFINISHED else ()
    if not unfinished and connection.transaction_status != TransactionStatus.IDLE:
        return False
    return all(
        connection.exec_(statement).error_message == b"" for statement in (*unfinished, *_AS_GOOD_AS_NEW)
    )


def _ended() -> PGconn:
    """What is left of a session that was closed."""
    ended = psycopg.pq.PGconn.connect_start(b"host=/")
    ended.finish()
    return ended
