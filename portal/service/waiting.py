"""Requests that wait: for whoever serves, or for the dealer."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime

from sqlalchemy import text
from sqlalchemy.orm import Session

from portal.kernel.actor import Actor
from portal.kernel.errors import N_
from portal.kernel.manifest import Waiting
from portal.kernel.paging import COUNTED_MAX
from portal.service.vocabulary import STAFF, ServiceRight

OWN, DESK = "service.index", "service_desk.index"
"""The pages of requests: the dealer's, and headquarters'."""


def work(session: Session, actor: Actor, at: datetime, _today: date) -> Iterator[Waiting]:
    """What the dealer is asked, or can rate; what somebody who serves has to do."""
    most = COUNTED_MAX + 1
    if not actor.is_staff:
        if actor.may(ServiceRight.WRITE):
            found = session.execute(_OF_DEALER, {"dealer_id": actor.dealer_id, "most": most}).one()
            yield Waiting(N_("Service asks you"), found.waiting, OWN, {"status": "waiting"}, is_urgent=True)
            yield Waiting(N_("Service requests resolved"), found.resolved, OWN, {"status": "resolved"})
        return
    if not any(actor.may(right) for right in STAFF):
        return
    about = {"user_id": actor.user_id or 0, "at": at, "most": most}
    found = session.execute(_OF_STAFF, about).one()
    if actor.may(ServiceRight.DESK):
        yield Waiting(
            N_("Service requests nobody has"), found.unassigned, DESK, {"queue": "unassigned"}, is_urgent=True
        )
        yield Waiting(
            N_("Service requests overdue"), found.overdue, DESK, {"queue": "overdue"}, is_urgent=True
        )
    yield Waiting(N_("Your service requests"), found.mine, DESK, {"queue": "mine"})


_OF_DEALER = text(
    """
    SELECT count(*) FILTER (WHERE met.state = 'waiting') AS waiting,
           count(*) FILTER (WHERE met.state = 'resolved') AS resolved
      FROM (SELECT state FROM service_request
             WHERE dealer_id = :dealer_id AND state IN ('waiting', 'resolved') LIMIT :most) met
    """
)
_OF_STAFF = text(
    """
    SELECT (SELECT count(*) FROM (SELECT FROM service_request
                                   WHERE state IN ('new', 'assigned', 'in_progress', 'waiting')
                                     AND assignee_id IS NULL LIMIT :most) met) AS unassigned,
           (SELECT count(*) FROM (SELECT FROM service_request
                                   WHERE state IN ('new', 'assigned', 'in_progress', 'waiting')
                                     AND paused_at IS NULL AND due_at <= :at LIMIT :most) met) AS overdue,
           (SELECT count(*) FROM (SELECT FROM service_request
                                   WHERE state IN ('new', 'assigned', 'in_progress')
                                     AND assignee_id = :user_id LIMIT :most) met) AS mine
    """
)
