"""The inbox of one person: what they were told, unread first.

Nobody else sees it, so it needs no right and no audit: the database shows each row to its person only.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import TextClause, text
from sqlalchemy.orm import Session

from portal.kernel import paging
from portal.kernel.actor import Actor
from portal.kernel.db import Record, rows_changed, sealer_of
from portal.kernel.errors import NotFound
from portal.kernel.manifest import UNREAD_MAX, Inbox
from portal.kernel.paging import Page
from portal.notifications import texts
from portal.notifications.texts import Said

_SEALED = "notification"


@dataclass(frozen=True, slots=True)
class Entry:
    """Something a person was told. key: its name, sealed. is_read: 0 or 1, as it is sorted."""

    key: str
    id: int
    event: str
    path: str
    zh: Said
    en: Said
    created_at: datetime
    read_at: datetime | None

    @property
    def subject_zh(self) -> str:
        """What it says in Chinese, in one line."""
        return self.zh.subject

    @property
    def subject_en(self) -> str:
        """What it says in English, in one line."""
        return self.en.subject

    @property
    def standing(self) -> str:
        """Whether it was read, as the status of an inbox has it."""
        return "unread" if self.read_at is None else "read"

    @property
    def is_unread(self) -> bool:
        """Not read yet."""
        return self.read_at is None


_COLUMNS = "id, event, path, said, created_at, read_at"
_UNREAD = text(
    f"""
    SELECT count(*) FROM (
      SELECT FROM notification WHERE user_id = :user_id AND in_inbox AND read_at IS NULL
       LIMIT {UNREAD_MAX + 1}) unread
    """
)
_ENTRY = text(f"SELECT {_COLUMNS} FROM notification WHERE id = :id AND user_id = :user_id AND in_inbox")
_READ = text(
    """
    UPDATE notification SET read_at = :at
     WHERE id = :id AND user_id = :user_id AND in_inbox AND read_at IS NULL
    """
)
_READ_ALL = text(
    """
    UPDATE notification SET read_at = :at
     WHERE user_id = :user_id AND in_inbox AND read_at IS NULL AND id <= :newest
       AND (:event = '' OR event = :event)
    """
)
_READ_ABOUT = text(
    """
    UPDATE notification SET read_at = :at
     WHERE user_id = :user_id AND in_inbox AND read_at IS NULL AND path = :path
    """
)
_NEWEST = text("SELECT coalesce(max(id), 0) FROM notification WHERE user_id = :user_id AND in_inbox")
_SWEEP = text(
    """
    DELETE FROM notification
     WHERE id IN (SELECT id FROM notification WHERE created_at < :before ORDER BY created_at LIMIT :most)
    """
)
_SWEEP_POSTS = text("DELETE FROM robot_post WHERE created_at < :before")
_SWEEP_DIGESTS = text("DELETE FROM notification_digest WHERE day < CAST(:before AS date)")


@cache
def _entries(with_event: bool, only_unread: bool, back: bool | None) -> TextClause:
    conditions = ["user_id = :user_id", "in_inbox"]
    if with_event:
        conditions.append("event = :event")
    if only_unread:
        conditions.append("read_at IS NULL")
    if back is not None:
        turn = "<" if back else ">"
        conditions.append(f"(CAST(read_at IS NOT NULL AS integer), -id) {turn} (:from_read, :from_id)")
    turn = " DESC" if back else ""
    return text(
        f"""
        SELECT {_COLUMNS} FROM notification WHERE {" AND ".join(conditions)}
         ORDER BY CAST(read_at IS NOT NULL AS integer){turn}, -id{turn} LIMIT :limit
        """
    )


def inbox(session: Session, actor: Actor, _at: datetime) -> Inbox | None:
    """What the bell says: how much a person has not read. Programs have none."""
    if actor.user_id is None:
        return None
    unread: int = session.execute(_UNREAD, {"user_id": actor.user_id}).scalar_one()
    return Inbox(unread, "inbox.index")


def entries(
    session: Session,
    *,
    actor: Actor,
    event: str = "",
    unread: bool = False,
    limit: int = 50,
    cursor: str | None = None,
) -> Page[Entry]:
    """What the person was told, unread first, of these the newest. Raises NotFound for a program."""
    user_id = person_of(actor)
    cursors = paging.cursors(session, f"inbox {user_id}", int, int)
    place = cursors.place_of(cursor)
    parameters: dict[str, Any] = {"user_id": user_id, "event": event, "limit": limit + 1}
    if place:
        parameters["from_read"], parameters["from_id"] = place.key
    statement = _entries(bool(event), unread, None if place is None else place.back)
    found = [_entry(session, row) for row in session.execute(statement, parameters)]
    return cursors.page_of(found, limit, lambda one: (int(not one.is_unread), -one.id), place)


def open_entry(session: Session, *, actor: Actor, key: str, at: datetime) -> Entry:
    """One entry; from now on it is read. Raises NotFound for another person's."""
    values = {"id": _id_of(session, key), "user_id": person_of(actor)}
    session.execute(_READ, values | {"at": at})
    row = session.execute(_ENTRY, values).one_or_none()
    if row is None:
        raise NotFound()
    return _entry(session, row)


def read_all(session: Session, *, actor: Actor, until: str, event: str = "", at: datetime) -> int:
    """The person has read everything, or all of one event; how much that was.

    until: the mark of the newest entry when the page was shown (`mark_of_newest`), so that nothing is read
    that came meanwhile.
    """
    values = {"user_id": person_of(actor), "newest": _id_of(session, until), "event": event, "at": at}
    return rows_changed(session, _READ_ALL, values)


def mark_of_newest(session: Session, *, actor: Actor) -> str:
    """Sealed, how far the inbox goes now."""
    newest: int = session.execute(_NEWEST, {"user_id": person_of(actor)}).scalar_one()
    return sealer_of(session).seal(_SEALED, [newest])


def read_about(session: Session, *, actor: Actor, path: str, at: datetime) -> None:
    """The actor has seen a page; what told of it is read. Nothing for a program."""
    if actor.user_id is not None:
        session.execute(_READ_ABOUT, {"user_id": actor.user_id, "path": path, "at": at})


def sweep(session: Session, *, before: datetime, most: int) -> int:
    """Delete what was told before a moment, at most so much; how much that was."""
    session.execute(_SWEEP_POSTS, {"before": before})
    session.execute(_SWEEP_DIGESTS, {"before": before})
    return rows_changed(session, _SWEEP, {"before": before, "most": most})


def person_of(actor: Actor) -> int:
    """The account of a person. Raises NotFound for a program, which has nothing of a person's own."""
    if actor.user_id is None:
        raise NotFound()
    return actor.user_id


def _id_of(session: Session, key: str) -> int:
    try:
        [number] = sealer_of(session).open(_SEALED, key)
    except ValueError:
        raise NotFound() from None
    return int(number)


def _entry(session: Session, row: Record) -> Entry:
    return Entry(
        key=sealer_of(session).seal(_SEALED, [row.id]),
        id=row.id,
        event=row.event,
        path=row.path,
        zh=texts.kept(row.said, "zh"),
        en=texts.kept(row.said, "en"),
        created_at=row.created_at,
        read_at=row.read_at,
    )
