"""Changes of credit that wait for another person; stops that hold orders."""

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
      SELECT FROM credit_change WHERE state = 'submitted' AND NOT :actor = ANY (written_by) LIMIT :most) met
    """
)


def work(_session: Session, actor: Actor, _at: datetime, _today: date) -> Iterator[Tally]:
    """Changes that somebody else has proposed."""
    if actor.is_staff and actor.may(LedgerRight.APPROVE):
        label, status = N_("Credit limits and terms to decide on"), {"status": "submitted"}
        yield Tally(Waiting(label, 0, "credit_limits.index", status, is_urgent=True), _TO_DECIDE)
