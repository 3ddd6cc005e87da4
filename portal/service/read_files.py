"""Who may read the files of a request, and those of its internal notes."""

from __future__ import annotations

from sqlalchemy import text
from sqlalchemy.orm import Session

from portal.kernel.actor import Actor
from portal.kernel.errors import NotFound
from portal.service.vocabulary import READERS, STAFF


def require_reader(session: Session, actor: Actor, number: str) -> None:
    """Raise NotFound, or Forbidden, for who may not read a request."""
    actor.require(*READERS)
    if session.execute(_SEEN, {"number": number}).scalar_one_or_none() is None:
        raise NotFound()


def require_note_reader(session: Session, actor: Actor, number: str) -> None:
    """The same of what comes with its notes, which no dealer has."""
    if not actor.is_staff:
        raise NotFound()
    actor.require(*STAFF)
    require_reader(session, actor, number)


_SEEN = text("SELECT id FROM service_request WHERE number = :number")
