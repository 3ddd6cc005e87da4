"""A promotion in the hands of whoever answers for it: found, locked."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.kernel import typed
from portal.kernel.actor import Actor
from portal.kernel.errors import N_, Conflict, Fault, Invalid, NotFound
from portal.promotions import life
from portal.promotions.life import PromotionAct
from portal.promotions.models import Promotion

REASON_MAX = 500


def promotion_id_of(session: Session, name: str) -> int:
    """The promotion with a number, or with an id as text. Raises NotFound."""
    number = typed.own_number(name)
    column = Promotion.number == name if number is None else Promotion.id == number
    found = session.execute(select(Promotion.id).where(column)).scalar_one_or_none()
    if found is None:
        raise NotFound()
    return found


def answerable(session: Session, actor: Actor, promotion_id: int) -> Promotion:
    """The promotion, if the actor answers for its whole region. Raises NotFound otherwise."""
    promotion = session.get(Promotion, promotion_id)
    if promotion is None or not actor.answers_for(promotion.region_id):
        raise NotFound()
    return promotion


def lock_promotion(
    session: Session, *, actor: Actor, promotion_id: int, act: PromotionAct, revision: int | None = None
) -> Promotion:
    """The promotion, locked, when the act is one of its state.

    revision: as it was read; None where nothing that was read matters. Raises NotFound, Conflict.
    """
    promotion = answerable(session, actor, promotion_id)
    session.refresh(promotion, with_for_update=True)
    life.after(promotion.state, act)
    if revision is not None and promotion.revision != revision:
        raise Conflict(
            "edited_meanwhile",
            N_("Someone else has changed, submitted or published this promotion."),
            fix=N_("Open it again and go on from there."),
        )
    return promotion


def reason_of(typed_reason: str, *, required: bool = True) -> str:
    """Why something is taken back, rejected or withdrawn. Raises Invalid."""
    reason = typed_reason.strip()
    if len(reason) > REASON_MAX or (required and not reason):
        message, fix = N_("A reason has 1 to %(max)s characters."), N_("Say why, in a few words.")
        raise Invalid(faults=[Fault("/reason", "reason", message, fix, {"max": REASON_MAX})])
    return reason
