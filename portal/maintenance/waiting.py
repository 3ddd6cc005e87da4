"""Maintenance that waits for whoever does it: overdue, and due this month."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime

from sqlalchemy.orm import Session

from portal.devices.vocabulary import WORKERS
from portal.kernel.actor import Actor
from portal.kernel.errors import N_
from portal.kernel.manifest import Waiting
from portal.maintenance.queries import count_maintenances
from portal.maintenance.rules import When

_ASKED = (
    (N_("Maintenance overdue"), When.OVERDUE),
    (N_("Maintenance due this month"), When.THIS_MONTH),
)


def work(session: Session, actor: Actor, _at: datetime, today: date) -> Iterator[Waiting]:
    """What a dealer's people, or who works on devices for headquarters, have to maintain."""
    if not any(map(actor.may, WORKERS)):
        return
    page = "maintenance_desk.index" if actor.is_staff else "maintenance.index"
    for label, when in (
        (N_("Maintenance overdue"), When.OVERDUE),
        (N_("Maintenance due this month"), When.THIS_MONTH),
    ):
        count = count_maintenances(session, dealer_id=actor.dealer_id, when=when, today=today)
        yield Waiting(label, count, page, {"when": str(when)}, is_urgent=when is When.OVERDUE)
