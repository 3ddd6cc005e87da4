"""What waits, as pages are told of it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date, datetime

from sqlalchemy.orm import Session

from portal.kernel.actor import Actor
from portal.kernel.manifest import Tally, Waiting
from portal.kernel.tallies import counted
from tests import cast

Source = Callable[[Session, Actor, datetime, date], Iterable[Waiting | Tally]]


def waiting(
    session: Session, actor: Actor, *sources: Source, at: datetime = cast.NOW, today: date = cast.TODAY
) -> list[Waiting]:
    """What capabilities tell of, with its numbers."""
    told = (one for source in sources for one in source(session, actor, at, today))
    return counted(session, told, actor=actor, at=at, today=today)
