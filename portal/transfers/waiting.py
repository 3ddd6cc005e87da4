"""The work of transfers: what should have arrived, and what is missing of what did."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime

from sqlalchemy import text
from sqlalchemy.orm import Session

from portal.kernel.actor import Actor
from portal.kernel.errors import N_
from portal.kernel.manifest import Waiting
from portal.kernel.paging import COUNTED_MAX
from portal.transfers.vocabulary import TransferRight

_COUNTS = text(
    """
    SELECT (SELECT count(*) FROM (SELECT FROM stock_transfer
             WHERE state = 'in_transit' AND expected_on <= :today LIMIT :most) met) AS overdue,
           (SELECT count(*) FROM (SELECT FROM stock_transfer
             WHERE state = 'differing' AND received_by <> :actor LIMIT :most) met) AS differing
    """
)


def work(session: Session, actor: Actor, _at: datetime, today: date) -> Iterator[Waiting]:
    """Transfers that are due, and differences that another person found."""
    if actor.may(TransferRight.TRANSFER):
        about = {"today": today, "actor": actor.key, "most": COUNTED_MAX + 1}
        counts = session.execute(_COUNTS, about).one()
        on_way, differing = {"status": "in_transit"}, {"status": "differing"}
        yield Waiting(N_("Transfers due to arrive"), counts.overdue, "transfers.index", on_way)
        yield Waiting(N_("Transfers with units missing"), counts.differing, "transfers.index", differing)
