"""The work of a dealer's own people: orders to approve, recurring orders that were skipped."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime

from sqlalchemy.orm import Session

from portal.kernel.actor import Actor
from portal.kernel.errors import N_
from portal.kernel.manifest import Waiting
from portal.orders.vocabulary import OrderRight
from portal.purchasing.drafts import waiting_count
from portal.purchasing.recurring import skipped_count
from portal.purchasing.vocabulary import PurchasingRight


def work(session: Session, actor: Actor, _at: datetime, _today: date) -> Iterator[Waiting]:
    """Orders of colleagues above their amount, and what a recurring order could not do."""
    if actor.dealer_id is None:
        return
    if actor.may(PurchasingRight.APPROVE):
        count = waiting_count(session, actor=actor)
        yield Waiting(
            N_("Orders to approve"), count, "order_drafts.index", {"state": "waiting"}, is_urgent=True
        )
    if actor.may(OrderRight.WRITE):
        count = skipped_count(session, actor=actor)
        yield Waiting(N_("Recurring orders that were skipped"), count, "recurring_orders.index")
