"""Articles that wait for another person."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime

from sqlalchemy.orm import Session

from portal.kernel.actor import Actor
from portal.kernel.errors import N_
from portal.kernel.manifest import Waiting
from portal.knowledge.editorial import count_submitted
from portal.knowledge.vocabulary import KnowledgeRight


def work(session: Session, actor: Actor, _at: datetime, _today: date) -> Iterator[Waiting]:
    """What was handed in, for who may publish it."""
    if not actor.may(KnowledgeRight.PUBLISH):
        return
    if count := count_submitted(session, but_of=actor.key):
        yield Waiting(N_("Articles to publish"), count, "articles.index", {"state": "submitted"})
