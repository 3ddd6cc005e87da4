"""Tell the dealers a promotion is for, in the transaction that publishes it."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from portal.feed.publish_entry import publish_entry
from portal.feed.rules import Address, Content, Kind
from portal.kernel.actor import Actor
from portal.promotions.models import Promotion


def announce_promotion(session: Session, *, actor: Actor, promotion: Promotion, at: datetime) -> str:
    """Its entry in the feed, for everybody it is for; returns the number of the entry.

    Dealers that are named besides tiers or regions are told as well when they are in none of those: the
    promotion itself then does not show.
    """
    return publish_entry(
        session,
        actor=actor,
        content=Content(
            str(Kind.PROMOTION),
            promotion.title_zh,
            promotion.title_en,
            promotion.text_zh,
            promotion.text_en,
            valid_from=promotion.valid_from,
            valid_until=promotion.valid_to,
        ),
        addresses=_addresses(promotion),
        at=at,
        link="/promotions",
        region_id=promotion.region_id,
    )


def _addresses(promotion: Promotion) -> list[Address]:
    """Named dealers, else each region with each tier; none means everybody."""
    if promotion.dealer_ids:
        return [Address(dealer_id=key) for key in promotion.dealer_ids]
    if not (promotion.region_ids or promotion.tiers):
        return []
    return [
        Address(region_id=region_id, tier=tier)
        for region_id in (*promotion.region_ids,) or (None,)
        for tier in (*promotion.tiers,) or (None,)
    ]
