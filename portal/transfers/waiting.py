"""The work of transfers: what should have arrived, and what is missing of what did."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime

from sqlalchemy import text
from sqlalchemy.orm import Session

from portal.kernel.actor import Actor
from portal.kernel.errors import N_
from portal.kernel.manifest import Tally, Waiting
from portal.transfers.vocabulary import TransferRight

_DUE = text(
    """
    SELECT count(*) FROM (SELECT FROM stock_transfer
                           WHERE state = 'in_transit' AND expected_on <= :today LIMIT :most) met
    """
)
_DIFFERING = text(
    """
    SELECT count(*) FROM (SELECT FROM stock_transfer
                           WHERE state = 'differing' AND received_by <> :actor LIMIT :most) met
    """
)


def work(_session: Session, actor: Actor, _at: datetime, _today: date) -> Iterator[Tally]:
    """Transfers that are due, and differences that another person found."""
    if actor.may(TransferRight.TRANSFER):
        on_way, differing = {"status": "in_transit"}, {"status": "differing"}
        yield Tally(Waiting(N_("Transfers due to arrive"), 0, "transfers.index", on_way), _DUE)
        yield Tally(Waiting(N_("Transfers with units missing"), 0, "transfers.index", differing), _DIFFERING)
