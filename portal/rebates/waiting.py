"""The work of whoever answers for rebate programmes."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime

from sqlalchemy import text
from sqlalchemy.orm import Session

from portal.kernel.actor import Actor
from portal.kernel.errors import N_
from portal.kernel.manifest import Waiting
from portal.rebates.vocabulary import RebateRight


def work(session: Session, actor: Actor, _at: datetime, _today: date) -> Iterator[Waiting]:
    """What waits for another person's word, and what is approved and not published."""
    if not (actor.may(RebateRight.PROPOSE) or actor.may(RebateRight.APPROVE)):
        return
    reach = {"everywhere": actor.region_ids is None, "region_ids": list(actor.region_ids or ())}
    found = session.execute(_WAITING, {**reach, "actor": actor.key}).one()
    if actor.may(RebateRight.APPROVE):
        yield Waiting(
            N_("Rebate programmes to approve"),
            found.to_approve,
            "rebates.index",
            {"phase": "submitted"},
            is_urgent=True,
        )
    yield Waiting(
        N_("Approved rebate programmes to publish"), found.to_publish, "rebates.index", {"phase": "approved"}
    )


_WAITING = text(
    """
    SELECT count(*) FILTER (WHERE p.state = 'submitted' AND :actor <> ALL (p.written_by)) AS to_approve,
           count(*) FILTER (WHERE p.state = 'approved') AS to_publish
      FROM rebate_programme p
     WHERE p.state IN ('submitted', 'approved')
       AND (:everywhere OR p.region_id = ANY (CAST(:region_ids AS bigint[])))
    """
)
