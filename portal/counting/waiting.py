"""The work of counting: what has to be counted, and what another person counted and has to be approved."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime

from sqlalchemy import text
from sqlalchemy.orm import Session

from portal.counting.rules import CountState
from portal.counting.vocabulary import CountingRight
from portal.kernel.actor import Actor
from portal.kernel.errors import N_
from portal.kernel.manifest import Waiting

_UNDER_WAY = text("SELECT count(*) FROM stock_count WHERE state IN ('counting', 'recounting')")
_TO_APPROVE = text(
    """
    SELECT count(*) FROM stock_count c
     WHERE c.state = 'submitted' AND :actor NOT IN (c.opened_by, c.submitted_by)
       AND NOT EXISTS (SELECT FROM stock_count_entry e WHERE e.count_id = c.id AND e.actor = :actor)
    """
)


def work(session: Session, actor: Actor, _at: datetime, _today: date) -> Iterator[Waiting]:
    """Counts under way, and those that this person may decide on."""
    if actor.may(CountingRight.COUNT):
        yield Waiting(
            N_("Stock counts under way"), session.execute(_UNDER_WAY).scalar_one(), "counting.index"
        )
    if actor.may(CountingRight.APPROVE):
        count = session.execute(_TO_APPROVE, {"actor": actor.key}).scalar_one()
        values = {"status": str(CountState.SUBMITTED)}
        yield Waiting(N_("Stock counts to approve"), count, "counting.index", values)
