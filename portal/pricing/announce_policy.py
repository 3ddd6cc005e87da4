"""Tell the dealers a price policy is for, in the transaction that publishes it."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import text
from sqlalchemy.orm import Session

from portal.feed.publish_entry import publish_entry
from portal.feed.rules import Address, Content, Kind
from portal.kernel.actor import Actor
from portal.pricing.models import PricePolicy

_PARTIES = text("SELECT DISTINCT dealer_id, region_id, tier FROM price_rule WHERE policy_id = :policy_id")


def announce_policy(
    session: Session, *, actor: Actor, policy: PricePolicy, starts: datetime, at: datetime
) -> str:
    """Its entry in the feed, for every party its rules speak of; returns the number of the entry."""
    parties = session.execute(_PARTIES, {"policy_id": policy.id})
    return publish_entry(
        session,
        actor=actor,
        content=Content(
            str(Kind.POLICY),
            policy.title_zh,
            policy.title_en,
            policy.text,
            valid_from=starts,
            valid_until=policy.valid_to,
        ),
        addresses=[Address(party.dealer_id, party.region_id, party.tier) for party in parties],
        at=at,
        link="/catalogue",
        region_id=policy.region_id,
    )
