"""A subscription under lock, of whoever asks for it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import text
from sqlalchemy.orm import Session

from portal.kernel.actor import Actor
from portal.kernel.db import value_of
from portal.kernel.errors import NotFound
from portal.webhooks.vocabulary import WebhookRight

WAKE = "webhook.wake"
"""Effect: something is to be sent before long."""


@dataclass(frozen=True, slots=True)
class LockedSubscription:
    """A subscription that nobody else can change until the commit. secrets: sealed."""

    id: int
    dealer_id: int | None
    number: str
    name: str
    url: str
    events: list[str]
    ordered: bool
    secret: str
    former_secret: str | None
    former_until: datetime | None
    state: str
    stop_reason: str | None
    failures: int
    failing_since: datetime | None
    revision: int


def require_right(actor: Actor) -> None:
    """Raise Forbidden unless the actor manages the webhooks of its dealer, or of headquarters."""
    actor.require(WebhookRight.HEADQUARTERS if actor.is_staff else WebhookRight.WRITE)


def lock_subscription(session: Session, actor: Actor, number: str) -> LockedSubscription:
    """The actor's own subscription, locked. Raises Forbidden, NotFound for anybody else's."""
    require_right(actor)
    row = session.execute(_LOCK, {"number": number, "dealer_id": actor.dealer_id}).one_or_none()
    if row is None:
        raise NotFound()
    return value_of(LockedSubscription, row)


_LOCK = text(
    """
    SELECT id, dealer_id, number, name, url, events, ordered, secret, former_secret, former_until, state,
           stop_reason, failures, failing_since, revision
      FROM webhook_subscription
     WHERE number = :number AND dealer_id IS NOT DISTINCT FROM CAST(:dealer_id AS bigint)
       FOR UPDATE
    """
)
