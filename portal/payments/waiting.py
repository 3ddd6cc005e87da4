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
from portal.payments.rules import UNBOOKED, EventState

# What a worker should have handled long ago is somebody's to look at, too.
# Money in another currency is no part of the amount; its events are counted.
_WAITING = text(
    """
    SELECT (SELECT count(*) FROM (
              SELECT FROM stripe_event
               WHERE state = 'waiting'
                  OR (state = 'kept' AND received_at < CAST(:at AS timestamptz) - interval '1 hour')
               LIMIT :most) met) AS waiting,
           count(*) AS aside, sum(u.unbooked) FILTER (WHERE u.trouble <> 'wrong_currency') AS amount
      FROM (SELECT unbooked, trouble FROM stripe_event WHERE state = 'aside' AND unbooked <> 0 LIMIT :most) u
    """
)


def work(session: Session, actor: Actor, at: datetime, _today: date) -> Iterator[Waiting]:
    """Money that Stripe tells of and that the books could not take."""
    if actor.is_staff and actor.region_ids is None and actor.may(LedgerRight.POST):
        found = session.execute(_WAITING, {"at": at, "most": COUNTED_MAX + 1}).one()
        state, page = {"status": str(EventState.WAITING)}, "stripe_events.index"
        yield Waiting(N_("Events of Stripe to look at"), found.waiting, page, state, is_urgent=True)
        label, amount = N_("Set aside at Stripe, not booked"), found.amount
        yield Waiting(label, found.aside, page, {"status": UNBOOKED}, amount=amount)
