"""Tell the dealers a promotion is for, in the transaction that publishes or withdraws it."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from portal.feed.publish_entry import publish_entry
from portal.feed.revoke_entries import revoke_entries
from portal.feed.rules import Address, Content, Kind
from portal.kernel.actor import Actor
from portal.kernel.errors import N_
from portal.kernel.translations import words
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
        subject=_subject(promotion),
        region_id=promotion.region_id,
    )


def announce_withdrawal(session: Session, *, actor: Actor, promotion: Promotion, at: datetime) -> str:
    """Say so at its entry and in a new one; returns the number of that."""
    content = Content(
        str(Kind.PROMOTION),
        promotion.title_zh,
        promotion.title_en,
        words("zh").gettext(_ENDED),
        text_en=_ENDED,
    )
    return revoke_entries(
        session,
        actor=actor,
        subject=_subject(promotion),
        content=content,
        addresses=_addresses(promotion),
        at=at,
        link="/promotions",
        region_id=promotion.region_id,
    )


_ENDED = N_("It no longer applies. Orders that used it keep what they got.")


def _subject(promotion: Promotion) -> str:
    return f"promotion:{promotion.id}"


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
