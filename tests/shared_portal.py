"""A portal shared by tests that only ask: making one takes longer than asking it.

A test says so itself, and is held to it::

    @pytest.mark.only_asks
    def test_products_are_listed(huadong): ...

    @pytest.mark.only_asks(scene=invoices)  # what lies there before anybody asks: invoices(connection)

All its fixtures then stand on one portal of the run, or of that scene. Whoever leaves anything in a table
fails, so that no test feels what another did.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from flask import Flask
from sqlalchemy import Connection, TextClause, text

from config import Settings
from portal.capabilities import metadata
from tests.registered_blueprints import create_app

MARK = "only_asks"
Scene = Callable[[Connection], None]

# Whoever comes in leaves traces there, and no answer about anything else tells them.
_SIGNING_IN = frozenset(
    {
        "api_client",
        "audit_event",
        "authorization_code",
        "refresh_token",
        "refused_attempt",
        "sign_in",
        "sign_in_step",
        "revoked_token",
        "signing_key",
        "used_assertion",
        "user_session",
    }
)


@contextmanager
def opened(settings: Settings) -> Iterator[Flask]:
    """The application with these settings; its connections are closed in the end."""
    app = create_app(settings)
    app.testing = True
    yield app
    app.database.dispose()
    app.issuer_database.dispose()
    app.valkey.close()


@dataclass
class SharedPortal:
    """An application in front of a scene. `owner` sees every row."""

    name: str
    app: Flask
    owner: Connection
    _made: dict[Hashable, Any] = field(default_factory=dict)
    _settings: Settings = field(init=False)
    _state: dict[str, tuple[int, int | None]] = field(init=False)
    _writers: int = field(init=False)

    def __post_init__(self) -> None:
        self._settings = self.app.settings
        self._state, self._writers = _state(self.owner), writers_of(self.owner)

    def once(self, key: Hashable, make: Callable[[], Any]) -> Any:
        """What the first test that needs it makes for all, such as a program's token."""
        if key not in self._made:
            self._made[key] = make()
        return self._made[key]

    def require_unchanged(self) -> None:
        """Fail the test that has just written, or set the application otherwise."""
        assert self.app.settings is self._settings and self.app.testing, f"take off `{MARK}`"
        if self._writers == (writers := writers_of(self.owner)):
            return
        before, self._state, self._writers = self._state, _state(self.owner), writers
        written = [table for table, state in self._state.items() if state != before[table]]
        assert not written, f"this test writes {', '.join(written)}: it does not only ask, take off `{MARK}`"


def writers_of(owner: Connection) -> int:
    """How many transactions of the server have written so far; without one more, no table needs a look."""
    return owner.execute(text("SELECT pg_snapshot_xmax(pg_current_snapshot())::text::bigint")).scalar_one()


def _state(owner: Connection) -> dict[str, tuple[int, int | None]]:
    """Of every table how many rows it has and the last transaction that wrote one."""
    return {table: (rows, last) for table, rows, last in owner.execute(_asking_for_state())}


@cache
def _asking_for_state() -> TextClause:
    return text(
        " UNION ALL ".join(
            f"SELECT '{table.name}', count(*), max(xmin::text::bigint) FROM {table.name}"
            for table in metadata.sorted_tables
            if table.name not in _SIGNING_IN
        )
    )
