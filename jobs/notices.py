"""Mail about the feed: digests of what is new, reminders of what is not read."""

from __future__ import annotations

from datetime import date

from sqlalchemy.orm import Session

from jobs import letters, resources
from jobs.mail import send, within
from portal.feed import digests, queries
from portal.identity import queries as identity
from portal.identity.queries import Reader
from portal.kernel import clock
from portal.kernel.db import transaction
from portal.kernel.errors import NotFound
from portal.kernel.outbox import Effect

TOLD_MAX = 20  # entries of a digest


def announce_digests() -> None:
    """Give the digests that are due to the outbox."""
    with transaction(resources.database().system_session()) as session:
        digests.announce_digests(session, at=clock.now(), zone=resources.settings().timezone)


def send_digest(effect: Effect) -> None:
    """Tell a person what is new for the dealer and not read; nothing where there is no such thing."""
    zone = resources.settings().timezone
    since = clock.start_of(date.fromisoformat(effect.payload["since"]), zone)
    with within(effect) as session:
        readers = _reader(session, effect)
        new = queries.unread_entries(
            session,
            dealer_id=resources.acting_for(effect.dealer_id or 0).own_dealer_id,
            reader=f"user:{effect.payload['user']}",
            since=since,
            at=clock.now(),
            limit=TOLD_MAX,
        )
    if new:
        told = [
            (clock.business_date(entry.shown_from, zone), entry.title_zh, entry.title_en) for entry in new
        ]
        send(effect, readers, lambda locale: letters.digest(locale, told=told))


def send_reminder(effect: Effect) -> None:
    """Remind a person of an entry, unless it was withdrawn or acknowledged meanwhile."""
    number = effect.payload["number"]
    with within(effect) as session:
        readers = _reader(session, effect)
        try:
            actor = resources.acting_for(effect.dealer_id or 0)
            entry = queries.entry(session, actor=actor, number=number, at=clock.now())
        except NotFound:
            return
    if entry.standing != "acknowledged":
        facts = {"number": number, "titles": (entry.title_zh, entry.title_en)}
        demanded = entry.must_acknowledge
        send(effect, readers, lambda locale: letters.reminder(locale, demanded=demanded, **facts))


def _reader(session: Session, effect: Effect) -> list[Reader]:
    found = identity.reader(session, user_id=effect.payload["user"])
    return [] if found is None else [found]
