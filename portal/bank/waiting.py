"""The work of finance: bookings that nobody has matched, and files that ask something."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime

from sqlalchemy import text
from sqlalchemy.orm import Session

from portal.bank.queries import waiting_count
from portal.kernel.actor import Actor
from portal.kernel.errors import N_
from portal.kernel.manifest import Waiting
from portal.kernel.paging import COUNTED_MAX
from portal.ledger.vocabulary import LedgerRight

_DRAFTS = text("SELECT count(*) FROM (SELECT FROM bank_file WHERE state = 'draft' LIMIT :most) met")


def work(session: Session, actor: Actor, _at: datetime, _today: date) -> Iterator[Waiting]:
    """What waits of the bank."""
    if not actor.may(LedgerRight.POST) or actor.region_ids is not None:
        return
    yield Waiting(N_("Bank bookings to match"), waiting_count(session), "bank.queue")
    drafts = session.execute(_DRAFTS, {"most": COUNTED_MAX + 1}).scalar_one()
    yield Waiting(N_("Bank statements that ask something"), drafts, "bank_files.index")
