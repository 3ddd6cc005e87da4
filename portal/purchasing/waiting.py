"""The work of a dealer's own people: orders to approve, recurring orders that were skipped."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime

from sqlalchemy import text
from sqlalchemy.orm import Session

from portal.kernel.actor import Actor
from portal.kernel.errors import N_
from portal.kernel.manifest import Waiting
from portal.kernel.paging import COUNTED_MAX
from portal.orders.vocabulary import OrderRight
from portal.purchasing.vocabulary import PurchasingRight


def work(session: Session, actor: Actor, _at: datetime, _today: date) -> Iterator[Waiting]:
    """Orders of colleagues above their amount, and what a recurring order could not do: one statement."""
    if actor.dealer_id is None or not (actor.may(PurchasingRight.APPROVE) or actor.may(OrderRight.WRITE)):
        return
    whose = {"dealer_id": actor.dealer_id, "actor": actor.key, "most": COUNTED_MAX + 1}
    count = session.execute(_COUNTS, whose).one()
    if actor.may(PurchasingRight.APPROVE):
        yield Waiting(
            N_("Orders to approve"), count.drafts, "order_drafts.index", {"state": "waiting"}, is_urgent=True
        )
    if actor.may(OrderRight.WRITE):
        yield Waiting(N_("Recurring orders that were skipped"), count.skipped, "recurring_orders.index")


_COUNTS = text(
    """
    SELECT (SELECT count(*) FROM (SELECT FROM order_draft
                                   WHERE dealer_id = :dealer_id AND state = 'waiting' AND asked_by <> :actor
                                   LIMIT :most) d) AS drafts,
           (SELECT count(*) FROM (SELECT FROM recurring_order r
                                   WHERE r.dealer_id = :dealer_id AND NOT r.paused
                                     AND (SELECT u.outcome FROM recurring_run u
                                           WHERE u.dealer_id = r.dealer_id AND u.recurring_id = r.id
                                           ORDER BY u.due_on DESC LIMIT 1) = 'skipped'
                                   LIMIT :most) s) AS skipped
    """
)
