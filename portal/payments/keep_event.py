"""Keep what Stripe told, once, before anything is done about it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import bindparam, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Session

from portal.kernel import outbox
from portal.kernel.actor import Actor
from portal.kernel.errors import N_, Unreadable
from portal.ledger.vocabulary import LedgerRight
from portal.payments import stripe_rules
from portal.payments.rules import News

HANDLE = "stripe_event.kept"
"""The effect that has an event handled."""


def keep_event(session: Session, *, actor: Actor, event: Mapping[str, Any]) -> bool:
    """Keep an event of Stripe as it came, without what we have no use for; whether it is new.

    It is handled after the commit. Raises Unreadable for what is no event, Forbidden.
    """
    actor.require(LedgerRight.POST)
    try:
        kept = stripe_rules.kept(event)
        news = stripe_rules.news_of(kept)
    except (stripe_rules.Unreadable, OverflowError) as error:
        raise Unreadable("no_event", N_("This is no event of Stripe.")) from error
    return _keep(session, kept, news)


def keep_answer(session: Session, *, actor: Actor, intent: Mapping[str, Any], at: datetime) -> bool:
    """Keep what Stripe answered when it was asked for a payment, as an event; whether it is new."""
    actor.require(LedgerRight.POST)
    kept = stripe_rules.asked(intent, at)
    return _keep(session, kept, stripe_rules.news_of(kept))


def _keep(session: Session, kept: dict[str, Any], news: News | None) -> bool:
    about = {
        "event": kept["id"],
        "kind": kept["type"],
        "intent": news.intent if news else "",
        "content": kept,
        "told_at": datetime.fromtimestamp(kept["created"], UTC),
    }
    event_id = session.execute(_KEEP, about).scalar_one_or_none()
    if event_id is None:
        return False
    outbox.add(session, HANDLE, dealer_id=None, id=event_id)
    return True


_KEEP = text(
    """
    INSERT INTO stripe_event (event, kind, intent, content, told_at)
    VALUES (:event, :kind, :intent, :content, :told_at)
    ON CONFLICT (event) DO NOTHING RETURNING id
    """
).bindparams(bindparam("content", type_=JSONB))
