"""Who may read the files of an article: headquarters all, dealers those of the version they read."""

from __future__ import annotations

from sqlalchemy import text
from sqlalchemy.orm import Session

from portal.kernel.actor import Actor
from portal.kernel.errors import NotFound
from portal.knowledge.vocabulary import KnowledgeRight


def require_reader(session: Session, actor: Actor, number: str) -> None:
    """Raise NotFound, or Forbidden, for who may not read an article."""
    actor.require(KnowledgeRight.READ, KnowledgeRight.WRITE, KnowledgeRight.PUBLISH)
    if not actor.is_staff and not session.scalar(_IS_READ, {"number": number}):
        raise NotFound()


def require_file_reader(session: Session, actor: Actor, file_id: str) -> None:
    """Raise NotFound for a dealer, of a file that no version in force shows."""
    if not actor.is_staff and not session.scalar(_IS_SHOWN, {"id": file_id}):
        raise NotFound()


_IS_READ = text(
    "SELECT EXISTS (SELECT FROM knowledge_article WHERE number = :number AND current_version IS NOT NULL)"
)
_IS_SHOWN = text(
    """
    SELECT EXISTS (
      SELECT FROM stored_file f
        JOIN knowledge_article a ON a.number = f.owner_number
        JOIN knowledge_version v ON (v.article_id, v.version_no) = (a.id, a.current_version)
       WHERE f.id = :id AND f.owner_kind = 'knowledge_article' AND f.id = ANY (v.file_ids))
    """
)
