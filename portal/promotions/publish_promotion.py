"""Publish an approved promotion, and withdraw it: each order is wholly before or wholly after."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import func, insert, select
from sqlalchemy.orm import Session

from portal.audit.record import record
from portal.kernel import proposals
from portal.kernel.actor import Actor
from portal.kernel.errors import N_, Conflict, Fault, Invalid
from portal.kernel.proposal_life import ProposalAct
from portal.kernel.proposals import reason_of
from portal.pricing import publication_lock
from portal.promotions.announce_promotion import announce_promotion, announce_withdrawal
from portal.promotions.documents import lock_promotion
from portal.promotions.models import PromotionBudget, PromotionLot
from portal.promotions.submit_promotion import require_time_left
from portal.promotions.vocabulary import PromotionAction, PromotionRight


def publish_promotion(
    session: Session, *, actor: Actor, promotion_id: int, revision: int, at: datetime | None = None
) -> datetime:
    """Publish what was approved, as it was read at `revision`.

    Its dealers find it in their feed. It runs from `at`, a moment to come; without one from the start it
    names, or with the commit when that has passed. Returns when it begins. Raises Invalid for an `at` that
    has passed, NotFound, Conflict for what is not approved, was overtaken or would end before it begins.
    """
    actor.require(PromotionRight.PROPOSE, PromotionRight.APPROVE)
    lock_promotion(
        session, actor=actor, promotion_id=promotion_id, act=ProposalAct.PUBLISH, revision=revision
    )
    moment = publication_lock.close(session)
    promotion = lock_promotion(
        session, actor=actor, promotion_id=promotion_id, act=ProposalAct.PUBLISH, revision=revision
    )
    if at is not None and at <= moment:
        raise Invalid(
            faults=[
                Fault(
                    "/at",
                    "past",
                    N_("This moment has passed."),
                    N_("Choose a later one, or leave it empty to publish now."),
                )
            ]
        )
    starts = at or max(promotion.valid_from, moment)
    require_time_left(promotion, starts)
    promotion.valid_from = starts
    proposals.published(promotion, actor, moment)
    session.flush()
    if promotion.budget is not None or _has_lots(session, promotion_id):
        session.execute(insert(PromotionBudget).values(promotion_id=promotion_id, budget=promotion.budget))
    announce_promotion(session, actor=actor, promotion=promotion, at=moment)
    after = {"revision": promotion.revision, "valid_from": starts.isoformat()}
    record(session, PromotionAction.PUBLISHED, promotion.number, actor=actor, dealer_id=None, after=after)
    return starts


def withdraw_promotion(session: Session, *, actor: Actor, promotion_id: int, reason: str) -> datetime:
    """End a promotion that runs with the commit, or one that is still to begin altogether.

    Orders that used it keep what they got. Returns the moment. Raises Invalid without a reason, NotFound,
    Conflict for what is not published or has come to its end.
    """
    actor.require(PromotionRight.PROPOSE, PromotionRight.APPROVE)
    said = reason_of(reason)
    lock_promotion(session, actor=actor, promotion_id=promotion_id, act=ProposalAct.WITHDRAW)
    moment = publication_lock.close(session)
    promotion = lock_promotion(session, actor=actor, promotion_id=promotion_id, act=ProposalAct.WITHDRAW)
    if promotion.valid_to <= moment:
        raise Conflict(
            "over", N_("This promotion has come to its end already."), fix=N_("Nothing is left to do.")
        )
    promotion.valid_to = max(promotion.valid_from, moment)
    proposals.withdrawn(promotion, actor, said, moment)
    after = {"revision": promotion.revision, "valid_to": promotion.valid_to.isoformat()}
    record(
        session,
        PromotionAction.WITHDRAWN,
        promotion.number,
        actor=actor,
        dealer_id=None,
        after=after,
        reason=said,
    )
    session.flush()
    announce_withdrawal(session, actor=actor, promotion=promotion, at=moment)
    return moment


def _has_lots(session: Session, promotion_id: int) -> bool:
    found = session.execute(
        select(func.count()).select_from(PromotionLot).where(PromotionLot.promotion_id == promotion_id)
    ).scalar_one()
    return bool(found)
