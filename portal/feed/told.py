"""Whom to tell that an entry is shown."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import text
from sqlalchemy.orm import Session

from portal.feed.readers import REACHED_DEALERS
from portal.identity.queries import Reader

PUBLISHED = "notice.published"
DEMANDED = "notice.demanded"
_ENTRY = text(
    """
    SELECT id, number, kind, title_zh, title_en, must_acknowledge FROM feed_entry
     WHERE number = :number AND state = 'published' AND shown_from <= :at
    """
)
_READERS = text(
    f"""
    SELECT u.id AS user_id, u.email, u.display_name AS name, u.locale
      FROM (SELECT d.id {REACHED_DEALERS}) t JOIN user_account u ON u.dealer_id = t.id
     WHERE u.disabled_at IS NULL AND u.id > :after
     ORDER BY u.id LIMIT :limit
    """
)


@dataclass(frozen=True, slots=True)
class Shown:
    """An entry that dealers see."""

    id: int
    number: str
    kind: str
    title_zh: str
    title_en: str
    must_acknowledge: bool

    @property
    def event(self) -> str:
        """What people are told: of their own kind, or that they have to acknowledge it."""
        return DEMANDED if self.must_acknowledge else f"notice.{self.kind}"


def published_entry(session: Session, *, number: str, at: datetime) -> Shown | None:
    """An entry that is shown at a moment; None for one that was withdrawn."""
    row = session.execute(_ENTRY, {"number": number, "at": at}).one_or_none()
    return None if row is None else Shown(**row._mapping)


def readers_after(session: Session, entry: Shown, *, after: int, limit: int) -> list[Reader]:
    """The people of the dealers that an entry reaches, by their accounts."""
    rows = session.execute(_READERS, {"entry_id": entry.id, "after": after, "limit": limit})
    return [Reader(**row._mapping) for row in rows]
