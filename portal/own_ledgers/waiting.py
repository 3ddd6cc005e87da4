"""Compared ledgers whose differences wait for headquarters' answer."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime

from sqlalchemy import text
from sqlalchemy.orm import Session

from portal.kernel.actor import Actor
from portal.kernel.errors import N_
from portal.kernel.manifest import Tally, Waiting
from portal.ledger.vocabulary import LedgerRight

# At most 200 of them.
_WAITING = text(
    """
    SELECT count(*) FROM (
      SELECT FROM own_ledger o
       WHERE o.state = 'done'
         AND EXISTS (SELECT FROM own_ledger_difference f
                      WHERE (f.dealer_id, f.ledger_id) = (o.dealer_id, o.id) AND f.staff_answer = 'open')
       LIMIT 200) met
    """
)


def work(_session: Session, actor: Actor, _at: datetime, _today: date) -> Iterator[Tally]:
    """What headquarters' finance has to answer."""
    if actor.is_staff and actor.may(LedgerRight.POST):
        label = N_("Dealers' ledgers with unanswered differences")
        yield Tally(Waiting(label, 0, "own_ledgers_desk.index"), _WAITING)
