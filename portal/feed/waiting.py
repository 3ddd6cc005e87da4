"""What a dealer has to read before it orders again."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime

from sqlalchemy.orm import Session

from portal.feed.queries import demanded_count
from portal.feed.vocabulary import FeedRight
from portal.kernel.actor import Actor
from portal.kernel.errors import N_
from portal.kernel.manifest import Waiting


def work(session: Session, actor: Actor, at: datetime, _today: date) -> Iterator[Waiting]:
    """Entries to acknowledge: until then the dealer orders nothing."""
    if actor.dealer_id is not None and actor.may(FeedRight.ACKNOWLEDGE):
        count = demanded_count(session, dealer_id=actor.dealer_id, at=at)
        label = N_("Notices to acknowledge before you order")
        yield Waiting(label, count, "feed.index", {"unread": ""}, is_urgent=True)
