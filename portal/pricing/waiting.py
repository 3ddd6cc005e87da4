"""The work of whoever answers for prices."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime

from sqlalchemy.orm import Session

from portal.kernel.actor import Actor
from portal.kernel.errors import N_
from portal.kernel.manifest import Waiting
from portal.pricing.policies import policies
from portal.pricing.vocabulary import PriceRight


def work(session: Session, actor: Actor, at: datetime, _today: date) -> Iterator[Waiting]:
    """Drafts that nobody has published."""
    if actor.may(PriceRight.POLICIES):
        drafts = policies(session, actor=actor, at=at, state="draft")
        yield Waiting(N_("Policy drafts to publish"), len(drafts), "policies.index", {"state": "draft"})
