"""The work of whoever settles rebates."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime

from sqlalchemy import text
from sqlalchemy.orm import Session

from portal.kernel.actor import Actor
from portal.kernel.errors import N_
from portal.kernel.manifest import Waiting
from portal.settlements.vocabulary import SettlementRight


def work(session: Session, actor: Actor, _at: datetime, _today: date) -> Iterator[Waiting]:
    """Settlements that wait for another person's word."""
    if not actor.may(SettlementRight.SETTLE):
        return
    found = session.execute(_WAITING, {"actor": actor.key}).one()
    yield Waiting(
        N_("Rebate settlements to approve"),
        found.runs,
        "settlements.index",
        {"state": "proposed"},
        amount=found.amount,
        is_urgent=True,
    )


_WAITING = text(
    """
    SELECT count(*) AS runs, sum(amount) AS amount FROM rebate_run
     WHERE state = 'proposed' AND proposed_by <> :actor
    """
)
