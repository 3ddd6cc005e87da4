"""Disputes that wait for headquarters' answer."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime

from sqlalchemy import text
from sqlalchemy.orm import Session

from portal.disputes.rules import DisputeState
from portal.kernel.actor import Actor
from portal.kernel.errors import N_
from portal.kernel.manifest import Tally, Waiting
from portal.ledger.vocabulary import LedgerRight

_OPEN = text("SELECT count(*) FROM (SELECT FROM dispute WHERE state = 'open' LIMIT :most) met")
_PROPOSED = text(
    """
    SELECT count(*) FROM (
      SELECT FROM dispute WHERE state = 'open' AND proposed_by <> :actor LIMIT :most) met
    """
)


def work(_session: Session, actor: Actor, _at: datetime, _today: date) -> Iterator[Tally]:
    """What finance has to answer."""
    status = {"status": str(DisputeState.OPEN)}
    if actor.is_staff and actor.may(LedgerRight.POST):
        yield Tally(Waiting(N_("Disputes to answer"), 0, "disputes_desk.index", status), _OPEN)
    if actor.is_staff and actor.may(LedgerRight.APPROVE):
        label = N_("Answers to disputes to approve")
        yield Tally(Waiting(label, 0, "disputes_desk.index", status), _PROPOSED)
