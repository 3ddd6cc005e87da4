"""Tax invoices that somebody has to look at."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime

from sqlalchemy import text
from sqlalchemy.orm import Session

from portal.kernel.actor import Actor
from portal.kernel.errors import N_
from portal.kernel.manifest import Tally, Waiting
from portal.ledger.vocabulary import LedgerRight
from portal.tax_invoices.rules import State

_DIFFERS = text(
    """
    SELECT count(*) FROM (
      SELECT FROM tax_invoice WHERE state = 'differs' AND taken_by <> :actor LIMIT :most) met
    """
)


def work(_session: Session, actor: Actor, _at: datetime, _today: date) -> Iterator[Tally]:
    """What differs and was taken in by somebody else."""
    if actor.is_staff and actor.may(LedgerRight.APPROVE):
        label, state = N_("Tax invoices that differ"), {"state": str(State.DIFFERS)}
        yield Tally(Waiting(label, 0, "tax_invoices_desk.index", state), _DIFFERS)
