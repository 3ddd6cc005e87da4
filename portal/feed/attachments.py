"""Files of an entry: attached to a draft, taken off it, handed to those who may read the entry."""

from __future__ import annotations

import hashlib
from dataclasses import asdict, dataclass
from datetime import datetime

from sqlalchemy import text
from sqlalchemy.orm import Session

from portal.audit.record import record
from portal.feed import queries
from portal.feed.attachment_rules import checked_type, plain_name
from portal.feed.editorial import edited_entry
from portal.feed.entries import answerable
from portal.feed.models import FeedEntry
from portal.feed.rules import State
from portal.feed.vocabulary import FeedAction, FeedRight
from portal.kernel.actor import Actor
from portal.kernel.errors import N_, Conflict, NotFound


@dataclass(frozen=True, slots=True)
class File:
    """An attachment with its bytes."""

    name: str
    media_type: str
    sha256: str
    content: bytes


_ATTACH = text(
    """
    INSERT INTO feed_attachment (entry_id, place, name, media_type, size, sha256, content)
    SELECT :entry_id, min(place), :name, :media_type, :size, :sha256, :content
      FROM generate_series(1, 10) AS free(place)
     WHERE NOT EXISTS (SELECT FROM feed_attachment f WHERE f.entry_id = :entry_id AND f.place = free.place)
    """
)
_DETACH = text("DELETE FROM feed_attachment WHERE entry_id = :entry_id AND place = :place RETURNING name")
_FILE = text(
    """
    SELECT name, media_type, sha256, content FROM feed_attachment
     WHERE entry_id = :entry_id AND place = :place
    """
)


def checked_file(name: str, content: bytes, *, attached: int) -> File:
    """An uploaded file under its plain name. attached: how many there are already. Raises Invalid."""
    name = plain_name(name)
    media_type = checked_type(name, content, attached=attached)
    return File(name, media_type, hashlib.sha256(content).hexdigest(), content)


def insert_file(session: Session, entry_id: int, file: File) -> None:
    """Give an entry a file that was checked."""
    session.execute(_ATTACH, {"entry_id": entry_id, "size": len(file.content), **asdict(file)})


def attach_file(session: Session, *, actor: Actor, number: str, name: str, content: bytes) -> None:
    """Add a file to a draft. Raises Invalid with what is wrong with it, NotFound, Conflict."""
    entry = _draft(session, actor, number)
    file = checked_file(name, content, attached=len(queries.files(session, entry.id)))
    insert_file(session, entry.id, file)
    after = {"name": file.name, "size": len(content), "sha256": file.sha256}
    record(session, FeedAction.ATTACHED, number, actor=actor, dealer_id=None, after=after)


def detach_file(session: Session, *, actor: Actor, number: str, place: int) -> None:
    """Take a file off a draft. Raises NotFound, Conflict."""
    entry = _draft(session, actor, number)
    name = session.scalar(_DETACH, {"entry_id": entry.id, "place": place})
    if name is None:
        raise NotFound()
    record(session, FeedAction.DETACHED, number, actor=actor, dealer_id=None, before={"name": name})


def attached_file(session: Session, *, actor: Actor, number: str, place: int, at: datetime) -> File:
    """A file of an entry that the actor may read. Raises NotFound, Forbidden."""
    if actor.is_staff:
        entry_id = edited_entry(session, actor=actor, number=number, at=at).id
    else:
        actor.require(FeedRight.READ)
        entry_id = queries.entry(session, actor=actor, number=number, at=at).id
    row = session.execute(_FILE, {"entry_id": entry_id, "place": place}).one_or_none()
    if row is None:
        raise NotFound()
    return File(row.name, row.media_type, row.sha256, bytes(row.content))


def _draft(session: Session, actor: Actor, number: str) -> FeedEntry:
    actor.require(FeedRight.EDIT)
    entry = answerable(session, actor, number)
    if entry.state != State.DRAFT:
        raise Conflict("not_a_draft", N_("This notice is published already."))
    return entry
