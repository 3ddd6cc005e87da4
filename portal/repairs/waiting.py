"""Quotes that wait for the dealer; repairs that wait for a quote, for parts or for a visit."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime

from sqlalchemy import text
from sqlalchemy.orm import Session

from portal.kernel.actor import Actor
from portal.kernel.errors import N_
from portal.kernel.manifest import Tally, Waiting
from portal.service.vocabulary import STAFF, ServiceRight

OWN, DAY = "service.index", "repair_visits.day"


def work(_session: Session, actor: Actor, _at: datetime, _today: date) -> Iterator[Tally]:
    """What the dealer has to decide; visits of today, and what they wait for."""
    if not actor.is_staff:
        if actor.may(ServiceRight.WRITE):
            values = {"status": "waiting", "kind": "repair"}
            yield Tally(Waiting(N_("Repair quotes to decide on"), 0, OWN, values, is_urgent=True), _OFFERED)
        return
    if not any(actor.may(right) for right in STAFF):
        return
    yield Tally(Waiting(N_("Your visits"), 0, DAY, {}), _MINE)
    if actor.may(ServiceRight.DESK):
        late = {"show": "late"}
        yield Tally(Waiting(N_("Visits without a report"), 0, DAY, late, is_urgent=True), _LATE)
        repairs = {"kind": "repair"}
        yield Tally(Waiting(N_("Repairs that wait for parts"), 0, "service_desk.index", repairs), _SHORT)


_OFFERED = text(
    """
    SELECT count(*) FROM (SELECT FROM repair_quote
                           WHERE dealer_id = :dealer_id AND state = 'offered' LIMIT :most) met
    """
)
_MINE = text(
    """
    SELECT count(*) FROM (SELECT FROM repair_visit
                           WHERE state = 'planned' AND technician_id = :user_id LIMIT :most) met
    """
)
_LATE = text(
    """
    SELECT count(*) FROM (SELECT FROM repair_visit
                           WHERE state = 'planned' AND ends_at < :at LIMIT :most) met
    """
)
_SHORT = text("SELECT count(*) FROM (SELECT FROM repair WHERE ended_at IS NULL AND short LIMIT :most) met")
