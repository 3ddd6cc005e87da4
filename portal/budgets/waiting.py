"""What waits for whoever decides on activities and budgets."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime

from sqlalchemy import text
from sqlalchemy.orm import Session

from portal.budgets.vocabulary import BudgetRight
from portal.kernel.actor import Actor
from portal.kernel.errors import N_
from portal.kernel.manifest import Waiting
from portal.kernel.paging import COUNTED_MAX


def work(session: Session, actor: Actor, _at: datetime, today: date) -> Iterator[Waiting]:
    """Activities to decide on and to close, and budgets that another person proposed."""
    if actor.may(BudgetRight.DECIDE):
        found = session.execute(_ACTIVITIES, {"most": COUNTED_MAX + 1, "today": today}).one()
        submitted, approved = {"status": "submitted"}, {"status": "approved"}
        yield Waiting(N_("Activities to decide on"), found.submitted, "activities_desk.index", submitted)
        yield Waiting(N_("Activities that are over, to close"), found.over, "activities_desk.index", approved)
    if actor.may(BudgetRight.APPROVE):
        reach = {"everywhere": actor.region_ids is None, "region_ids": list(actor.region_ids or ())}
        count = session.execute(_BUDGETS, {**reach, "actor": actor.key}).scalar_one()
        yield Waiting(N_("Budgets to approve"), count, "budgets.index")


_ACTIVITIES = text(
    """
    SELECT (SELECT count(*) FROM (SELECT FROM activity WHERE state = 'submitted' LIMIT :most) met)
             AS submitted,
           (SELECT count(*) FROM (SELECT FROM activity
                                   WHERE state = 'approved' AND last_day < CAST(:today AS date) - 90
                                   LIMIT :most) met) AS over
    """
)
_BUDGETS = text(
    """
    SELECT count(*) FROM budget_proposal w JOIN rebate_budget b ON b.id = w.budget_id
     WHERE w.state = 'waiting' AND w.proposed_by <> :actor
       AND (:everywhere OR b.region_id = ANY (CAST(:region_ids AS bigint[])))
    """
)
