"""Somebody of a dealer says whether an article helped: once a reader, and the latest word counts."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import text
from sqlalchemy.orm import Session

from portal.kernel.actor import Actor
from portal.kernel.db import rows_changed
from portal.kernel.errors import NotFound
from portal.knowledge.vocabulary import KnowledgeRight


def vote(
    session: Session, *, actor: Actor, number: str, is_helpful: bool, is_solved: bool = False, at: datetime
) -> None:
    """Say whether a published article helped, and whether no request is needed any more.

    Raises NotFound, Forbidden.
    """
    actor.require(KnowledgeRight.READ)
    said = {
        "dealer_id": actor.own_dealer_id,
        "number": number,
        "reader": actor.key,
        "is_helpful": is_helpful or is_solved,
        "is_solved": is_solved,
        "at": at,
    }
    if not rows_changed(session, _VOTE, said):
        raise NotFound()


_VOTE = text(
    """
    INSERT INTO knowledge_vote AS v (dealer_id, article_id, reader, is_helpful, is_solved, voted_at)
    SELECT :dealer_id, a.id, :reader, :is_helpful, :is_solved, :at
      FROM knowledge_article a WHERE a.number = :number AND a.current_version IS NOT NULL
    ON CONFLICT (dealer_id, article_id, reader) DO UPDATE
       SET is_helpful = excluded.is_helpful, is_solved = excluded.is_solved, voted_at = excluded.voted_at
    """
)
