"""Hand a draft in for another person's approval, or take it back to go on with it."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from portal.audit.record import record
from portal.kernel import proposals
from portal.kernel.actor import Actor
from portal.kernel.errors import N_, Conflict, Fault, Invalid
from portal.kernel.proposal_life import ProposalAct
from portal.kernel.proposals import reason_of
from portal.promotions.documents import lock_promotion
from portal.promotions.doubts import Doubts, doubts_of
from portal.promotions.models import Promotion
from portal.promotions.vocabulary import PromotionAction, PromotionRight


def submit_promotion(
    session: Session, *, actor: Actor, promotion_id: int, revision: int, at: datetime
) -> tuple[int, Doubts]:
    """Submit the draft as it was read at `revision`: from now on nobody changes it.

    Whoever submits answers for it like an author. Returns the new revision, and what is doubtful, for the
    approver to see. Raises Invalid where goods would be free, NotFound, Conflict for an overtaken draft and
    for one whose end has passed.
    """
    actor.require(PromotionRight.PROPOSE)
    promotion = lock_promotion(
        session, actor=actor, promotion_id=promotion_id, act=ProposalAct.SUBMIT, revision=revision
    )
    require_time_left(promotion, at)
    found = doubts_of(session, promotion_id=promotion_id, at=at)
    if found.free:
        raise Invalid(
            faults=[
                Fault(
                    "/reward/amount",
                    "free_goods",
                    N_("%(sku)s would cost nothing, and so would %(count)s products in all."),
                    N_("Take less off, or choose a gift."),
                    {"sku": found.free_sku, "count": found.free},
                )
            ]
        )
    proposals.submitted(promotion, actor, at)
    after = {
        "revision": promotion.revision,
        "cut_at_floor": found.cut,
        "same_priority": list(found.same_priority),
    }
    record(session, PromotionAction.SUBMITTED, promotion.number, actor=actor, dealer_id=None, after=after)
    session.flush()
    return promotion.revision, found


def recall_promotion(
    session: Session, *, actor: Actor, promotion_id: int, revision: int, reason: str = ""
) -> int:
    """Make a draft again of what was submitted or approved, to change it; an approval is void then.

    Returns the new revision. Raises NotFound, Conflict, Invalid for a reason that is too long.
    """
    actor.require(PromotionRight.PROPOSE)
    promotion = lock_promotion(
        session, actor=actor, promotion_id=promotion_id, act=ProposalAct.RECALL, revision=revision
    )
    return return_to_authors(
        session, actor, promotion, PromotionAction.RECALLED, reason_of(reason, required=False)
    )


def return_to_authors(
    session: Session, actor: Actor, promotion: Promotion, action: PromotionAction, reason: str
) -> int:
    """A draft again, of which nothing is submitted or approved. Returns the new revision."""
    before = {"state": promotion.state}
    after = {"revision": proposals.returned(promotion, reason)}
    record(
        session,
        action,
        promotion.number,
        actor=actor,
        dealer_id=None,
        before=before,
        after=after,
        reason=reason or None,
    )
    session.flush()
    return promotion.revision


def require_time_left(promotion: Promotion, starts: datetime) -> None:
    """Raise Conflict when the promotion would end before it begins."""
    if promotion.valid_to <= starts:
        raise Conflict(
            "over",
            N_("The end of this promotion has passed."),
            fix=N_("Give it a later end: take it back first if it is submitted."),
        )
