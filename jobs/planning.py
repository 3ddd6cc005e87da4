"""Every night each warehouse is advised what to have of each product."""

from __future__ import annotations

import structlog

from jobs import resources
from portal.kernel import clock
from portal.kernel.db import transaction
from portal.planning import advise as planning
from portal.planning.advice_rules import default_terms
from portal.stock.rules import LevelKey

_log = structlog.get_logger("jobs.planning")


def advise() -> None:
    """Advise on what has no advice of today's yet; a run that was ended goes on where it stood."""
    at, settings = clock.now(), resources.settings()
    today = clock.business_date(at, settings.timezone)
    with transaction(resources.database().system_session()) as session:
        if not planning.is_due(session, today=today):
            return
        whither = planning.trends(session, today=today)
    written = 0
    last: LevelKey | None = planning.START
    while last is not None:
        with transaction(resources.database().system_session()) as session:
            advised = planning.advise(
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
