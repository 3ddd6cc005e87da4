"""Compared ledgers whose differences wait for headquarters' answer."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime

from sqlalchemy.orm import Session

from portal.kernel.actor import Actor
from portal.kernel.errors import N_
from portal.kernel.manifest import Waiting
from portal.ledger.vocabulary import LedgerRight
from portal.own_ledgers.queries import count_unanswered


def work(session: Session, actor: Actor, _at: datetime, _today: date) -> Iterator[Waiting]:
    """What headquarters' finance has to answer."""
    if actor.is_staff and actor.may(LedgerRight.POST):
        count = count_unanswered(session)
        yield Waiting(N_("Dealers' ledgers with unanswered differences"), count, "own_ledgers_desk.index")
