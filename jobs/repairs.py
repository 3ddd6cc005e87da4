"""Let quotes run out, hold parts that have come, let go what ended requests held."""

from __future__ import annotations

from jobs import resources
from portal.kernel import clock
from portal.kernel.actor import SYSTEM
from portal.kernel.db import transaction
from portal.repairs.tend import tend_repair, waiting_numbers


def tend() -> None:
    """Look after every repair that needs it, each in a transaction of its own."""
    settings, at = resources.settings(), clock.now()
    today = clock.business_date(at, settings.timezone)
    database = resources.database()
    with transaction(database.system_session()) as session:
        numbers = waiting_numbers(session, today=today)
    for number in numbers:
        with transaction(database.system_session()) as session:
            tend_repair(
                session,
                actor=SYSTEM,
                number=number,
                today=today,
                margin_days=settings.saleable_days_before_expiry,
                at=at,
            )
