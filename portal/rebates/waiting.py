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
    """What waits for another person's word, and what is approved and not published; facts of its dealers."""
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
            N_("Amendments of rebate programmes to approve"),
            found.amendments_to_approve,
            "rebates.index",
            {"phase": "amending"},
            is_urgent=True,
        )
        yield Waiting(
            N_("Facts about dealers to confirm"),
            found.facts_to_confirm,
            "rebate_facts.index",
            {"status": "stated"},
            is_urgent=True,
        )
    yield Waiting(
        N_("Approved rebate programmes to publish"), found.to_publish, "rebates.index", {"phase": "approved"}
    )
    yield Waiting(
        N_("Approved amendments of rebate programmes to publish"),
        found.amendments_to_publish,
        "rebates.index",
        {"phase": "amending"},
    )


_WITHIN = "(:everywhere OR p.region_id = ANY (CAST(:region_ids AS bigint[])))"
_WAITING = text(
    f"""
    SELECT (SELECT count(*) FROM rebate_programme p
             WHERE p.state = 'submitted' AND :actor <> ALL (p.written_by) AND {_WITHIN}) AS to_approve,
           (SELECT count(*) FROM rebate_programme p
             WHERE p.state = 'approved' AND {_WITHIN}) AS to_publish,
           (SELECT count(*) FROM rebate_amendment m JOIN rebate_programme p ON p.id = m.programme_id
             WHERE m.state = 'submitted' AND :actor <> ALL (m.written_by) AND p.state = 'published'
               AND {_WITHIN}) AS amendments_to_approve,
           (SELECT count(*) FROM rebate_amendment m JOIN rebate_programme p ON p.id = m.programme_id
             WHERE m.state = 'approved' AND p.state = 'published' AND {_WITHIN}) AS amendments_to_publish,
           (SELECT count(*) FROM rebate_fact
             WHERE state = 'stated' AND stated_by <> :actor) AS facts_to_confirm
    """
)
