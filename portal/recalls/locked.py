"""A recall under lock, as every verb but the holders' answers needs it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import text
from sqlalchemy.orm import Session

from portal.kernel.db import value_of
from portal.kernel.errors import NotFound
from portal.kernel.proposals import overtaken


@dataclass(frozen=True, slots=True)
class LockedRecall:
    """A recall that nobody else can change until the commit."""

    id: int
    number: str
    revision: int
    state: str
    version_no: int
    level: int
    is_drill: bool
    title: str
    written_by: list[str]
    confirmed_by: str | None
    decided_at: datetime | None

    @property
    def authors(self) -> list[str]:
        """Everybody who had a hand in it; none of them decides."""
        return [*self.written_by, self.confirmed_by or ""]


def lock_recall(session: Session, number: str, revision: int | None = None) -> LockedRecall:
    """The recall, locked. revision: as it was read; None where nothing of it matters.

    Raises NotFound, Conflict for one that was changed meanwhile.
    """
    row = session.execute(_LOCK, {"number": number}).one_or_none()
    if row is None:
        raise NotFound()
    if revision is not None and row.revision != revision:
        raise overtaken()
    return value_of(LockedRecall, row)


_LOCK = text(
    """
    SELECT id, number, revision, state, version_no, level, is_drill, title, written_by, confirmed_by,
           decided_at
      FROM recall WHERE number = :number FOR NO KEY UPDATE
    """
)
