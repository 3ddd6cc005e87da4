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

_COUNTS = text(
    """
    SELECT (SELECT count(*) FROM stock_transfer
             WHERE state = 'in_transit' AND expected_on <= :today) AS overdue,
           (SELECT count(*) FROM stock_transfer
             WHERE state = 'differing' AND received_by <> :actor) AS differing
    """
)


def work(session: Session, actor: Actor, _at: datetime, today: date) -> Iterator[Waiting]:
    """Transfers that are due, and differences that another person found."""
    if actor.may(TransferRight.TRANSFER):
        counts = session.execute(_COUNTS, {"today": today, "actor": actor.key}).one()
        on_way, differing = {"status": "in_transit"}, {"status": "differing"}
        yield Waiting(N_("Transfers due to arrive"), counts.overdue, "transfers.index", on_way)
        yield Waiting(N_("Transfers with units missing"), counts.differing, "transfers.index", differing)
