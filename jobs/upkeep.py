"""What has to be done regularly whether anybody asks or not."""

from __future__ import annotations

from datetime import timedelta

import structlog

from jobs import resources
from portal.identity.sweep import sweep as sweep_sign_ins
from portal.kernel import clock, idempotency, outbox
from portal.kernel.db import transaction
from portal.orders.fill_backorders import fill_backorders
from portal.shipping.retire_expired_lots import retire_expired_lots

KEYS_KEPT = timedelta(days=7)  # a call is repeated within hours, not weeks
EFFECTS_KEPT = timedelta(days=30)

_log = structlog.get_logger("jobs.upkeep")


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


def fill_waiting_orders() -> None:
    """Reserve goods that have arrived for the orders that wait for them."""
    settings = resources.settings()
    done = False
    while not done:
        at = clock.now()
        with transaction(resources.database().system_session()) as session:
            filled = fill_backorders(
                session,
                today=clock.business_date(at, settings.timezone),
                at=at,
                margin_days=settings.saleable_days_before_expiry,
            )
        _log.info("orders_filled", orders=len(filled.units), units=sum(filled.units.values()))
        done = filled.is_all or not filled.units


def forget() -> None:
    """Delete answers to old keys, effects long carried out, and what ran out of the sign-in."""
    at = clock.now()
    with transaction(resources.database().system_session()) as session:
        keys = idempotency.forget(session, before=at - KEYS_KEPT)
        effects = outbox.forget(session, before=at - EFFECTS_KEPT)
        sign_ins = sweep_sign_ins(session)
    _log.info("forgotten", keys=keys, effects=effects, sign_ins=sign_ins)
