"""What waits of payments: events that could not be posted, for finance; payments under way, for a dealer."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime

from sqlalchemy import text
from sqlalchemy.orm import Session

from portal.kernel.actor import Actor
from portal.kernel.errors import N_
from portal.kernel.manifest import Waiting
from portal.kernel.paging import COUNTED_MAX
from portal.ledger.vocabulary import LedgerRight
from portal.payments.rules import EventState

_WAITING = text("SELECT count(*) FROM (SELECT FROM stripe_event WHERE state = 'waiting' LIMIT :most) met")


def work(session: Session, actor: Actor, _at: datetime, _today: date) -> Iterator[Waiting]:
    """Money that Stripe tells of and that the books could not take."""
    if actor.is_staff and actor.region_ids is None and actor.may(LedgerRight.POST):
        count = session.execute(_WAITING, {"most": COUNTED_MAX + 1}).scalar_one()
        state = {"status": str(EventState.WAITING)}
        yield Waiting(N_("Events of Stripe to look at"), count, "stripe_events.index", state, is_urgent=True)
