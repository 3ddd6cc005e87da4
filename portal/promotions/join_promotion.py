"""A dealer takes part in a promotion."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy import text
from sqlalchemy.orm import Session

from portal.audit.record import record
from portal.dealers.account import lock_account
from portal.dealers.queries import load_dealer
from portal.kernel import clock
from portal.kernel.actor import Actor
from portal.kernel.errors import NotFound
from portal.orders.vocabulary import OrderRight
from portal.promotions.running import ADDRESSED
from portal.promotions.vocabulary import PromotionAction


def join_promotion(session: Session, *, actor: Actor, number: str, at: datetime, zone: ZoneInfo) -> datetime:
    """Take part in a promotion that is in force and meant for the actor's dealer.

    Joining again changes nothing. Returns when the dealer joined. Raises NotFound for every other promotion.
    """
    actor.require(OrderRight.WRITE)
    dealer = load_dealer(session, actor.own_dealer_id, day=clock.business_date(at, zone))
    lock_account(session, dealer.id)
    who = {
        "dealer_id": dealer.id,
        "tier": dealer.tier,
        "region_path": list(dealer.region_path),
        "number": number,
        "at": at,
    }
    joined = session.execute(
        _JOIN, {**who, "registered_by": actor.key, "registered_by_label": actor.label}
    ).one_or_none()
    if joined is None:
        raise NotFound()
    if joined.registered_at == at:
        record(session, PromotionAction.JOINED, number, actor=actor, dealer_id=dealer.id)
    moment: datetime = joined.registered_at
    return moment


_JOIN = text(
    f"""
    INSERT INTO promotion_dealer AS d (dealer_id, promotion_id, cap, registered_at, registered_by,
                                       registered_by_label)
    SELECT :dealer_id, p.id, p.per_dealer_cap, :at, :registered_by, :registered_by_label
      FROM promotion p
     WHERE p.number = :number AND p.published_at <= :at AND p.valid_from <= :at AND p.valid_to > :at
       AND {ADDRESSED}
    ON CONFLICT (dealer_id, promotion_id) DO UPDATE
      SET registered_at = coalesce(d.registered_at, excluded.registered_at),
          registered_by = coalesce(d.registered_by, excluded.registered_by),
          registered_by_label = coalesce(d.registered_by_label, excluded.registered_by_label)
    RETURNING registered_at
    """
)
