"""The work on dealers: licences that end, tiers to decide on."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime

from sqlalchemy import text
from sqlalchemy.orm import Session

from portal.dealers.vocabulary import DealerRight
from portal.kernel.actor import Actor
from portal.kernel.errors import N_
from portal.kernel.manifest import Tally, Waiting

_SOON = 31  # days

_ENDING = text(
    f"""
    SELECT count(*) FROM (
      SELECT FROM dealer_licence l
       WHERE l.latest AND l.valid_to BETWEEN :today AND CAST(:today AS date) + {_SOON}
         AND (EXISTS (SELECT FROM dealer d WHERE d.id = l.dealer_id AND d.state = 'active')) IS TRUE
       LIMIT :most) met
    """
)

_TIERS = text(
    """
    SELECT count(*) FROM (
      SELECT FROM dealer_tier_change WHERE state = 'waiting' AND proposed_by <> :actor LIMIT :most) met
    """
)


def work(_session: Session, actor: Actor, _at: datetime, _today: date) -> Iterator[Tally]:
    """Licences of active dealers that end within a month, so that no order has to be refused for one; tiers
    that somebody else has proposed.
    """
    if actor.dealer_id is None and actor.may(DealerRight.HEADQUARTERS):
        label = N_("Licences expiring within a month")
        yield Tally(Waiting(label, 0, "backoffice.index", {"_anchor": "licences"}), _ENDING)
        if actor.may(DealerRight.TIERS):
            yield Tally(Waiting(N_("Tiers to decide on"), 0, "tier_changes.index"), _TIERS)
