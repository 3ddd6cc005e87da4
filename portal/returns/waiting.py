"""Returns that wait for headquarters: to be decided on, to arrive, to be inspected."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime

from sqlalchemy import text
from sqlalchemy.orm import Session

from portal.kernel.actor import Actor
from portal.kernel.errors import N_
from portal.kernel.manifest import Waiting
from portal.kernel.paging import COUNTED_MAX
from portal.returns.rules import ReturnState
from portal.returns.vocabulary import ReturnRight

_COUNT = text("SELECT count(*) FROM (SELECT FROM return_request WHERE state = :state LIMIT :most) met")


def work(session: Session, actor: Actor, _at: datetime, _today: date) -> Iterator[Waiting]:
    """What an employee who handles returns, or inspects them, has to do."""
    if not actor.is_staff:
        return
    if actor.may(ReturnRight.HANDLE):
        yield _waiting(session, N_("Returns to decide on"), ReturnState.REQUESTED)
    if actor.may(ReturnRight.INSPECT):
        yield _waiting(session, N_("Returns to inspect"), ReturnState.RECEIVED)


def _waiting(session: Session, label: str, state: ReturnState) -> Waiting:
    count = session.execute(_COUNT, {"state": state, "most": COUNTED_MAX + 1}).scalar_one()
    return Waiting(label, count, "returns_desk.index", {"status": str(state)})
