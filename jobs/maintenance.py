"""Make what is due next of every device, and tell what was missed; twice makes nothing twice."""

from __future__ import annotations

from datetime import timedelta

from jobs import resources
from portal.kernel import clock
from portal.kernel.db import transaction
from portal.maintenance import make_due as due

GRACE = timedelta(days=14)
"""So long after its day a maintenance is late, and after that it is missed."""


def make_due() -> None:
    """Go through all devices, some thousands a transaction."""
    at = clock.now()
    today = clock.business_date(at, resources.settings().timezone)
    with transaction(resources.database().system_session()) as session:
        due.drop_gone(session)
        due.bring_forward(session, today=today)
        due.tell_missed(session, before=today - GRACE, at=at)
    place: due.Place | None = due.FIRST
    while place is not None:
        with transaction(resources.database().system_session()) as session:
            place = due.make_due(session, today=today, after=place)
