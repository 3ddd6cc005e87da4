"""Another person's word on a promotion: approved as it was submitted, or sent back to its authors."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from portal.audit.record import record
from portal.kernel import proposals
from portal.kernel.actor import Actor
from portal.kernel.proposal_life import ProposalAct
from portal.kernel.proposals import reason_of
from portal.promotions.documents import lock_promotion
from portal.promotions.models import Promotion
from portal.promotions.submit_promotion import return_to_authors
from portal.promotions.vocabulary import PromotionAction, PromotionRight


def approve_promotion(
    session: Session, *, actor: Actor, promotion_id: int, revision: int, at: datetime
) -> int:
    """Approve what was read at `revision`. It runs only when somebody publishes it.

    Returns the new revision. Raises Forbidden to everybody who had a hand in it, NotFound outside the actor's
    regions, Conflict when it does not wait or was overtaken.
    """
    promotion = _decidable(session, actor, promotion_id, revision, ProposalAct.APPROVE)
    after = {"revision": proposals.approved(promotion, actor, at), "written_by": promotion.written_by}
    record(session, PromotionAction.APPROVED, promotion.number, actor=actor, dealer_id=None, after=after)
    session.flush()
    return promotion.revision


def reject_promotion(session: Session, *, actor: Actor, promotion_id: int, revision: int, reason: str) -> int:
    """Send it back to its authors, as a draft, with the reason.

    Returns the new revision. Raises what `approve_promotion` raises, Invalid without a reason.
    """
    promotion = _decidable(session, actor, promotion_id, revision, ProposalAct.REJECT)
    return return_to_authors(session, actor, promotion, PromotionAction.REJECTED, reason_of(reason))


def _decidable(
    session: Session, actor: Actor, promotion_id: int, revision: int, act: ProposalAct
) -> Promotion:
    actor.require(PromotionRight.APPROVE)
    promotion = lock_promotion(session, actor=actor, promotion_id=promotion_id, act=act, revision=revision)
    proposals.require_no_author(actor, promotion.written_by)
    return promotion
