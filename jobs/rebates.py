"""Rebates are reckoned when a dealer's journal has grown, a programme has changed, or a day has begun."""

from __future__ import annotations

from collections.abc import Sequence

import structlog

from jobs import resources
from portal.kernel import clock
from portal.kernel.db import transaction
from portal.kernel.outbox import Effect
from portal.rebates.reckon import begin_reckonings, published_programmes, reckon_dealers, stale_dealers

DEALERS_AT_ONCE = 10  # another worker waits ten seconds at most for those that this one has locked

_log = structlog.get_logger("jobs.rebates")


def reckon(first: Sequence[str] = ()) -> None:
    """Reckon whoever is stale, some dealers a transaction: killed in between, the next run goes on there.

    first: codes of dealers who go before the others.
    """
    at = clock.now()
    today = clock.business_date(at, resources.settings().timezone)
    dealers = written = 0
    with transaction(resources.database().system_session()) as session:
        begin_reckonings(session)
    while True:
        with transaction(resources.database().system_session()) as session:
            published = published_programmes(session, today=today)
            stale = stale_dealers(session, published, today=today, limit=DEALERS_AT_ONCE, first=first)
            if not stale:
                break
            written += reckon_dealers(session, published, stale, today=today, at=at)
            dealers += len(stale)
    if dealers:
        _log.info("rebates_reckoned", dealers=dealers, accruals=written)


def published(effect: Effect) -> None:
    """A programme begins or ends: do not wait for the schedule; the dealers that it names go first."""
    reckon(effect.payload["dealers"])
