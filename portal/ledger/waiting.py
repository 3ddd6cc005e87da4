"""The work of finance: corrections to decide on; and what a dealer has to pay."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime

from sqlalchemy import text
from sqlalchemy.orm import Session

from portal.kernel.actor import Actor
from portal.kernel.errors import N_
from portal.kernel.manifest import Tally, Waiting
from portal.ledger.vocabulary import LedgerRight

_TO_DECIDE = text(
    """
    SELECT count(*) FROM (
      SELECT FROM correction_request WHERE state = 'waiting' AND proposed_by <> :actor LIMIT :most) met
    """
)


def work(_session: Session, actor: Actor, _at: datetime, _today: date) -> Iterator[Tally]:
    """Corrections that somebody else has asked for."""
    if actor.may(LedgerRight.APPROVE):
        waiting = Waiting(N_("Corrections to decide on"), 0, "corrections.index", is_urgent=True)
        yield Tally(waiting, _TO_DECIDE)
