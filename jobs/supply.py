"""What orders wait for is asked of the ERP."""

from __future__ import annotations

import structlog

from jobs import resources
from portal.kernel import clock
from portal.kernel.db import transaction
from portal.kernel.outbox import Effect
from portal.replenishment.request_supply import request_supply

_log = structlog.get_logger("jobs.supply")


def request() -> None:
    """Ask for what waits and is not asked for yet."""
    done = False
    while not done:
        at, settings = clock.now(), resources.settings()
        today = clock.business_date(at, settings.timezone)
        with transaction(resources.database().system_session()) as session:
            requested = request_supply(
                session, today=today, at=at, margin_days=settings.saleable_days_before_expiry
            )
        _log.info("supply_requested", requests=len(requested.numbers))
        done = requested.is_all or not requested.numbers


def tell(effect: Effect) -> None:
    """Say in the log what was asked for; the ERP reads it with ``GET /hq/supply-requests``."""
    _log.info("supply_asked", **effect.payload)
