"""The work of finance: bookings that nobody has matched, and files that ask something."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime

from sqlalchemy import text
from sqlalchemy.orm import Session

from portal.bank.queries import WAITING
from portal.kernel.actor import Actor
from portal.kernel.errors import N_
from portal.kernel.manifest import Tally, Waiting
from portal.ledger.vocabulary import LedgerRight

_DRAFTS = text("SELECT count(*) FROM (SELECT FROM bank_file WHERE state = 'draft' LIMIT :most) met")


def work(_session: Session, actor: Actor, _at: datetime, _today: date) -> Iterator[Tally]:
    """What waits of the bank."""
    if not actor.may(LedgerRight.POST) or actor.region_ids is not None:
        return
    yield Tally(Waiting(N_("Bank bookings to match"), 0, "bank.queue"), WAITING)
    yield Tally(Waiting(N_("Bank statements that ask something"), 0, "bank_files.index"), _DRAFTS)
