"""Returns that wait for headquarters: to be decided on, to arrive, to be inspected."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime

from sqlalchemy import text
from sqlalchemy.orm import Session

from portal.coldchain.vocabulary import ColdChainRight
from portal.kernel.actor import Actor
from portal.kernel.errors import N_
from portal.kernel.manifest import Tally, Waiting
from portal.returns.rules import ReturnState
from portal.returns.vocabulary import ReturnRight

_REQUESTED = text(
    "SELECT count(*) FROM (SELECT FROM return_request WHERE state = 'requested' LIMIT :most) met"
)
_RECEIVED = text("SELECT count(*) FROM (SELECT FROM return_request WHERE state = 'received' LIMIT :most) met")
_DOUBTFUL = text(
    """
    SELECT count(*) FROM (SELECT FROM return_request
                           WHERE state = 'requested' AND evidence = 'doubtful' LIMIT :most) met
    """
)


def work(_session: Session, actor: Actor, _at: datetime, _today: date) -> Iterator[Tally]:
    """What an employee who handles returns, or inspects them, has to do."""
    to_decide, to_inspect = {"status": str(ReturnState.REQUESTED)}, {"status": str(ReturnState.RECEIVED)}
    if actor.may(ReturnRight.HANDLE):
        yield Tally(Waiting(N_("Returns to decide on"), 0, "returns_desk.index", to_decide), _REQUESTED)
    if actor.may(ReturnRight.INSPECT):
        yield Tally(Waiting(N_("Returns to inspect"), 0, "returns_desk.index", to_inspect), _RECEIVED)
    if actor.may(ColdChainRight.DECIDE):
        label = N_("Returns whose temperatures are in doubt")
        yield Tally(Waiting(label, 0, "returns_desk.index", to_decide), _DOUBTFUL)
