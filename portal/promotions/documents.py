"""A promotion in the hands of whoever answers for it: found, locked."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.kernel import proposals, typed
from portal.kernel.actor import Actor
from portal.kernel.errors import NotFound
from portal.kernel.proposal_life import ProposalAct
from portal.promotions.models import Promotion


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
    session: Session, *, actor: Actor, promotion_id: int, act: ProposalAct, revision: int | None = None
) -> Promotion:
    """The promotion, locked, when the act is one of its state.

    revision: as it was read; None where nothing that was read matters. Raises NotFound, Conflict.
    """
    promotion = answerable(session, actor, promotion_id)
    return proposals.locked(session, promotion, act=act, revision=revision)
