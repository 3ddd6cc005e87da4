"""Acts of the feed for tests, as the person who would do them."""

from __future__ import annotations

from datetime import datetime
from io import BytesIO
from typing import Any

from reportlab.pdfgen.canvas import Canvas
from sqlalchemy.orm import Session

from portal.feed.acknowledge import acknowledge_entry, open_entry
from portal.feed.addressing import Whom
from portal.feed.attachments import attach_file
from portal.feed.drafts import draft_entry
from portal.feed.editorial import edited_entry
from portal.feed.publish_entry import publish_draft
from portal.feed.queries import EntryRow, entries
from portal.feed.rules import Content
from portal.kernel import clock
from portal.kernel.actor import Actor
from portal.kernel.db import Database, transaction
from tests.roles import Person


def _sheet() -> bytes:
    file = BytesIO()
    canvas = Canvas(file, invariant=True)
    canvas.drawString(72, 720, "Nothing ships over the holidays.")
    canvas.save()
    return file.getvalue()


A_PDF = ("放假通知.pdf", _sheet())


def draft(
    session: Session,
    actor: Actor,
    *,
    at: datetime | None = None,
    file: tuple[str, bytes] | None = None,
    regions: tuple[str, ...] = (),
    tiers: tuple[str, ...] = (),
    categories: tuple[str, ...] = (),
    dealers: Any = (),
    **said: Any,
) -> str:
    """A draft; its number."""
    content = Content(
        **{"kind": "notice", "title_zh": "春节发货安排", "title_en": "Shipping over Spring Festival"} | said
    )
    whom = Whom(regions, tiers, categories, tuple(dealers))
    number = draft_entry(session, actor=actor, content=content, whom=whom, at=at or clock.now())
    if file is not None:
        attach_file(session, actor=actor, number=number, name=file[0], content=file[1])
    return number


def published(session: Session, actor: Actor, *, not_before: datetime | None = None, **said: Any) -> str:
    """An entry that dealers see, perhaps from a moment on; its number."""
    number, at = draft(session, actor, **said), said.get("at") or clock.now()
    revision = edited_entry(session, actor=actor, number=number, at=at).revision
    publish_draft(session, actor=actor, number=number, revision=revision, at=at, not_before=not_before)
    return number


def feed_of(database: Database, person: Person, **wanted: Any) -> list[EntryRow]:
    """The first page of somebody's feed."""
    with transaction(database.session_for(person.actor())) as session:
        return list(entries(session, actor=person.actor(), **{"at": clock.now()} | wanted).items)


def numbers_of(database: Database, person: Person, **wanted: Any) -> list[str]:
    """Numbers of the first page of somebody's feed."""
    return [row.number for row in feed_of(database, person, **wanted)]


def opened(database: Database, person: Person, number: str) -> None:
    """Somebody opens an entry."""
    with transaction(database.session_for(person.actor())) as session:
        open_entry(session, actor=person.actor(), number=number, at=clock.now())


def acknowledged(database: Database, person: Person, number: str) -> None:
    """Somebody says that it is read and understood."""
    with transaction(database.session_for(person.actor())) as session:
        acknowledge_entry(session, actor=person.actor(), number=number, at=clock.now())
