"""The work on dealers: tiers to decide on."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime

from sqlalchemy import text
from sqlalchemy.orm import Session

from portal.dealers.vocabulary import DealerRight
from portal.kernel.actor import Actor
from portal.kernel.errors import N_
from portal.kernel.manifest import Tally, Waiting

_TIERS = text(
    """
    SELECT count(*) FROM (
      SELECT FROM dealer_tier_change WHERE state = 'waiting' AND proposed_by <> :actor LIMIT :most) met
    """
)


def work(_session: Session, actor: Actor, _at: datetime, _today: date) -> Iterator[Tally]:
    """Tiers that somebody else has proposed."""
    if actor.is_staff and actor.may(DealerRight.TIERS):
        yield Tally(Waiting(N_("Tiers to decide on"), 0, "tier_changes.index"), _TIERS)
