"""What many tests begin from, played once.

A company's busy month takes seconds to act out, a copy of it a twentieth of one. So what a module's tests
have in common before each goes its own way is a function, which they name::

    def a_busy_month(given, database, owner): ...

    @pytest.mark.begins_after(play=a_busy_month)
    def test_damage_is_found(database, owner): ...

It is acted out once a process, through the verbs, and every such test gets a copy of what it left, as others
get one of the cast on stage. What it answers is not handed on: a test finds what it needs by asking.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from sqlalchemy import Connection

from portal.kernel.db import Database
from portal.kernel.opaque import Sealer
from tests import servers
from tests.builders import Given

MARK = "begins_after"
Play = Callable[[Given, Database, Connection], None]


@dataclass
class Stages:
    """Databases in which plays have ended. Nobody connects to them: they are copied."""

    cluster: servers.Cluster
    template: str
    secret_key: str
    _after: dict[Play, str] = field(default_factory=dict)

    def after(self, play: Play) -> str:
        """Name of the database in which a play has ended."""
        if play not in self._after:
            name = self.cluster.create(f"played_{len(self._after) + 1}", template=self.template)
            try:
                self._play(play, name)
            except BaseException:
                self.cluster.drop(name)
                raise
            self._after[play] = name
        return self._after[play]

    def drop(self) -> None:
        """Drop all of them."""
        for name in self._after.values():
            self.cluster.drop(name)

    def _play(self, play: Play, name: str) -> None:
        database = Database(self.cluster.app_url(name), sealer=Sealer(self.secret_key))
        engine = servers.owner_engine(self.cluster.owner_url(name))
        try:
            with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as owner:
                play(Given(owner, database), database, owner)
        finally:
            engine.dispose()
            database.dispose()
