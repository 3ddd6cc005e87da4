"""A dealer's people open an entry, and say for their dealer that they have read and understood it."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import text
from sqlalchemy.orm import Session

from portal.audit.record import record
from portal.feed.queries import EntryPage, entry
from portal.feed.vocabulary import FeedAction, FeedRight
from portal.kernel.actor import Actor
from portal.kernel.db import rows_changed
from portal.kernel.errors import N_, Conflict
from portal.notifications.inbox import read_about

_READ = text(
    """
    INSERT INTO feed_reading (dealer_id, entry_id, reader, reader_label, read_at)
    VALUES (:dealer_id, :entry_id, :reader, :reader_label, :at) ON CONFLICT DO NOTHING
    """
)
_ACKNOWLEDGE = text(
    """
    INSERT INTO feed_acknowledgement (dealer_id, entry_id, reader, reader_label, acknowledged_at)
    VALUES (:dealer_id, :entry_id, :reader, :reader_label, :at) ON CONFLICT DO NOTHING
    """
)


def open_entry(session: Session, *, actor: Actor, number: str, at: datetime) -> EntryPage:
    """What the entry says; from now on the actor has read it. Raises NotFound, Forbidden."""
    actor.require(FeedRight.READ)
    return _opened(session, actor, number, at)


def _opened(session: Session, actor: Actor, number: str, at: datetime) -> EntryPage:
    found = entry(session, actor=actor, number=number, at=at)
    if found.read_at is None:
        session.execute(_READ, _by(actor, found.id, at))
        read_about(session, actor=actor, path=f"/feed/{number}", at=at)
    return found


def acknowledge_entry(session: Session, *, actor: Actor, number: str, at: datetime) -> EntryPage:
    """Say for the actor's dealer that the entry is read and understood; who came first stays written down.

    Raises NotFound, Forbidden, Conflict for an entry that asks for no such thing.
    """
    actor.require(FeedRight.ACKNOWLEDGE)
    found = _opened(session, actor, number, at)
    if not found.must_acknowledge:
        raise Conflict("nothing_to_acknowledge", N_("This notice does not ask to be acknowledged."))
    if rows_changed(session, _ACKNOWLEDGE, _by(actor, found.id, at)):
        record(session, FeedAction.ACKNOWLEDGED, number, actor=actor, dealer_id=actor.own_dealer_id)
    return entry(session, actor=actor, number=number, at=at)


def _by(actor: Actor, entry_id: int, at: datetime) -> dict[str, object]:
    return {
        "dealer_id": actor.own_dealer_id,
        "entry_id": entry_id,
        "reader": actor.key,
        "reader_label": actor.label,
        "at": at,
    }
