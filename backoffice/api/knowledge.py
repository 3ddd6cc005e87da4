"""Articles written, published by another, and withdrawn by headquarters' systems."""

from __future__ import annotations

from typing import Any

from backoffice.api.schemas.knowledge import (
    ArticleActBody,
    ArticleBody,
    DeskArticleShape,
    DeskArticlesPage,
    DeskArticlesQuery,
)
from portal.blueprints.api.knowledge import file_shown
from portal.kernel.errors import N_
from portal.knowledge.editorial import ArticleSummary, edited_article, edited_articles
from portal.knowledge.publish_article import publish_article, reject_article, withdraw_article
from portal.knowledge.rules import Content
from portal.knowledge.vocabulary import KnowledgeRight
from portal.knowledge.write_article import draft_article, edit_article, recall_article, submit_article
from portal.web.api.buyer import now_and_today
from portal.web.api.operations import HEADQUARTERS, operation
from portal.web.request import current_actor, current_session

STAFF = (KnowledgeRight.WRITE, KnowledgeRight.PUBLISH)
_WRITE, _PUBLISH = (KnowledgeRight.WRITE,), (KnowledgeRight.PUBLISH,)


@operation(
    "GET",
    "/hq/knowledge",
    tag=HEADQUARTERS,
    rights=STAFF,
    query=DeskArticlesQuery,
    answers=DeskArticlesPage,
    summary=N_("Articles with their drafts"),
    about=N_("Readers are counted of the dealers in the actor's regions."),
)
def index(query: DeskArticlesQuery) -> dict[str, Any]:
    page = edited_articles(
        current_session(),
        actor=current_actor(),
        state=query.state or "",
        q=query.q,
        limit=query.limit,
        cursor=query.cursor,
    )
    return {"items": [_row(one) for one in page.items], "next_cursor": page.next_cursor}


@operation(
    "POST",
    "/hq/knowledge",
    tag=HEADQUARTERS,
    rights=_WRITE,
    body=ArticleBody,
    answers=DeskArticleShape,
    creates=True,
    summary=N_("Draft an article"),
    about=N_("Nobody reads it until another person has published it."),
)
def create(body: ArticleBody) -> dict[str, Any]:
    at, today = now_and_today()
    return _shown(
        draft_article(
            current_session(),
            actor=current_actor(),
            content=_content(body),
            files=body.files,
            today=today,
            at=at,
        )
    )


@operation(
    "GET",
    "/hq/knowledge/<number>",
    tag=HEADQUARTERS,
    rights=STAFF,
    answers=DeskArticleShape,
    summary=N_("One article by its newest version"),
    about=N_("Drafts too. Its revision is what a change names."),
)
def show(number: str) -> dict[str, Any]:
    return _shown(number)


@operation(
    "PUT",
    "/hq/knowledge/<number>",
    tag=HEADQUARTERS,
    rights=_WRITE,
    body=ArticleBody,
    answers=DeskArticleShape,
    conflicts=True,
    summary=N_("Change a draft, or begin the next version"),
    about=N_("Dealers go on reading the published version until the next is published."),
)
def edit(number: str, body: ArticleBody) -> dict[str, Any]:
    edit_article(
        current_session(),
        actor=current_actor(),
        at=now_and_today()[0],
        number=number,
        revision=body.revision,
        content=_content(body),
        files=body.files,
    )
    return _shown(number)


@operation(
    "POST",
    "/hq/knowledge/<number>/submission",
    tag=HEADQUARTERS,
    rights=_WRITE,
    body=ArticleActBody,
    answers=DeskArticleShape,
    conflicts=True,
    summary=N_("Hand a draft in"),
    about=N_("Another person publishes it or sends it back."),
)
def submit(number: str, body: ArticleActBody) -> dict[str, Any]:
    submit_article(
        current_session(), actor=current_actor(), number=number, revision=body.revision, at=now_and_today()[0]
    )
    return _shown(number)


@operation(
    "POST",
    "/hq/knowledge/<number>/recall",
    tag=HEADQUARTERS,
    rights=_WRITE,
    body=ArticleActBody,
    answers=DeskArticleShape,
    conflicts=True,
    summary=N_("Take back what was handed in"),
    about=N_("It is a draft again."),
)
def recall(number: str, body: ArticleActBody) -> dict[str, Any]:
    recall_article(current_session(), actor=current_actor(), number=number, revision=body.revision)
    return _shown(number)


@operation(
    "POST",
    "/hq/knowledge/<number>/publication",
    tag=HEADQUARTERS,
    rights=_PUBLISH,
    body=ArticleActBody,
    answers=DeskArticleShape,
    conflicts=True,
    summary=N_("Publish an article"),
    about=N_("403 for everybody who had a hand in it. Dealers read and find it from then on."),
)
def publish(number: str, body: ArticleActBody) -> dict[str, Any]:
    publish_article(
        current_session(), actor=current_actor(), number=number, revision=body.revision, at=now_and_today()[0]
    )
    return _shown(number)


@operation(
    "POST",
    "/hq/knowledge/<number>/rejection",
    tag=HEADQUARTERS,
    rights=_PUBLISH,
    body=ArticleActBody,
    answers=DeskArticleShape,
    conflicts=True,
    summary=N_("Send an article back to its authors"),
    about=N_("With a reason; it is a draft again."),
)
def reject(number: str, body: ArticleActBody) -> dict[str, Any]:
    reject_article(
        current_session(), actor=current_actor(), number=number, revision=body.revision, reason=body.reason
    )
    return _shown(number)


@operation(
    "POST",
    "/hq/knowledge/<number>/withdrawal",
    tag=HEADQUARTERS,
    rights=_PUBLISH,
    body=ArticleActBody,
    answers=DeskArticleShape,
    conflicts=True,
    summary=N_("Withdraw an article"),
    about=N_("Dealers read it no more."),
)
def withdraw(number: str, body: ArticleActBody) -> dict[str, Any]:
    withdraw_article(
        current_session(), actor=current_actor(), number=number, reason=body.reason, at=now_and_today()[0]
    )
    return _shown(number)


def _content(body: ArticleBody) -> Content:
    return Content(
        title_zh=body.title_zh,
        title_en=body.title_en,
        text_zh=body.text_zh,
        text_en=body.text_en,
        words=body.words,
        kinds=tuple(body.kinds),
        categories=tuple(body.categories),
    )


def _row(one: ArticleSummary) -> dict[str, Any]:
    return {
        "number": one.number,
        "version": one.version_no,
        "current_version": one.current_version,
        "state": one.state,
        "title_zh": one.title_zh,
        "title_en": one.title_en,
        "kinds": one.kinds,
        "published_at": one.published_at,
        "helpful": one.helpful,
        "unhelpful": one.unhelpful,
        "solved": one.solved,
    }


def _shown(number: str) -> dict[str, Any]:
    found = edited_article(current_session(), actor=current_actor(), number=number)
    return {
        "number": found.number,
        "version": found.version_no,
        "current_version": found.current_version,
        "state": found.state,
        "revision": found.revision,
        "reason": found.reason,
        "title_zh": found.title_zh,
        "title_en": found.title_en,
        "text_zh": found.text_zh,
        "text_en": found.text_en,
        "words": found.words,
        "kinds": found.kinds,
        "categories": found.categories,
        "helpful": found.helpful,
        "unhelpful": found.unhelpful,
        "solved": found.solved,
        "files": [file_shown(one) for one in found.files],
    }
