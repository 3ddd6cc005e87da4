"""Rebates are reckoned when a dealer's journal has grown, a programme has changed, or a day has begun.

A programme is simulated when somebody asks for it.
"""

from __future__ import annotations

from collections.abc import Sequence

import structlog

from jobs import resources
from portal.budgets.programme_pot import ensure_programme_pot
from portal.kernel import clock
from portal.kernel.db import transaction
from portal.kernel.errors import Unavailable
from portal.kernel.outbox import Effect
from portal.rebates.reckon import begin_reckonings, published_programmes, reckon_dealers, stale_dealers
from portal.rebates.simulate import fail, simulate_some, take_up

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
    """A programme begins or ends: do not wait for the schedule; the dealers that it names go first.

    Of one that begins the budget's pot is made, so that everybody sees it before something is drawn on it.
    """
    if "programme" in effect.payload:
        with transaction(resources.database().system_session()) as session:
            ensure_programme_pot(session, programme=effect.payload["programme"])
    reckon(effect.payload["dealers"])


def simulate(effect: Effect) -> None:
    """Carry out the simulation that was asked for; one that came to its end is left alone."""
    key, zone = effect.payload["simulation"], resources.settings().timezone
    with transaction(resources.database().system_session()) as session:
        if not take_up(session, simulation_id=key):
            return
    try:
        more = True
        while more:
            with transaction(resources.database().system_session()) as session:
                more = simulate_some(session, simulation_id=key, zone=zone, at=clock.now())
    except Unavailable:
        raise  # the database is away: the effect is carried out again, and goes on
    except Exception as error:
        _log.error("rebate_simulation_failed", simulation=key, exc_info=error)
        with transaction(resources.database().system_session()) as session:
            fail(session, simulation_id=key, error=f"{type(error).__name__}: {error}", at=clock.now())
