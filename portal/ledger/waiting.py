"""The work of finance: corrections to decide on; and what a dealer has to pay."""

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

_TO_DECIDE = text(
    """
    SELECT count(*) FROM (
      SELECT FROM correction_request WHERE state = 'waiting' AND proposed_by <> :actor LIMIT :most) met
    """
)


def work(session: Session, actor: Actor, _at: datetime, _today: date) -> Iterator[Waiting]:
    """Corrections that somebody else has asked for."""
    if actor.may(LedgerRight.APPROVE):
        count = session.execute(_TO_DECIDE, {"actor": actor.key, "most": COUNTED_MAX + 1}).scalar_one()
        yield Waiting(N_("Corrections to decide on"), count, "corrections.index", is_urgent=True)
