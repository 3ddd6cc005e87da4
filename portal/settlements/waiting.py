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
    reach = {"everywhere": actor.region_ids is None, "region_ids": list(actor.region_ids or ())}
    found = session.execute(_WAITING, {**reach, "actor": actor.key}).one()
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
    SELECT count(*) AS runs, sum(r.amount) AS amount
      FROM rebate_run r JOIN rebate_programme p ON p.id = r.programme_id
     WHERE r.state = 'proposed' AND r.proposed_by <> :actor
       AND (:everywhere OR p.region_id = ANY (CAST(:region_ids AS bigint[])))
    """
)
