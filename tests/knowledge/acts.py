"""What staff and dealers do with articles, each in a transaction of its own."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from portal.kernel.db import Database, transaction
from portal.knowledge.editorial import EditedArticle, edited_article
from portal.knowledge.publish_article import publish_article
from portal.knowledge.rules import Content
from portal.knowledge.write_article import draft_article, submit_article
from tests import cast
from tests.roles import Person, System

T = TypeVar("T")
AUTHOR, PUBLISHER, READER = cast.order_desk, cast.quality, cast.huadong.service
PUMP = Content(
    title_zh="输液泵报警 E03：管路阻塞",
    title_en="Infusion pump alarm E03: line blocked",
    text_zh="先停止输液。\n\n- 检查管路是否弯折\n- 更换过滤器",
    text_en="Stop the infusion first.\n\n- Look for a bent line\n- Replace the filter",
    words="E03 堵管 occlusion",
    kinds=("repair",),
)


def as_(database: Database, who: Person | System, act: Callable[..., T], **about: Any) -> T:
    """What ``act(session, actor=…, …)`` gives, committed."""
    actor = who.actor()
    with transaction(database.session_for(actor)) as session:
        return act(session, actor=actor, **about)


def drafted(database: Database, content: Content = PUMP, *, by: Person = AUTHOR, files: Any = ()) -> str:
    """A draft; its number."""
    about = {"content": content, "files": files, "today": cast.TODAY, "at": cast.NOW}
    return as_(database, by, draft_article, **about)


def seen(database: Database, number: str, *, by: Person = AUTHOR) -> EditedArticle:
    """The article as headquarters sees it."""
    return as_(database, by, edited_article, number=number)


def submitted(database: Database, number: str, *, by: Person = AUTHOR) -> str:
    """Handed in; its number."""
    as_(database, by, submit_article, number=number, revision=None, at=cast.NOW)
    return number


def published(database: Database, content: Content = PUMP, *, files: Any = ()) -> str:
    """Written by one person and published by another; its number."""
    number = submitted(database, drafted(database, content, files=files))
    as_(database, PUBLISHER, publish_article, number=number, revision=None, at=cast.NOW)
    return number
