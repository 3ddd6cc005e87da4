"""Tell people of the feed: what is published for their dealer, and reminders of what they have not read."""

from __future__ import annotations

from jobs import resources
from jobs.mail import within
from portal.feed import queries
from portal.feed.told import published_entry, readers_after
from portal.identity import queries as identity
from portal.kernel import clock
from portal.kernel.db import transaction
from portal.kernel.errors import NotFound
from portal.kernel.outbox import Effect
from portal.notifications.tell import tell

TOLD_AT_ONCE = 2000  # people a transaction


def published(effect: Effect) -> None:
    """An entry is shown now: tell everybody whom it reaches, unless it was withdrawn meanwhile."""
    at, after = clock.now(), 0
    while True:
        with transaction(resources.database().system_session()) as session:
            entry = published_entry(session, number=effect.payload["number"], at=at)
            readers = readers_after(session, entry, after=after, limit=TOLD_AT_ONCE) if entry else []
            if entry is None or (not readers and after):
                return
            facts = {"number": entry.number, "title_zh": entry.title_zh, "title_en": entry.title_en}
            path = f"/feed/{entry.number}"
            tell(session, effect=effect, event=entry.event, readers=readers, path=path, facts=facts, at=at)
        if len(readers) < TOLD_AT_ONCE:
            return
        after = readers[-1].user_id


def send_reminder(effect: Effect) -> None:
    """Remind a person of an entry, unless it was withdrawn or acknowledged meanwhile."""
    number, at = effect.payload["number"], clock.now()
    with within(effect) as session:
        found = identity.reader(session, user_id=effect.payload["user"])
        try:
            actor = resources.acting_for(effect.dealer_id or 0)
            entry = queries.entry(session, actor=actor, number=number, at=at)
        except NotFound:
            return
        if found is None or entry.standing == "acknowledged":
            return
        facts = {
            "number": number,
            "title_zh": entry.title_zh,
            "title_en": entry.title_en,
            "demanded": entry.must_acknowledge,
        }
        path = f"/feed/{number}"
        tell(session, effect=effect, event="notice.reminder", readers=[found], path=path, facts=facts, at=at)
