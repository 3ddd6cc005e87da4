"""Requests that wait: for whoever serves, or for the dealer."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime

from sqlalchemy import text
from sqlalchemy.orm import Session

from portal.kernel.actor import Actor
from portal.kernel.errors import N_
from portal.kernel.manifest import Tally, Waiting
from portal.service.vocabulary import STAFF, ServiceRight

OWN, DESK = "service.index", "service_desk.index"
"""The pages of requests: the dealer's, and headquarters'."""


def work(_session: Session, actor: Actor, _at: datetime, _today: date) -> Iterator[Tally]:
    """What the dealer is asked, or can rate; what somebody who serves has to do."""
    if not actor.is_staff:
        if actor.may(ServiceRight.WRITE):
            waiting, resolved = {"status": "waiting"}, {"status": "resolved"}
            yield Tally(Waiting(N_("Service asks you"), 0, OWN, waiting, is_urgent=True), _ASKED)
            yield Tally(Waiting(N_("Service requests resolved"), 0, OWN, resolved), _RESOLVED)
        return
    if not any(actor.may(right) for right in STAFF):
        return
    if actor.may(ServiceRight.DESK):
        nobodys, overdue = {"queue": "unassigned"}, {"queue": "overdue"}
        label = N_("Service requests nobody has")
        yield Tally(Waiting(label, 0, DESK, nobodys, is_urgent=True), _UNASSIGNED)
        yield Tally(Waiting(N_("Service requests overdue"), 0, DESK, overdue, is_urgent=True), _OVERDUE)
    yield Tally(Waiting(N_("Your service requests"), 0, DESK, {"queue": "mine"}), _MINE)


_ASKED = text(
    """
    SELECT count(*) FROM (SELECT FROM service_request
                           WHERE dealer_id = :dealer_id AND state = 'waiting' LIMIT :most) met
    """
)
_RESOLVED = text(
    """
    SELECT count(*) FROM (SELECT FROM service_request
                           WHERE dealer_id = :dealer_id AND state = 'resolved' LIMIT :most) met
    """
)
_UNASSIGNED = text(
    """
    SELECT count(*) FROM (SELECT FROM service_request
                           WHERE state IN ('new', 'assigned', 'in_progress', 'waiting')
                             AND assignee_id IS NULL LIMIT :most) met
    """
)
_OVERDUE = text(
    """
    SELECT count(*) FROM (SELECT FROM service_request
                           WHERE state IN ('new', 'assigned', 'in_progress', 'waiting')
                             AND paused_at IS NULL AND due_at <= :at LIMIT :most) met
    """
)
_MINE = text(
    """
    SELECT count(*) FROM (SELECT FROM service_request
                           WHERE state IN ('new', 'assigned', 'in_progress')
                             AND assignee_id = :user_id LIMIT :most) met
    """
)
