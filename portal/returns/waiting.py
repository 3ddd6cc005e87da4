"""Returns that wait for headquarters: to be decided on, to arrive, to be inspected."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime

from sqlalchemy import text
from sqlalchemy.orm import Session

from portal.coldchain.vocabulary import ColdChainRight
from portal.kernel.actor import Actor
from portal.kernel.errors import N_
from portal.kernel.manifest import Waiting
from portal.kernel.paging import COUNTED_MAX
from portal.returns.rules import ReturnState
from portal.returns.vocabulary import ReturnRight

_COUNTS = text(
    """
    SELECT (SELECT count(*) FROM (SELECT FROM return_request WHERE state = 'requested' LIMIT :most) met)
             AS requested,
           (SELECT count(*) FROM (SELECT FROM return_request WHERE state = 'received' LIMIT :most) met)
             AS received,
           (SELECT count(*) FROM (SELECT FROM return_request
                                   WHERE state = 'requested' AND evidence = 'doubtful' LIMIT :most) met)
             AS doubtful
    """
)


def work(session: Session, actor: Actor, _at: datetime, _today: date) -> Iterator[Waiting]:
    """What an employee who handles returns, or inspects them, has to do."""
    if not any(map(actor.may, (ReturnRight.HANDLE, ReturnRight.INSPECT, ColdChainRight.DECIDE))):
        return
    counts = session.execute(_COUNTS, {"most": COUNTED_MAX + 1}).one()
    to_decide, to_inspect = {"status": str(ReturnState.REQUESTED)}, {"status": str(ReturnState.RECEIVED)}
    if actor.may(ReturnRight.HANDLE):
        yield Waiting(N_("Returns to decide on"), counts.requested, "returns_desk.index", to_decide)
    if actor.may(ReturnRight.INSPECT):
        yield Waiting(N_("Returns to inspect"), counts.received, "returns_desk.index", to_inspect)
    if actor.may(ColdChainRight.DECIDE):
        label = N_("Returns whose temperatures are in doubt")
        yield Waiting(label, counts.doubtful, "returns_desk.index", to_decide)
