"""Maintenance that waits for whoever does it: overdue, and due this month."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime

from sqlalchemy.orm import Session

from portal.devices.vocabulary import WORKERS
from portal.kernel.actor import Actor
from portal.kernel.errors import N_
from portal.kernel.manifest import Waiting
from portal.maintenance.queries import count_waiting
from portal.maintenance.rules import When


def work(session: Session, actor: Actor, _at: datetime, today: date) -> Iterator[Waiting]:
    """What a dealer's people, or who works on devices for headquarters, have to maintain."""
    if not any(map(actor.may, WORKERS)):
        return
    page = "maintenance_desk.index" if actor.is_staff else "maintenance.index"
    overdue, this_month = count_waiting(session, today=today)
    yield Waiting(N_("Maintenance overdue"), overdue, page, {"when": str(When.OVERDUE)}, is_urgent=True)
    yield Waiting(N_("Maintenance due this month"), this_month, page, {"when": str(When.THIS_MONTH)})
