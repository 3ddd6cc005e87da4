"""Moves of provinces that wait for another person."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime

from sqlalchemy import text
from sqlalchemy.orm import Session

from portal.kernel.actor import Actor
from portal.kernel.errors import N_
from portal.kernel.manifest import Tally, Waiting
from portal.regions.vocabulary import RegionRight

_TO_DECIDE = text(
    """
    SELECT count(*) FROM (
      SELECT FROM region_move WHERE state = 'waiting' AND proposed_by <> :actor LIMIT :most) met
    """
)


def work(_session: Session, actor: Actor, _at: datetime, _today: date) -> Iterator[Tally]:
    """Moves that somebody else has proposed."""
    if actor.is_staff and actor.region_ids is None and actor.may(RegionRight.ORGANISE):
        yield Tally(Waiting(N_("Moves of provinces to decide on"), 0, "regions.index"), _TO_DECIDE)
