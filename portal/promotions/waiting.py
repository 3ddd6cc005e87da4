"""The work of whoever answers for promotions."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime

from sqlalchemy import text
from sqlalchemy.orm import Session

from portal.kernel.actor import Actor
from portal.kernel.errors import N_
from portal.kernel.manifest import Waiting
from portal.promotions.vocabulary import PromotionRight


def work(session: Session, actor: Actor, at: datetime, _today: date) -> Iterator[Waiting]:
    """What waits for another person's word, what is approved and not published, budgets nearly spent."""
    if not (actor.may(PromotionRight.PROPOSE) or actor.may(PromotionRight.APPROVE)):
        return
    reach = {"everywhere": actor.region_ids is None, "region_ids": list(actor.region_ids or ())}
    found = session.execute(_WAITING, {**reach, "actor": actor.key, "at": at}).one()
    if actor.may(PromotionRight.APPROVE):
        yield Waiting(
            N_("Promotions to approve"),
            found.to_approve,
            "promotions.index",
            {"phase": "submitted"},
            is_urgent=True,
        )
    yield Waiting(
        N_("Approved promotions to publish"), found.to_publish, "promotions.index", {"phase": "approved"}
    )
    yield Waiting(
        N_("Promotions with less than a tenth of their budget left"),
        found.nearly_spent,
        "promotions.index",
        {"phase": "running"},
    )


_WAITING = text(
    """
    SELECT count(*) FILTER (WHERE p.state = 'submitted' AND :actor <> ALL (p.written_by)) AS to_approve,
           count(*) FILTER (WHERE p.state = 'approved') AS to_publish,
           count(*) FILTER (WHERE p.state = 'published' AND b.spent > b.budget * 0.9) AS nearly_spent
      FROM promotion p LEFT JOIN promotion_budget b ON b.promotion_id = p.id
     WHERE (p.state IN ('submitted', 'approved')
            OR p.state = 'published' AND p.published_at IS NOT NULL
               AND p.valid_from <= :at AND p.valid_to > :at)
       AND (:everywhere OR p.region_id = ANY (CAST(:region_ids AS bigint[])))
    """
)
