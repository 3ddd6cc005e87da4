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
from portal.kernel.paging import COUNTED_MAX

_COUNTS = text(
    """
    SELECT (SELECT count(*) FROM (SELECT FROM stock_count
             WHERE state IN ('counting', 'recounting') LIMIT :most) met) AS under_way,
           (SELECT count(*) FROM (SELECT FROM stock_count c
             WHERE c.state = 'submitted' AND :actor NOT IN (c.opened_by, c.submitted_by)
               AND NOT EXISTS (SELECT FROM stock_count_entry e
                                WHERE e.count_id = c.id AND e.actor = :actor)
             LIMIT :most) met) AS to_approve
    """
)


def work(session: Session, actor: Actor, _at: datetime, _today: date) -> Iterator[Waiting]:
    """Counts under way, and those that this person may decide on."""
    if not (actor.may(CountingRight.COUNT) or actor.may(CountingRight.APPROVE)):
        return
    counts = session.execute(_COUNTS, {"actor": actor.key, "most": COUNTED_MAX + 1}).one()
    if actor.may(CountingRight.COUNT):
        yield Waiting(N_("Stock counts under way"), counts.under_way, "counting.index")
    if actor.may(CountingRight.APPROVE):
        values = {"status": str(CountState.SUBMITTED)}
        yield Waiting(N_("Stock counts to approve"), counts.to_approve, "counting.index", values)
