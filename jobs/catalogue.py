"""Put approved changes of products in force."""

from __future__ import annotations

from jobs import resources
from portal.catalogue.put_in_force import put_in_force
from portal.kernel import clock
from portal.kernel.db import transaction
from portal.kernel.outbox import Effect


def enter(effect: Effect) -> None:
    """Write the product that a change describes, with the keys it is found by."""
    at = clock.now()
    today = clock.business_date(at, resources.settings().timezone)
    with transaction(resources.database().system_session()) as session:
        put_in_force(session, number=effect.payload["change"], at=at, today=today)
