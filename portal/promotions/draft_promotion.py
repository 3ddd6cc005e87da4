"""Write a promotion: a draft, changed as a whole, two managers never overwriting each other."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import delete, insert
from sqlalchemy.orm import Session

from portal.audit.record import record
from portal.kernel import clock, proposals
from portal.kernel.actor import Actor
from portal.kernel.errors import Fault, Invalid
from portal.kernel.numbering import new_number
from portal.kernel.proposal_life import ProposalAct
from portal.promotions.documents import lock_promotion
from portal.promotions.models import Promotion, PromotionLot
from portal.promotions.naming import Named, named
from portal.promotions.rules import Kind
from portal.promotions.terms import Terms, term_faults
from portal.promotions.vocabulary import PromotionAction, PromotionRight

PREFIX = "CX"


def draft_promotion(
    session: Session, *, actor: Actor, terms: Terms, zone: ZoneInfo, at: datetime
) -> Promotion:
    """A new draft.

    Raises Invalid with every fault beside its field, also for goods, dealers and regions that do not exist or
    lie beyond the actor's.
    """
    actor.require(PromotionRight.PROPOSE)
    columns, names = _columns(session, actor, terms, at)
    promotion = Promotion(
        number=new_number(PREFIX, clock.business_date(at, zone)),
        proposed_by=actor.key,
        proposed_by_label=actor.label,
        written_by=[actor.key],
        created_at=at,
        **columns,
    )
    session.add(promotion)
    session.flush()
    _choose_lots(session, promotion.id, names)
    _record(session, actor, PromotionAction.DRAFTED, promotion)
    return promotion


def edit_promotion(
    session: Session, *, actor: Actor, promotion_id: int, revision: int, terms: Terms, at: datetime
) -> int:
    """Give a draft other terms, as it was read at `revision`.

    Returns the new revision. Raises Invalid as `draft_promotion` does, NotFound outside the actor's regions,
    Conflict for what is no draft and for an overtaken one.
    """
    actor.require(PromotionRight.PROPOSE)
    promotion = lock_promotion(
        session, actor=actor, promotion_id=promotion_id, act=ProposalAct.EDIT, revision=revision
    )
    columns, names = _columns(session, actor, terms, at)
    for name, value in columns.items():
        setattr(promotion, name, value)
    proposals.edited(promotion, actor)
    session.flush()
    session.execute(delete(PromotionLot).where(PromotionLot.promotion_id == promotion_id))
    _choose_lots(session, promotion_id, names)
    _record(session, actor, PromotionAction.EDITED, promotion)
    return promotion.revision


def _columns(session: Session, actor: Actor, terms: Terms, at: datetime) -> tuple[dict[str, Any], Named]:
    """Columns of the promotion. Raises Invalid."""
    faults: list[Fault] = term_faults(terms, at)
    names = named(session, actor, terms, faults)
    if faults:
        raise Invalid(faults=faults)
    is_gift = terms.kind == Kind.GIFT
    columns = {
        "title_zh": terms.title_zh.strip(),
        "title_en": terms.title_en.strip(),
        "text_zh": terms.text_zh.strip(),
        "text_en": terms.text_en.strip(),
        "kind": terms.kind,
        "region_id": names.region_id,
        "valid_from": terms.valid_from,
        "valid_to": terms.valid_to,
        "region_ids": names.region_ids,
        "tiers": list(dict.fromkeys(terms.tiers)),
        "dealer_ids": names.dealer_ids,
        "product_ids": names.product_ids,
        "category_code": names.category_code,
        "min_quantity": terms.min_quantity,
        "min_amount": terms.min_amount,
        "period_amount": terms.period_amount,
        "first_order": terms.first_order,
        "reward_percent": terms.percent,
        "reward_amount": terms.amount,
        "gift_product_id": names.gift_product_id,
        "gift_quantity": terms.gift_quantity if is_gift else None,
        "gift_for_each": terms.gift_for_each if is_gift else None,
        "priority": terms.priority,
        "combinable": terms.combinable,
        "budget": terms.budget,
        "per_dealer_cap": terms.per_dealer_cap,
        "registration_required": terms.registration_required,
        "may_pass_floor": terms.may_pass_floor,
    }
    return columns, names


def _choose_lots(session: Session, promotion_id: int, names: Named) -> None:
    if names.lots:
        rows = [
            {"promotion_id": promotion_id, "lot_id": lot.id, "product_id": lot.product_id, "units": lot.units}
            for lot in names.lots
        ]
        session.execute(insert(PromotionLot), rows)


def _record(session: Session, actor: Actor, action: PromotionAction, promotion: Promotion) -> None:
    after = {
        "number": promotion.number,
        "kind": promotion.kind,
        "title_zh": promotion.title_zh,
        "valid_from": promotion.valid_from.isoformat(),
        "valid_to": promotion.valid_to.isoformat(),
        "revision": promotion.revision or 1,
    }
    record(session, action, promotion.number, actor=actor, dealer_id=None, after=after)
