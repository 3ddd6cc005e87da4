"""Recalls that wait for somebody: a decision, a telephone call, a dealer's answer."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime

from sqlalchemy import text
from sqlalchemy.orm import Session

from portal.kernel.actor import Actor
from portal.kernel.errors import N_
from portal.kernel.manifest import Tally, Waiting
from portal.nonconforming.vocabulary import QualityRight
from portal.recalls.vocabulary import RecallRight

DESK, OWN = "recalls_desk.index", "recalls.index"
"""The lists of headquarters and of a dealer."""


def work(_session: Session, actor: Actor, _at: datetime, _today: date) -> Iterator[Tally]:
    """To quality what another person confirmed, to the desk who is to be called, to a dealer what it owes."""
    if actor.is_staff:
        if actor.may(QualityRight.DECIDE):
            label, confirmed = N_("Recalls to decide on"), {"status": "confirmed"}
            yield Tally(Waiting(label, 0, DESK, confirmed, is_urgent=True), _TO_DECIDE)
        if actor.may(RecallRight.DESK):
            label, running = N_("Holders to telephone about a recall"), {"status": "running"}
            yield Tally(Waiting(label, 0, DESK, running, is_urgent=True), _TO_CALL)
    elif actor.may(RecallRight.ANSWER):
        yield Tally(Waiting(N_("Recalls to answer"), 0, OWN, {}, is_urgent=True), _TO_ANSWER)


_TO_DECIDE = text(
    """
    SELECT count(*) FROM (SELECT FROM recall
                           WHERE state = 'confirmed' AND confirmed_by <> :actor
                             AND :actor <> ALL (written_by) LIMIT :most) met
    """
)
_TO_CALL = text(
    """
    SELECT count(*) FROM (SELECT FROM recall k JOIN recall_response r ON r.recall_id = k.id
                           WHERE k.state = 'running' AND r.answered_at IS NULL AND r.reminded = 100
                             AND r.telephoned_at IS NULL LIMIT :most) met
    """
)
_TO_ANSWER = text(
    """
    SELECT count(*) FROM (SELECT FROM recall_response r JOIN recall k ON k.id = r.recall_id
                           WHERE r.dealer_id = :dealer_id AND r.answered_at IS NULL AND k.ended_at IS NULL
                           LIMIT :most) met
    """
)
