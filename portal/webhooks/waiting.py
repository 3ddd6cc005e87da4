"""What waits for whoever manages webhooks, as the overviews list it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime

from sqlalchemy import text
from sqlalchemy.orm import Session

from portal.kernel.actor import Actor
from portal.kernel.errors import N_
from portal.kernel.manifest import Tally, Waiting
from portal.webhooks.vocabulary import WebhookRight

_STOPPED = text(
    """
    SELECT count(*) FROM webhook_subscription
     WHERE dealer_id IS NOT DISTINCT FROM CAST(:dealer_id AS bigint) AND state = 'stopped'
    """
)


def work(_session: Session, actor: Actor, _at: datetime, _today: date) -> Iterator[Tally]:
    """Webhooks that paused themselves; only where there are any."""
    if not actor.may(WebhookRight.HEADQUARTERS if actor.is_staff else WebhookRight.WRITE):
        return
    page = "webhooks_desk.index" if actor.is_staff else "webhooks.index"
    yield Tally(Waiting(N_("Webhooks that paused themselves"), 0, page, is_urgent=True), _STOPPED)
