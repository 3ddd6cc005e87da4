"""Quotes that wait for the dealer; repairs that wait for a quote, for parts or for a visit."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from portal.kernel.actor import Actor
from portal.kernel.errors import N_
from portal.kernel.manifest import Waiting
from portal.kernel.paging import COUNTED_MAX
from portal.service.vocabulary import STAFF, ServiceRight

OWN, DAY = "service.index", "repair_visits.day"


def work(session: Session, actor: Actor, at: datetime, _today: date) -> Iterator[Waiting]:
    """What the dealer has to decide; visits of today, and what they wait for."""
    most = COUNTED_MAX + 1
    if not actor.is_staff:
        if actor.may(ServiceRight.WRITE):
            about = {"dealer_id": actor.dealer_id, "most": most}
            offered = session.execute(_OFFERED, about).scalar_one()
            yield Waiting(
                N_("Repair quotes to decide on"), offered, OWN, {"status": "waiting", "kind": "repair"},
                is_urgent=True,
            )  # fmt: skip
        return
    if not any(actor.may(right) for right in STAFF):
        return
    about_staff: dict[str, Any] = {"user_id": actor.user_id or 0, "at": at, "most": most}
    found = session.execute(_OF_STAFF, about_staff).one()
    yield Waiting(N_("Your visits"), found.mine, DAY, {})
    if actor.may(ServiceRight.DESK):
        yield Waiting(N_("Visits without a report"), found.late, DAY, {"show": "late"}, is_urgent=True)
        yield Waiting(
            N_("Repairs that wait for parts"), found.short, "service_desk.index", {"kind": "repair"}
        )


_OFFERED = text(
    """
    SELECT count(*) FROM (SELECT FROM repair_quote
                           WHERE dealer_id = :dealer_id AND state = 'offered' LIMIT :most) met
    """
)
_OF_STAFF = text(
    """
    SELECT (SELECT count(*) FROM (SELECT FROM repair_visit
                                   WHERE state = 'planned' AND technician_id = :user_id LIMIT :most) met)
             AS mine,
           (SELECT count(*) FROM (SELECT FROM repair_visit
                                   WHERE state = 'planned' AND ends_at < :at LIMIT :most) met) AS late,
           (SELECT count(*) FROM (SELECT FROM repair WHERE ended_at IS NULL AND short LIMIT :most) met)
             AS short
    """
)
