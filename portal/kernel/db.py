"""The database: one engine a process.

Sessions carry their scope, errors come back as domain errors. A session without a scope sees no dealer-owned
row: row-level security is forced and reads ``app.dealer_id``, ``app.region_ids`` and ``app.actor_id``, which
are set together with BEGIN for one transaction only (so that PgBouncer may pool by transaction).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, fields
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from functools import cache, lru_cache
from typing import Annotated, Any, ClassVar, TypeVar, cast

import orjson
from psycopg import Cursor, _queries
from psycopg.sql import Literal
from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Connection,
    CursorResult,
    DateTime,
    Engine,
    Executable,
    Identity,
    MetaData,
    Numeric,
    Row,
    Text,
    create_engine,
    event,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import DeclarativeBase, Session, mapped_column

from portal.kernel.actor import Actor
from portal.kernel.db_errors import translated
from portal.kernel.opaque import Sealer

Key = Annotated[int, mapped_column(BigInteger, Identity(), primary_key=True)]
Moment = Annotated[datetime, mapped_column(DateTime(timezone=True))]
UnitPrice = Annotated[Decimal, mapped_column(Numeric(14, 2))]
Amount = Annotated[Decimal, mapped_column(Numeric(16, 2))]
Rate = Annotated[Decimal, mapped_column(Numeric(5, 4))]
V = TypeVar("V")

Record = Row[*tuple[Any, ...]]
"""A row of SQL that stands as text: the statement says what its columns hold. Read it by their names."""


class Base(DeclarativeBase):
    """Base of every table; constraint names are stable so that they can be translated into domain errors."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map: ClassVar[dict[Any, Any]] = {
        dict[str, Any]: JSONB,
        list[Any]: JSONB,
        str: Text,
        int: BigInteger,
        datetime: DateTime(timezone=True),
    }


ENUMERATION = "enumeration"
"""Under which a constraint made by `one_of` keeps its enumeration, in its ``info``."""


def one_of(column: str, enumeration: type[StrEnum]) -> CheckConstraint:
    """CHECK that a column holds a member of an enumeration, or nothing where it may be empty.

    Migrations write the members out, in the same order.
    """
    members = ", ".join(f"'{member}'" for member in enumeration)
    return CheckConstraint(f"{column} IN ({members})", name=column, info={ENUMERATION: enumeration})


@dataclass(frozen=True, slots=True)
class Scope:
    """What the rows of a transaction are limited to, as the settings that the policies read.

    region_ids: ``"*"`` for everything, a PostgreSQL array literal for some regions, ``""`` for none.
    on_behalf_of: for whom the actor acts, which the audit writes down; ``""`` for nobody else.
    """

    dealer_id: str
    region_ids: str
    actor_id: str
    on_behalf_of: str = ""

    @classmethod
    def of_dealer(cls, actor: Actor) -> Scope:
        """Only the rows of the actor's dealer. Raises ValueError for an actor without one."""
        if actor.dealer_id is None:
            raise ValueError("a dealer session needs an actor of a dealer")
        return cls(str(actor.dealer_id), "", actor.key, actor.on_behalf_of or "")

    @classmethod
    def of_staff(cls, actor: Actor) -> Scope:
        """The dealers of the actor's regions, or all. Raises ValueError for a dealer's actor."""
        if actor.dealer_id is not None:
            raise ValueError("a staff session is not for a dealer's actor")
        regions = "*" if actor.region_ids is None else "{" + ",".join(map(str, actor.region_ids)) + "}"
        return cls("", regions, actor.key, actor.on_behalf_of or "")


_SCOPE = "scope"
_AS_IT_IS = {"no_parameters": True}
_SYSTEM_SCOPE = Scope("", "*", "system")


OVERFLOW_MAX = 2
"""Connections beyond the size of a pool."""

# Planned once: our statements have the same shape for every dealer, and planning the price query costs more
# than running it (docs/decisions/0012). Nobody waits for ever: not for a lock, not for a statement, not for a
# client that went away.
#
# A pooler of transactions drops what a connection asks for as it begins: the roles have these too
# (migrations/env.py), and /readyz says what is lacking.
SESSION_SETTINGS = {
    "plan_cache_mode": "force_generic_plan",
    "jit": "off",
    "lock_timeout": "10s",
    "statement_timeout": "1min",
    "idle_in_transaction_session_timeout": "1min",
}
"""Settings of every connection that serves, as SHOW tells them."""
TIME_ZONE_SETTING = "app.time_zone"
"""In which zone the database's day begins: another one gives wrong prices and due days around midnight."""
USUAL_TIME_ZONE = "Asia/Shanghai"
"""That of a database that was told none (`app_day`)."""
_PREPARE_AFTER = 5


# The driver takes a statement of more than 4,096 characters apart each time it is sent: it expects those of
# an ORM, of which none comes twice. Ours stand as text, and an order sends two long ones.
_queries.MAX_CACHED_STATEMENT_LENGTH = 2**15


class Database:
    """Engine and session factories of one process.

    outbox_signal: called after a commit that left rows in the outbox. sealer: keeps serial ids from whoever
    reads pages of lists. time_zone: in which the database's day (`app_today`) begins. prepares: whether
    statements that come again are prepared, which poolers of transactions before PgBouncer 1.21 break.
    """

    def __init__(
        self,
        url: str,
        *,
        pool_size: int = 6,
        outbox_signal: Callable[[], None] | None = None,
        sealer: Sealer | None = None,
        time_zone: str = USUAL_TIME_ZONE,
        prepares: bool = True,
    ) -> None:
        self.settings = {**SESSION_SETTINGS, TIME_ZONE_SETTING: time_zone}
        self.engine: Engine = create_engine(
            url,
            pool_size=pool_size,
            max_overflow=OVERFLOW_MAX,
            pool_timeout=10,
            pool_pre_ping=False,
            pool_recycle=1800,
            connect_args={
                "options": " ".join(f"-c {name}={value}" for name, value in self.settings.items()),
                "autocommit": True,
                "prepare_threshold": _PREPARE_AFTER if prepares else None,
            },  # the driver's own BEGIN would be a round trip more
            json_deserializer=orjson.loads,
            use_native_hstore=False,  # there is none to look for with each engine's first connection
            hide_parameters=True,  # an error message ends in the log, and parameters hold password hashes
        )
        event.listen(self.engine, "begin", _begin)
        event.listen(self.engine, "do_execute_no_params", _send_as_it_is)
        self._carried = {"outbox_signal": outbox_signal, "sealer": sealer or Sealer()}

    def session_for(self, actor: Actor) -> Session:
        """Session with the scope that belongs to the actor."""
        return self.dealer_session(actor) if actor.dealer_id is not None else self.staff_session(actor)

    def dealer_session(self, actor: Actor) -> Session:
        """Session that sees one dealer's rows."""
        return self._session(Scope.of_dealer(actor))

    def staff_session(self, actor: Actor) -> Session:
        """Session that sees the rows of the dealers in the actor's regions."""
        return self._session(Scope.of_staff(actor))

    def personal_session(self, key: str, dealer_id: int | None) -> Session:
        """Session of somebody whose claim to be `key` of a dealer is signed but not yet looked up.

        key: such as ``user:12``.

        It sees the own account and the dealer's rows; for headquarters nothing more until `rescope` says
        which regions.
        """
        return self._session(Scope("" if dealer_id is None else str(dealer_id), "", key))

    def system_session(self) -> Session:
        """Session that sees every row: sign-in before the identity is known, and jobs that cross dealers.

        Each use is listed in a test.
        """
        return self._session(_SYSTEM_SCOPE)

    def dispose(self) -> None:
        """Close every pooled connection (after a fork, at shutdown)."""
        self.engine.dispose()

    def _session(self, scope: Scope) -> Session:
        return Session(
            self.engine, expire_on_commit=False, execution_options={_SCOPE: scope}, info=dict(self._carried)
        )


@contextmanager
def transaction(session: Session) -> Iterator[Session]:
    """Commit once at the end, roll back on any error; database errors come out as domain errors.

    Closes the session.
    """
    try:
        yield session
        session.commit()
    except DBAPIError as error:
        session.rollback()
        raise translated(error) from error
    except BaseException:
        session.rollback()
        raise
    finally:
        session.close()


def rescope(session: Session, actor: Actor) -> None:
    """Give a `personal_session` the scope of the actor it turned out to be.

    One statement, none if nothing changes.
    """
    scope = Scope.of_dealer(actor) if actor.dealer_id is not None else Scope.of_staff(actor)
    if scope != session.execution_options[_SCOPE]:
        session.execution_options = session.execution_options.union(
            {_SCOPE: scope}
        )  # for what follows a rollback
        session.connection().exec_driver_sql(_setting(scope), execution_options=_AS_IT_IS)


def scope_of(session: Session) -> Scope:
    """Whose rows a session sees."""
    return cast(Scope, session.execution_options[_SCOPE])


def rows_changed(session: Session, statement: Executable, parameters: Mapping[str, Any] | None = None) -> int:
    """Execute an insert, update or delete; how many rows it wrote."""
    return cast(CursorResult[*tuple[Any, ...]], session.execute(statement, parameters)).rowcount


def value_of(kind: type[V], row: Record, **others: Any) -> V:
    """A value of the dataclass `kind` from the columns of a row that are called like its fields; `others` are
    the fields that no column has.

    A row with exactly the columns of the fields is read by ``Kind(**row._mapping)``.
    """
    names = _names_of(kind)  # type: ignore[arg-type]  # a class is hashable
    return kind(**{name: getattr(row, name) for name in names if name not in others}, **others)


@cache
def _names_of(kind: type) -> tuple[str, ...]:
    return tuple(field.name for field in fields(kind))


def sealer_of(session: Session) -> Sealer:
    """What makes serial ids opaque."""
    return cast(Sealer, session.info["sealer"])


def _begin(connection: Connection) -> None:
    """BEGIN and the scope of the transaction, in one round trip."""
    scope: Scope | None = connection.get_execution_options().get(_SCOPE)
    opening = "BEGIN" if scope is None else f"BEGIN; {_setting(scope)}"
    connection.exec_driver_sql(opening, execution_options=_AS_IT_IS)


def _send_as_it_is(cursor: Cursor, statement: str, _context: object) -> bool:
    """The driver would prepare what it has sent five times, and two commands in one cannot be prepared."""
    cursor.execute(statement, prepare=False)
    return True


@lru_cache(maxsize=4096)
def _setting(scope: Scope) -> str:
    """For this transaction only, so that PgBouncer may pool by transaction."""
    values = [
        ("app.dealer_id", scope.dealer_id),
        ("app.region_ids", scope.region_ids),
        ("app.actor_id", scope.actor_id),
    ]
    if scope.on_behalf_of:  # nobody else is what a transaction begins with
        values.append(("app.on_behalf_of", scope.on_behalf_of))
    return "SELECT " + ", ".join(
        f"set_config('{name}', {Literal(value).as_string()}, true)" for name, value in values
    )


@event.listens_for(Session, "after_commit")
def _signal_outbox(session: Session) -> None:
    if session.info.pop("outbox", False) and session.info.get("outbox_signal"):
        session.info["outbox_signal"]()
