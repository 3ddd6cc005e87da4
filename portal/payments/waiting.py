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

# What a worker should have handled long ago is somebody's to look at, too.
_WAITING = text(
    """
    SELECT count(*) FROM (
      SELECT FROM stripe_event
       WHERE state = 'waiting'
          OR (state = 'kept' AND received_at < CAST(:at AS timestamptz) - interval '1 hour') LIMIT :most) met
    """
)


def work(session: Session, actor: Actor, at: datetime, _today: date) -> Iterator[Waiting]:
    """Money that Stripe tells of and that the books could not take."""
    if actor.is_staff and actor.region_ids is None and actor.may(LedgerRight.POST):
        count = session.execute(_WAITING, {"at": at, "most": COUNTED_MAX + 1}).scalar_one()
        state = {"status": str(EventState.WAITING)}
        yield Waiting(N_("Events of Stripe to look at"), count, "stripe_events.index", state, is_urgent=True)
