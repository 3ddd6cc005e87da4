"""The work of a dealer's own people: orders to approve, recurring orders that were skipped."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime

from sqlalchemy import text
from sqlalchemy.orm import Session

from portal.kernel.actor import Actor
from portal.kernel.errors import N_
from portal.kernel.manifest import Tally, Waiting
from portal.orders.vocabulary import OrderRight
from portal.purchasing.vocabulary import PurchasingRight


def work(_session: Session, actor: Actor, _at: datetime, _today: date) -> Iterator[Tally]:
    """Orders of colleagues above their amount, and what a recurring order could not do."""
    if actor.dealer_id is None:
        return
    if actor.may(PurchasingRight.APPROVE):
        state = {"state": "waiting"}
        yield Tally(
            Waiting(N_("Orders to approve"), 0, "order_drafts.index", state, is_urgent=True), _TO_APPROVE
        )
    if actor.may(OrderRight.WRITE):
        label = N_("Recurring orders that were skipped")
        yield Tally(Waiting(label, 0, "recurring_orders.index"), _SKIPPED)


_TO_APPROVE = text(
    """
    SELECT count(*) FROM (SELECT FROM order_draft
                           WHERE dealer_id = :dealer_id AND state = 'waiting' AND asked_by <> :actor
                           LIMIT :most) met
    """
)
_SKIPPED = text(
    """
    SELECT count(*) FROM (SELECT FROM recurring_order r
                           WHERE r.dealer_id = :dealer_id AND NOT r.paused
                             AND (SELECT u.outcome FROM recurring_run u
                                   WHERE u.dealer_id = r.dealer_id AND u.recurring_id = r.id
                                   ORDER BY u.due_on DESC LIMIT 1) = 'skipped'
                           LIMIT :most) met
    """
)
