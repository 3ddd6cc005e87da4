"""Compare a dealer's own ledger with ours: seconds of reading, and once more if a worker was killed."""

from __future__ import annotations

import structlog
from rq.timeouts import BaseTimeoutException

from jobs import resources
from portal.kernel import clock
from portal.kernel.db import transaction
from portal.kernel.errors import N_, Fault, Unavailable
from portal.kernel.outbox import Effect
from portal.own_ledgers import compare as comparing

_log = structlog.get_logger("jobs.own_ledgers")


def compare(effect: Effect) -> None:
    """Compare the ledger that was asked for; one that came to its end is left alone."""
    if effect.dealer_id is None:
        return
    actor, number = resources.acting_for(effect.dealer_id), str(effect.payload["number"])
    try:
        with transaction(resources.database().dealer_session(actor)) as session:
            comparing.compare(session, actor=actor, number=number, at=clock.now())
    except (Unavailable, BaseTimeoutException):
        raise  # the database is away, or the worker's time is up: the effect is carried out again
    except Exception as error:
        _log.error("own_ledger_failed", ledger=number, exc_info=error)
        message, fix = N_("Something went wrong on our side."), N_("Tell us the number of the ledger.")
        with transaction(resources.database().dealer_session(actor)) as session:
            faults = [Fault("/file", "unexpected", message, fix)]
            comparing.fail(session, actor=actor, number=number, faults=faults, at=clock.now())
