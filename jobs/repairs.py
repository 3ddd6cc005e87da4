"""Let quotes run out, hold parts that have come, let go what ended requests held."""

from __future__ import annotations

from datetime import date
from typing import Any

import structlog

from jobs import resources
from portal.kernel import clock
from portal.kernel.actor import SYSTEM
from portal.kernel.db import transaction
from portal.kernel.errors import DomainError
from portal.repairs.tend import Waiting, tend_repair, waiting_repairs

_log = structlog.get_logger("jobs.repairs")


def tend() -> None:
    """Look after every repair that needs it, each in a transaction of its own.

    What is refused for one, or fails for it, holds up no other. A failure is raised in the end, so that
    somebody hears of it; the next run tries again.
    """
    settings, at = resources.settings(), clock.now()
    today = clock.business_date(at, settings.timezone)
    terms: dict[str, Any] = {"today": today, "margin_days": settings.saleable_days_before_expiry}
    after, failed = 0, None
    while waiting := _waiting(after, **terms):
        for one in waiting:
            try:
                with transaction(resources.database().system_session()) as session:
                    tend_repair(session, actor=SYSTEM, number=one.number, at=at, **terms)
            except DomainError as refusal:
                _log.warning("repair_not_tended", request=one.number, reason=refusal.code)
            except Exception as failure:
                _log.exception("repair_not_tended", request=one.number)
                failed = failure
        after = waiting[-1].id
    if failed is not None:
        raise failed


def _waiting(after: int, *, today: date, margin_days: int) -> list[Waiting]:
    with transaction(resources.database().system_session()) as session:
        return waiting_repairs(session, today=today, margin_days=margin_days, after=after)
