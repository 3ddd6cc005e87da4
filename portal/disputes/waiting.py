"""Disputes that wait for headquarters' answer."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime

from sqlalchemy import text
from sqlalchemy.orm import Session

from portal.disputes.rules import DisputeState
from portal.kernel.actor import Actor
from portal.kernel.errors import N_
from portal.kernel.manifest import Waiting
from portal.kernel.paging import COUNTED_MAX
from portal.ledger.vocabulary import LedgerRight

_OPEN = text("SELECT count(*) FROM (SELECT FROM dispute WHERE state = 'open' LIMIT :most) met")
_PROPOSED = text(
    """
    SELECT count(*) FROM (
      SELECT FROM dispute WHERE state = 'open' AND proposed_by <> :actor LIMIT :most) met
    """
)


def work(session: Session, actor: Actor, _at: datetime, _today: date) -> Iterator[Waiting]:
    """What finance has to answer."""
    if actor.is_staff and actor.may(LedgerRight.POST):
        count = session.execute(_OPEN, {"most": COUNTED_MAX + 1}).scalar_one()
        yield Waiting(
            N_("Disputes to answer"), count, "disputes_desk.index", {"status": str(DisputeState.OPEN)}
        )
    if actor.is_staff and actor.may(LedgerRight.APPROVE):
        asked = {"most": COUNTED_MAX + 1, "actor": actor.key}
        count = session.execute(_PROPOSED, asked).scalar_one()
        status = {"status": str(DisputeState.OPEN)}
        yield Waiting(N_("Answers to disputes to approve"), count, "disputes_desk.index", status)
