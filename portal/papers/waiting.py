"""Papers and authorisations that wait for somebody, and those that end."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime

from sqlalchemy import text
from sqlalchemy.orm import Session

from portal.kernel.actor import Actor
from portal.kernel.errors import N_
from portal.kernel.manifest import Tally, Waiting
from portal.papers.expiring import ENDED_DAYS
from portal.papers.fragments import is_renewed, of_open_dealer
from portal.papers.vocabulary import PaperRight

DESK, ENDING, AUTHORISATIONS = "papers_desk.index", "papers_desk.expiring", "authorisations_desk.index"
"""The pages of headquarters."""


def work(_session: Session, actor: Actor, _at: datetime, _today: date) -> Iterator[Tally]:
    """To quality what was filed, to channel managers what was proposed, to both and the dealer what ends."""
    if actor.is_staff:
        if actor.may(PaperRight.REVIEW):
            yield Tally(Waiting(N_("Papers of dealers to review"), 0, DESK, {"status": "filed"}), _FILED)
        if actor.may(PaperRight.APPROVE):
            proposed = {"status": "proposed"}
            label = N_("Authorisations to decide on")
            yield Tally(Waiting(label, 0, AUTHORISATIONS, proposed), _PROPOSED)
        if actor.may(PaperRight.DESK):
            yield Tally(
                Waiting(N_("Papers of dealers expiring within a month"), 0, ENDING, {"days": "30"}), _SOON
            )
    elif actor.may(PaperRight.FILE):
        label = N_("Papers to renew")
        yield Tally(Waiting(label, 0, "papers.expiring", {"days": "90"}, is_urgent=True), _OWN)


_FILED = text(
    """
    SELECT count(*) FROM (SELECT FROM dealer_paper
                           WHERE state = 'filed' AND filed_by <> :actor LIMIT :most) met
    """
)
_PROPOSED = text(
    """
    SELECT count(*) FROM (SELECT FROM authorisation
                           WHERE state = 'proposed' AND proposed_by <> :actor LIMIT :most) met
    """
)
_SOON = text(
    f"""
    SELECT count(*) FROM (
      SELECT FROM dealer_paper p
       WHERE p.state = 'accepted' AND p.valid_to BETWEEN :today AND CAST(:today AS date) + 30
         AND {of_open_dealer("p.dealer_id")}
       LIMIT :most) met
    """
)
_OWN = text(
    f"""
    SELECT count(*) FROM (
      SELECT FROM dealer_paper p
       WHERE p.dealer_id = :dealer_id AND p.state = 'accepted'
         AND p.valid_to BETWEEN CAST(:today AS date) - {ENDED_DAYS} AND CAST(:today AS date) + 90
         AND NOT {is_renewed("p")}
       LIMIT :most) met
    """
)
