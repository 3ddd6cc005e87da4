"""Articles as headquarters sees them: every version, what waits, and whom they helped."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import TextClause, text
from sqlalchemy.orm import Session

from portal.files.attach import FileRow
from portal.kernel import paging
from portal.kernel.actor import Actor
from portal.kernel.db import value_of
from portal.kernel.errors import NotFound
from portal.kernel.paging import Page
from portal.kernel.search_pattern import containing
from portal.knowledge.queries import shown_files
from portal.knowledge.vocabulary import KnowledgeRight


@dataclass(frozen=True, slots=True)
class ArticleSummary:
    """An article in headquarters' list, by its newest version. current_version: that dealers read.

    helpful, unhelpful, solved: readers, of the dealers in the session's scope.
    """

    id: int
    number: str
    version_no: int
    current_version: int | None
    title_zh: str
    title_en: str
    kinds: list[str]
    state: str
    author: str
    created_at: datetime
    published_at: datetime | None
    helpful: int
    unhelpful: int
    solved: int


@dataclass(frozen=True, slots=True)
class VersionRow:
    """A version of an article in its history."""

    version_no: int
    state: str
    author: str
    created_at: datetime
    submitted_by_label: str | None
    published_by_label: str | None
    published_at: datetime | None
    withdrawn_by_label: str | None
    withdrawn_at: datetime | None
    reason: str


@dataclass(frozen=True, slots=True)
class EditedArticle:
    """An article for whoever edits or publishes it: its newest version whole."""

    number: str
    version_no: int
    current_version: int | None
    state: str
    revision: int
    written_by: list[str]
    reason: str
    title_zh: str
    title_en: str
    text_zh: str
    text_en: str
    words: str
    kinds: list[str]
    categories: list[str]
    helpful: int
    unhelpful: int
    solved: int
    files: tuple[FileRow, ...]
    versions: tuple[VersionRow, ...]


_NEWEST = """
knowledge_article a
  JOIN LATERAL (SELECT * FROM knowledge_version w WHERE w.article_id = a.id
                 ORDER BY w.version_no DESC LIMIT 1) v ON true
  LEFT JOIN LATERAL (SELECT count(*) FILTER (WHERE o.is_helpful) AS helpful,
                            count(*) FILTER (WHERE NOT o.is_helpful) AS unhelpful,
                            count(*) FILTER (WHERE o.is_solved) AS solved
                       FROM knowledge_vote o WHERE o.article_id = a.id) t ON true
"""


@cache
def _articles(with_state: bool, with_q: bool, back: bool | None) -> TextClause:
    after, order = paging.keyset("a.created_at", "a.id", descending=True, back=back)
    conditions = [after] if after else []
    if with_state:
        conditions.append("v.state = :state")
    if with_q:
        conditions.append(
            "search_fold(a.number || ' ' || v.title_zh || ' ' || v.title_en || ' ' || v.words) LIKE :q"
        )
    where = f"WHERE {' AND '.join(conditions)}" if conditions else ""
    return text(
        f"""
        SELECT a.id, a.number, v.version_no, a.current_version, v.title_zh, v.title_en, v.kinds, v.state,
               v.proposed_by_label AS author, a.created_at, v.published_at, t.helpful, t.unhelpful, t.solved
          FROM {_NEWEST} {where} ORDER BY {order} LIMIT :limit
        """
    )


_ARTICLE = text(
    f"""
    SELECT a.number, v.version_no, a.current_version, v.state, v.revision, v.written_by, v.reason, v.title_zh,
           v.title_en, v.text_zh, v.text_en, v.words, v.kinds, v.categories, t.helpful, t.unhelpful, t.solved,
           v.file_ids
      FROM {_NEWEST} WHERE a.number = :number
    """
)
_VERSIONS = text(
    """
    SELECT v.version_no, v.state, v.proposed_by_label AS author, v.created_at, v.submitted_by_label,
           v.published_by_label, v.published_at, v.withdrawn_by_label, v.withdrawn_at, v.reason
      FROM knowledge_version v JOIN knowledge_article a ON a.id = v.article_id
     WHERE a.number = :number ORDER BY v.version_no DESC
    """
)


def edited_articles(
    session: Session,
    *,
    actor: Actor,
    state: str = "",
    q: str = "",
    limit: int = 50,
    cursor: str | None = None,
) -> Page[ArticleSummary]:
    """Every article, the one begun last first."""
    actor.require(KnowledgeRight.WRITE, KnowledgeRight.PUBLISH)
    cursors = paging.cursors(session, "knowledge desk", paging.moment, int)
    place = cursors.place_of(cursor)
    parameters: dict[str, Any] = {"state": state, "q": containing(q), "limit": limit + 1}
    if place:
        parameters["from_key"], parameters["from_id"] = place.key
    statement = _articles(bool(state), bool(q.strip()), None if place is None else place.back)
    found = [ArticleSummary(**row._mapping) for row in session.execute(statement, parameters)]
    return cursors.page_of(found, limit, lambda row: (row.created_at.isoformat(), row.id), place)


def edited_article(session: Session, *, actor: Actor, number: str) -> EditedArticle:
    """One article with its history. Raises NotFound."""
    actor.require(KnowledgeRight.WRITE, KnowledgeRight.PUBLISH)
    row = session.execute(_ARTICLE, {"number": number}).one_or_none()
    if row is None:
        raise NotFound()
    versions = tuple(VersionRow(**one._mapping) for one in session.execute(_VERSIONS, {"number": number}))
    return value_of(EditedArticle, row, files=shown_files(session, number, row.file_ids), versions=versions)


def count_submitted(session: Session, *, but_of: str) -> int:
    """Versions that wait for somebody who had no hand in them."""
    return int(session.scalar(_SUBMITTED, {"actor": but_of}) or 0)


_SUBMITTED = text(
    "SELECT count(*) FROM knowledge_version WHERE state = 'submitted' AND :actor <> ALL (written_by)"
)
