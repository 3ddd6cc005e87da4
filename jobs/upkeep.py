"""What has to be done regularly whether anybody asks or not."""

from __future__ import annotations

from datetime import timedelta

import structlog
from sqlalchemy import text

from jobs import resources
from portal.identity.sweep import sweep as sweep_sign_ins
from portal.kernel import clock
from portal.kernel.db import rows_changed, transaction
from portal.shipping.retire_expired_lots import retire_expired_lots

KEYS_KEPT = timedelta(days=7)  # a call is repeated within hours, not weeks
EFFECTS_KEPT = timedelta(days=30)

_log = structlog.get_logger("jobs.upkeep")

_KEYS = text("DELETE FROM idempotency_key WHERE created_at < :before")
_EFFECTS = text("DELETE FROM outbox WHERE dispatched_at < :before")


def retire_expired() -> None:
    """Take lots out of sale that expired with the business day."""
    at = clock.now()
    settings = resources.settings()
    today = clock.business_date(at, settings.timezone)
    with transaction(resources.database().system_session()) as session:
        retired = retire_expired_lots(
            session, today=today, at=at, margin_days=settings.saleable_days_before_expiry
        )
    _log.info("lots_retired", lots=retired.lots, units=retired.units, orders_held=len(retired.orders_held))


def forget() -> None:
    """Delete answers to old keys, effects long carried out, and what ran out of the sign-in."""
    at = clock.now()
    with transaction(resources.database().system_session()) as session:
        keys = rows_changed(session, _KEYS, {"before": at - KEYS_KEPT})
        effects = rows_changed(session, _EFFECTS, {"before": at - EFFECTS_KEPT})
        sign_ins = sweep_sign_ins(session)
    _log.info("forgotten", keys=keys, effects=effects, sign_ins=sign_ins)
