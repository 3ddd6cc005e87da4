"""The knowledge base, read and judged by programs of dealers."""

from __future__ import annotations

from typing import Any

from portal.blueprints.api.schemas.knowledge import ArticleShape, ArticlesPage, KnowledgeQuery, VoteBody
from portal.files.attach import FileRow
from portal.kernel import clock
from portal.kernel.errors import N_
from portal.knowledge import queries
from portal.knowledge.manifest import CHAPTER
from portal.knowledge.queries import ArticleRow
from portal.knowledge.vocabulary import KnowledgeRight
from portal.knowledge.vote import vote
from portal.web.api.operations import operation
from portal.web.request import current_actor, current_session, portal


@operation(
    "GET",
    "/knowledge",
    tag=CHAPTER,
    rights=(KnowledgeRight.READ,),
    query=KnowledgeQuery,
    answers=ArticlesPage,
    summary=N_("Articles that answer a question"),
    about=N_("With `q` or `sku` the nearest, at most fifty; without, all of them, the latest first."),
)
def index(query: KnowledgeQuery) -> dict[str, Any]:
    session, kind = current_session(), query.kind or ""
    if query.q.strip() or query.sku:
        portal().limits.spend(portal().settings.search_rate, "searches", current_actor().key)
        most = min(query.limit, queries.RANKED_MAX)
        found = queries.suggestions(session, q=query.q, kind=kind, sku=query.sku or "", limit=most)
        return {"items": [_row(one) for one in found], "next_cursor": None}
    page = queries.articles(session, kind=kind, limit=query.limit, cursor=query.cursor)
    return {"items": [_row(one) for one in page.items], "next_cursor": page.next_cursor}


@operation(
    "GET",
    "/knowledge/<number>",
    tag=CHAPTER,
    rights=(KnowledgeRight.READ,),
    answers=ArticleShape,
    summary=N_("One article"),
    about=N_("The version that dealers read. Its files are fetched at `/files/{id}`."),
)
def show(number: str) -> dict[str, Any]:
    found = queries.article(current_session(), actor=current_actor(), number=number)
    return {
        "number": found.number,
        "version": found.version_no,
        "title_zh": found.title_zh,
        "title_en": found.title_en,
        "text_zh": found.text_zh,
        "text_en": found.text_en,
        "kinds": found.kinds,
        "categories": found.categories,
        "published_at": found.published_at,
        "helpful": found.is_helpful,
        "files": [file_shown(one) for one in found.files],
    }


@operation(
    "POST",
    "/knowledge/<number>/vote",
    tag=CHAPTER,
    rights=(KnowledgeRight.READ,),
    body=VoteBody,
    answers=ArticleShape,
    summary=N_("Say whether an article helped"),
    about=N_("Once a reader; the latest word counts."),
)
def helped(number: str, body: VoteBody) -> dict[str, Any]:
    vote(
        current_session(),
        actor=current_actor(),
        number=number,
        is_helpful=body.helpful,
        is_solved=body.solved,
        at=clock.now(),
    )
    answer: dict[str, Any] = show(number)
    return answer


def file_shown(one: FileRow) -> dict[str, Any]:
    """A file as calls tell it."""
    return {
        "id": one.id,
        "name": one.name,
        "media_type": one.media_type,
        "size": one.size,
        "sha256": one.sha256,
    }


def _row(one: ArticleRow) -> dict[str, Any]:
    return {
        "number": one.number,
        "title_zh": one.title_zh,
        "title_en": one.title_en,
        "kinds": one.kinds,
        "published_at": one.published_at,
    }
