"""The portal's own verbs within the load: as the people of the demonstration, at moments of its past."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime

import psycopg
from sqlalchemy import Engine, create_engine, text
from sqlalchemy.orm import Session
from sqlalchemy.pool import PoolProxiedConnection, StaticPool

from portal.identity.rules import rights_of
from portal.kernel.actor import Actor
from portal.kernel.registry import registry
from portal.rebates.ask_simulation import SIMULATE

_PERSON = text(
    "SELECT id, display_name, roles, dealer_id, region_ids, all_regions FROM user_account"
    " WHERE email = :email"
)
_AT = text("SELECT set_config('demo.at', :at, false)")
_WRITTEN = "ALTER TABLE audit_event ALTER COLUMN at SET DEFAULT "
_THEN = f"{_WRITTEN} CAST(current_setting('demo.at') AS timestamptz)"
_FORGOTTEN = "DELETE FROM outbox WHERE id > %s AND topic <> %s"
_NOW = f"{_WRITTEN} clock_timestamp()"


@dataclass(frozen=True, slots=True)
class Acting:
    """Where the verbs act. Nothing that they leave for workers is kept, as it was done long ago;
    but for a simulation that is not done.
    """

    session: Session
    _people: dict[str, Actor] = field(default_factory=dict)

    def at(self, moment: datetime) -> datetime:
        """What is done next is done at this moment, says the audit too."""
        self.session.commit()  # for the session; the loader's own transaction goes on
        self.session.execute(_AT, {"at": moment.isoformat()})
        return moment

    def staff(self, desk: str) -> Actor:
        """Somebody of headquarters."""
        return self._person(f"{desk}@hq.example")

    def dealer(self, dealer_id: int, desk: str = "finance") -> Actor:
        """Somebody of one of the first dealers."""
        return self._person(f"{desk}@d{dealer_id:04d}.example")

    def _person(self, email: str) -> Actor:
        if email not in self._people:
            row = self.session.execute(_PERSON, {"email": email}).one()
            self._people[email] = Actor(
                label=row.display_name,
                rights=rights_of(frozenset(row.roles), registry().rights),
                user_id=row.id,
                dealer_id=row.dealer_id,
                region_ids=None if row.all_regions else tuple(row.region_ids),
                roles=frozenset(row.roles),
            )
        return self._people[email]


@contextmanager
def acting(connection: psycopg.Connection) -> Iterator[Acting]:
    """Let verbs act within the loader's own transaction, which they neither commit nor roll back."""
    row = connection.execute("SELECT coalesce(max(id), 0) FROM outbox").fetchone()
    connection.execute(_THEN)
    with Session(_engine(connection)) as session:
        yield Acting(session)
        session.flush()
    connection.execute(_NOW)
    connection.execute(_FORGOTTEN, (row[0] if row else 0, SIMULATE))


def _engine(connection: psycopg.Connection) -> Engine:
    engine = create_engine(
        "postgresql+psycopg://",
        creator=lambda: connection,
        poolclass=StaticPool,
        pool_reset_on_return=None,
        use_native_hstore=False,
    )
    engine.dialect.do_commit = _leave_open  # type: ignore[method-assign]
    engine.dialect.do_rollback = _leave_open  # type: ignore[method-assign]
    return engine


def _leave_open(dbapi_connection: PoolProxiedConnection) -> None:
    """The loader ends its transaction when everything is loaded."""
