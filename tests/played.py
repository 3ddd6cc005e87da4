"""What many tests begin from, played once.

A parcel on its way takes a fifth of a second to act out, a company's busy month one or two; a copy of either
takes a twentieth. So what a module's tests have in common, before each goes its own way, is acted out once a
process, through the verbs, and each of them gets a copy of what that left, as others get one of the cast on
stage::

    @played
    def under_way(given, database, owner):
        return given.a_delivery_of(given.an_order({cast.gloves: 3}).number).shipment_number

    def test_it_is_signed_for(under_way, database): ...

It is asked for like a fixture and hands on what the play answered: numbers and other values that nobody
changes. A test has one play. Bytes of files are not copied, only rows.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest
from sqlalchemy import Connection

from portal.kernel.db import Database
from portal.kernel.opaque import Sealer
from tests import servers
from tests.builders import Given

Play = Callable[[Given, Database, Connection], Any]

_FIRST = 70_001  # what a test makes after a play has numbers of its own
_plays: dict[int, Play] = {}  # by the fixture that stands for it


def played(play: Play) -> Any:
    """A fixture for what the play answers; a test that asks for it begins where the play ended."""

    @pytest.fixture(name=play.__name__)
    def answer(stages: Stages) -> Any:
        return stages.after(play).answer

    _plays[id(answer)] = play
    return answer


def play_of(request: pytest.FixtureRequest) -> Play | None:
    """What a test wants played before it."""
    asked = (id(getattr(request.module, name, None)) for name in request.fixturenames)
    wanted = [_plays[one] for one in asked if one in _plays]
    assert len(wanted) <= 1, "a test begins where one play ended: make one of them"
    return wanted[0] if wanted else None


@dataclass(frozen=True)
class Stage:
    """A database in which a play has ended, with its answer. Nobody connects to it: it is copied."""

    name: str
    answer: Any


@dataclass
class Stages:
    """Those of this process."""

    cluster: servers.Cluster
    template: str
    secret_key: str
    _after: dict[Play, Stage] = field(default_factory=dict)

    def after(self, play: Play) -> Stage:
        """Where a play has ended."""
        if play not in self._after:
            name = self.cluster.create(f"played_{len(self._after) + 1}", template=self.template)
            try:
                self._after[play] = Stage(name, self._act(play, name))
            except BaseException:
                self.cluster.drop(name)
                raise
        return self._after[play]

    def drop(self) -> None:
        """Drop all of them."""
        for stage in self._after.values():
            self.cluster.drop(stage.name)

    def _act(self, play: Play, name: str) -> Any:
        database = servers.database(self.cluster.app_url(name), sealer=Sealer(self.secret_key))
        engine = servers.owner_engine(self.cluster.owner_url(name))
        try:
            with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as owner:
                return play(Given(owner, database, _FIRST), database, owner)
        finally:
            engine.dispose()
            database.dispose()
