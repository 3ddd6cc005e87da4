"""What dealers read: articles by what somebody typed, by subject, one by its number."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import TextClause, text
from sqlalchemy.orm import Session

from portal.files.attach import FileRow, files_of
from portal.files.rules import Owner
from portal.kernel import paging
from portal.kernel.actor import Actor
from portal.kernel.db import value_of
from portal.kernel.errors import NotFound
from portal.kernel.paging import Page
from portal.knowledge.articles import ARTICLE
from portal.knowledge.search_rules import asked

SUGGESTED_MAX = 5
RANKED_MAX = 50
"""Articles that a search gives, the nearest first."""


@dataclass(frozen=True, slots=True)
class ArticleRow:
    """An article in a list of dealers. published_at: since when this version is read."""

    id: int
    number: str
    title_zh: str
    title_en: str
    kinds: list[str]
    published_at: datetime


@dataclass(frozen=True, slots=True)
class ArticlePage:
    """An article as its page shows it. is_helpful, is_solved: the reader's word, None for nothing said."""

    number: str
    version_no: int
    title_zh: str
    title_en: str
    text_zh: str
    text_en: str
    kinds: list[str]
    categories: list[str]
    published_at: datetime
    is_helpful: bool | None
    is_solved: bool | None
    files: tuple[FileRow, ...]


_ROW = "a.id, a.number, v.title_zh, v.title_en, v.kinds, v.published_at"
_CURRENT = """
knowledge_article a JOIN knowledge_version v ON (v.article_id, v.version_no) = (a.id, a.current_version)
"""
# A product line helps with what lies below it: a code begins with those above.
_FITS = """
(CASE WHEN :kind = ANY (v.kinds) THEN 1.5 ELSE 1 END
 * CASE WHEN EXISTS (SELECT FROM product p, unnest(v.categories) AS line (code)
                      WHERE p.sku = :sku AND starts_with(p.category_code, line.code)) THEN 1.5 ELSE 1 END)
"""
_RANKED = text(
    f"""
    WITH hit AS (
      SELECT g.article_id, g.weight, count(*) OVER (PARTITION BY g.gram) AS spread
        FROM knowledge_gram g WHERE g.gram = ANY (:grams)
    ), scored AS (
      SELECT article_id, sum(weight / CAST(spread AS numeric)) AS score, count(*) AS grams
        FROM hit GROUP BY article_id
       HAVING count(*) >= :least OR max(weight) > 1
       ORDER BY score DESC, article_id LIMIT {RANKED_MAX}
    )
    SELECT {_ROW} FROM scored s JOIN {_CURRENT} ON a.id = s.article_id
     WHERE :only_kind = '' OR :only_kind = ANY (v.kinds) OR v.kinds = '{{}}'
     ORDER BY s.score * {_FITS} DESC, a.id LIMIT :limit
    """
)
_BY_SUBJECT = text(
    f"""
    SELECT {_ROW} FROM {_CURRENT}
     WHERE :kind = ANY (v.kinds)
        OR EXISTS (SELECT FROM product p, unnest(v.categories) AS line (code)
                    WHERE p.sku = :sku AND starts_with(p.category_code, line.code))
     ORDER BY {_FITS} DESC, v.published_at DESC, a.id LIMIT :limit
    """
)
_ARTICLE = text(
    f"""
    SELECT a.number, v.version_no, v.title_zh, v.title_en, v.text_zh, v.text_en, v.kinds, v.categories,
           v.published_at, v.file_ids, o.is_helpful, o.is_solved
      FROM {_CURRENT}
      LEFT JOIN knowledge_vote o
        ON o.dealer_id = :dealer_id AND o.article_id = a.id AND o.reader = :reader
     WHERE a.number = :number
    """
)


def suggestions(
    session: Session, *, q: str, kind: str = "", sku: str = "", limit: int = SUGGESTED_MAX
) -> list[ArticleRow]:
    """Articles that may answer what somebody is about to ask, the likeliest first; one statement at most."""
    grams = asked(q)
    subject = {"kind": kind, "sku": sku.strip(), "limit": limit}
    if grams:
        return _ranked(session, grams, only_kind="", **subject)
    if q.strip() or not (kind or subject["sku"]):
        return []
    return [ArticleRow(**row._mapping) for row in session.execute(_BY_SUBJECT, subject)]


def articles(
    session: Session, *, q: str = "", kind: str = "", limit: int = 50, cursor: str | None = None
) -> Page[ArticleRow]:
    """What dealers read: of what was typed the nearest first, at most fifty; else the latest first."""
    if q.strip():
        most = min(limit, RANKED_MAX)
        found = _ranked(session, asked(q), kind=kind, sku="", only_kind=kind, limit=most)
        return Page(tuple(found), None)
    cursors = paging.cursors(session, "knowledge", paging.moment, int)
    place = cursors.place_of(cursor)
    parameters: dict[str, Any] = {"kind": kind, "limit": limit + 1}
    if place:
        parameters["from_key"], parameters["from_id"] = place.key
    rows = session.execute(_listed(bool(kind), None if place is None else place.back), parameters)
    listed = [ArticleRow(**row._mapping) for row in rows]
    return cursors.page_of(listed, limit, lambda row: (row.published_at.isoformat(), row.id), place)


def article(session: Session, *, actor: Actor, number: str) -> ArticlePage:
    """The version that dealers read. Raises NotFound."""
    told = {"number": number, "dealer_id": actor.dealer_id, "reader": actor.key}
    row = session.execute(_ARTICLE, told).one_or_none()
    if row is None:
        raise NotFound()
    return value_of(ArticlePage, row, files=shown_files(session, number, row.file_ids))


def shown_files(session: Session, number: str, ids: list[str]) -> tuple[FileRow, ...]:
    """The files of an article that a version shows, in its order."""
    if not ids:
        return ()
    known = {one.id: one for one in files_of(session, Owner(ARTICLE, number))}
    return tuple(known[one] for one in ids if one in known)


def _ranked(session: Session, grams: list[str], **about: Any) -> list[ArticleRow]:
    if not grams:
        return []
    parameters = {"grams": grams, "least": 1 if len(grams) < 3 else 2, **about}
    return [ArticleRow(**row._mapping) for row in session.execute(_RANKED, parameters)]


@cache
def _listed(with_kind: bool, back: bool | None) -> TextClause:
    after, order = paging.keyset("v.published_at", "a.id", descending=True, back=back)
    conditions = [after] if after else []
    if with_kind:
        conditions.append("(:kind = ANY (v.kinds) OR v.kinds = '{}')")
    where = f"WHERE {' AND '.join(conditions)}" if conditions else ""
    return text(f"SELECT {_ROW} FROM {_CURRENT} {where} ORDER BY {order} LIMIT :limit")
