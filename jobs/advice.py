"""Every night each warehouse is advised what to have of each product."""

from __future__ import annotations

import structlog

from jobs import resources
from portal.kernel import clock
from portal.kernel.db import transaction
from portal.replenishment.advice_rules import default_terms
from portal.replenishment.advise import START, advise, is_due, trends

_log = structlog.get_logger("jobs.advice")


def advise_warehouses() -> None:
    """Advise on what has no advice of today's yet; a run that was ended goes on where it stood."""
    at, settings = clock.now(), resources.settings()
    today = clock.business_date(at, settings.timezone)
    with transaction(resources.database().system_session()) as session:
        if not is_due(session, today=today):
            return
        whither = trends(session, today=today)
    written, last = 0, START
    while last is not None:
        with transaction(resources.database().system_session()) as session:
            advised = advise(
                session,
                defaults=default_terms(settings.replenishment_days),
                trends=whither,
                after=last,
                today=today,
                at=at,
                margin_days=settings.saleable_days_before_expiry,
            )
        written, last = written + advised.levels, advised.last
    _log.info("warehouses_advised", levels=written)
