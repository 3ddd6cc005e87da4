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
from portal.kernel.manifest import Tally, Waiting

_UNDER_WAY = text(
    """
    SELECT count(*) FROM (SELECT FROM stock_count
                           WHERE state IN ('counting', 'recounting') LIMIT :most) met
    """
)
_TO_APPROVE = text(
    """
    SELECT count(*) FROM (SELECT FROM stock_count c
                           WHERE c.state = 'submitted' AND :actor NOT IN (c.opened_by, c.submitted_by)
                             AND NOT EXISTS (SELECT FROM stock_count_entry e
                                              WHERE e.count_id = c.id AND e.actor = :actor)
                           LIMIT :most) met
    """
)


def work(_session: Session, actor: Actor, _at: datetime, _today: date) -> Iterator[Tally]:
    """Counts under way, and those that this person may decide on."""
    if actor.may(CountingRight.COUNT):
        yield Tally(Waiting(N_("Stock counts under way"), 0, "counting.index"), _UNDER_WAY)
    if actor.may(CountingRight.APPROVE):
        values = {"status": str(CountState.SUBMITTED)}
        yield Tally(Waiting(N_("Stock counts to approve"), 0, "counting.index", values), _TO_APPROVE)
