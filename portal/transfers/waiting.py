"""The work of transfers: what should have arrived, and what is missing of what did."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime

from sqlalchemy import text
from sqlalchemy.orm import Session

from portal.kernel.actor import Actor
from portal.kernel.errors import N_
from portal.kernel.manifest import Waiting
from portal.transfers.vocabulary import TransferRight

_OVERDUE = text("SELECT count(*) FROM stock_transfer WHERE state = 'in_transit' AND expected_on <= :today")
_DIFFERING = text("SELECT count(*) FROM stock_transfer WHERE state = 'differing' AND received_by <> :actor")


def work(session: Session, actor: Actor, _at: datetime, today: date) -> Iterator[Waiting]:
    """Transfers that are due, and differences that another person found."""
    if actor.may(TransferRight.TRANSFER):
        due = session.execute(_OVERDUE, {"today": today}).scalar_one()
        yield Waiting(N_("Transfers due to arrive"), due, "transfers.index", {"status": "in_transit"})
        differing = session.execute(_DIFFERING, {"actor": actor.key}).scalar_one()
        values = {"status": "differing"}
        yield Waiting(N_("Transfers with units missing"), differing, "transfers.index", values)
