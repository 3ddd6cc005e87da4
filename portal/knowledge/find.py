"""Articles in the search across the portal."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy.orm import Session

from portal.kernel.actor import Actor
from portal.kernel.manifest import Hit
from portal.knowledge.queries import articles


def find_articles(session: Session, actor: Actor, q: str, limit: int) -> Iterator[Hit]:
    """Those that dealers read, the nearest first; headquarters is led to where they are edited."""
    endpoint = "articles.show" if actor.is_staff else "knowledge.show"
    for one in articles(session, q=q, limit=limit).items:
        yield Hit(endpoint, {"number": one.number}, one.number, names=(one.title_zh, one.title_en))
