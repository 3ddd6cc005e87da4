"""Who may read the scans of papers."""

from __future__ import annotations

from sqlalchemy import text
from sqlalchemy.orm import Session

from portal.kernel.actor import Actor
from portal.kernel.errors import NotFound
from portal.papers.vocabulary import PaperRight

OWNER_KIND = "dealer_paper"


def require_reader(session: Session, actor: Actor, number: str) -> None:
    """Raise NotFound, or Forbidden, for who may not read a paper."""
    actor.require(PaperRight.DESK if actor.is_staff else PaperRight.READ)
    if session.execute(_SEEN, {"number": number}).scalar_one_or_none() is None:
        raise NotFound()


_SEEN = text("SELECT id FROM dealer_paper WHERE number = :number")
