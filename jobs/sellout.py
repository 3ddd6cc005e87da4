"""Decide again what dealers reported and what waits for goods."""

from __future__ import annotations

from jobs import resources
from portal.kernel import clock
from portal.kernel.db import transaction
from portal.sellout.decide_waiting import dealers_that_wait, decide_waiting


def decide() -> None:
    """Each dealer in a transaction of its own; a run that finds nothing new changes nothing."""
    at, zone = clock.now(), resources.settings().timezone
    today = clock.business_date(at, zone)
    with transaction(resources.database().system_session()) as session:
        dealers = dealers_that_wait(session)
    for dealer_id in dealers:
        actor = resources.acting_for(dealer_id)
        with transaction(resources.database().dealer_session(actor)) as session:
            decide_waiting(session, actor=actor, dealer_id=dealer_id, today=today, zone=zone, at=at)
