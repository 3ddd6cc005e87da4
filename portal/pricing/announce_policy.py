"""Tell the dealers a price policy is for, in the transaction that publishes or withdraws it."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import text
from sqlalchemy.orm import Session

from portal.feed.publish_entry import publish_entry
from portal.feed.revoke_entries import revoke_entries
from portal.feed.rules import Address, Content, Kind
from portal.kernel.actor import Actor
from portal.kernel.errors import N_
from portal.kernel.translations import words
from portal.pricing.models import PricePolicy
from portal.pricing.policy_files import whole_files

_PARTIES = text("SELECT DISTINCT dealer_id, region_id, tier FROM price_rule WHERE policy_id = :policy_id")


def announce_policy(
    session: Session, *, actor: Actor, policy: PricePolicy, starts: datetime, at: datetime
) -> str:
    """Its entry in the feed, for every party its rules speak of; returns the number of the entry."""
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
        addresses=_addresses(session, policy),
        at=at,
        link="/catalogue",
        subject=_subject(policy),
        region_id=policy.region_id,
        files=whole_files(session, policy.id),
    )


def announce_withdrawal(
    session: Session, *, actor: Actor, policy: PricePolicy, restored: bool, at: datetime
) -> str:
    """Say so at its entry and in a new one. restored: whether the version before is in force again."""
    text = _RESTORED if restored else _ENDED
    content = Content(
        str(Kind.POLICY), policy.title_zh, policy.title_en, words("zh").gettext(text), text_en=text
    )
    return revoke_entries(
        session,
        actor=actor,
        subject=_subject(policy),
        content=content,
        addresses=_addresses(session, policy),
        at=at,
        link="/catalogue",
        region_id=policy.region_id,
    )


_RESTORED = N_(
    "It no longer applies; what was in force before it is again. Orders already placed keep their prices."
)
_ENDED = N_("It no longer applies. Orders already placed keep their prices.")


def _subject(policy: PricePolicy) -> str:
    return f"policy:{policy.id}"


def _addresses(session: Session, policy: PricePolicy) -> list[Address]:
    parties = session.execute(_PARTIES, {"policy_id": policy.id})
    return [Address(party.dealer_id, party.region_id, party.tier) for party in parties]
