"""The work of whoever answers for prices."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import date, datetime

from sqlalchemy.orm import Session

from portal.kernel.actor import Actor
from portal.kernel.errors import N_
from portal.kernel.manifest import Waiting
from portal.pricing.policies import policies
from portal.pricing.vocabulary import PriceRight


def work(session: Session, actor: Actor, at: datetime, _today: date) -> Iterator[Waiting]:
    """Versions that wait for this person: to be submitted, approved, published."""
    proposes, decides = actor.may(PriceRight.POLICIES), actor.may(PriceRight.APPROVE)
    if not (proposes or decides):
        return
    found = Counter(
        one.state
        for one in policies(session, actor=actor, at=at)
        if one.editable and not (one.state == "submitted" and actor.key in one.written_by)
    )
    for state, words, asked in (
        ("draft", N_("Policy drafts to submit"), proposes),
        ("submitted", N_("Policies to approve"), decides),
        ("approved", N_("Policies to publish"), True),
    ):
        if asked:
            yield Waiting(words, found[state], "policies.index", {"state": state})
