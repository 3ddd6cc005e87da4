"""Carry out what business acts left in the outbox.

Each row is claimed, handled and marked in one transaction, so a killed worker leaves it waiting. A handler
may therefore run twice and must not mind; what fails is tried again, later each time.
"""

from __future__ import annotations

import time
from datetime import datetime, timedelta

import structlog
from sqlalchemy.orm import Session

from jobs import resources
from jobs.loading import function
from jobs.queue import OutboxSignal, clear_signal
from portal.kernel import clock, outbox
from portal.kernel.db import transaction
from portal.kernel.errors import Unavailable
from portal.kernel.outbox import Effect, Postponed
from portal.kernel.registry import registry

ATTEMPTS_MAX = 12  # the last one 6 hours after the first; an operator finds the row with its error
BACKOFF_MAX = timedelta(hours=1)
ERROR_MAX = 500  # characters
ROWS_MAX = 500  # handled by one job before it makes room for others

_GATHER_SECONDS = 0.3  # so that a rush of orders costs three jobs a second, not one each

_log = structlog.get_logger("jobs.outbox")


def drain() -> None:
    """After a signal: gather what follows close behind, then carry everything out."""
    time.sleep(_GATHER_SECONDS)
    clear_signal(resources.valkey())
    sweep()


def sweep() -> None:
    """Carry out what waits. Nudges again when there is more than one job should do."""
    if not resources.settings().mail_url:
        _settle_letters(clock.now())
    for _ in range(ROWS_MAX):
        if not _carry_out_next():
            return
    OutboxSignal(resources.valkey())()


def _settle_letters(at: datetime) -> None:
    """Without mail a letter is done when it is seen: all of them in one statement."""
    with transaction(resources.database().system_session()) as session:
        letters = [name for name, topic in registry().topics.items() if topic.is_letter]
        outbox.settle(session, topics=letters, at=at)


def _carry_out_next() -> bool:
    """Handle one row; False when none is due."""
    with transaction(resources.database().system_session()) as session:
        at = clock.now()
        effect = outbox.claim_next(session, at=at, attempts_max=ATTEMPTS_MAX)
        if effect is None:
            return False
        try:
            function(registry().topics[effect.topic].handler)(effect)
        except Postponed as early:
            outbox.set_postponed(session, effect, until=early.until)
        except Unavailable:
            raise  # the database is away: this is not the row's fault
        except Exception as error:
            _note_failure(session, effect, error, at)
        else:
            outbox.set_done(session, effect, at=clock.now())
    return True


def _note_failure(session: Session, effect: Effect, error: Exception, at: datetime) -> None:
    _log.warning(
        "effect_failed", topic=effect.topic, effect=effect.id, attempt=effect.attempts + 1, exc_info=error
    )
    wait = min(timedelta(seconds=5 * 2**effect.attempts), BACKOFF_MAX)
    message = f"{type(error).__name__}: {error}"[:ERROR_MAX]
    outbox.set_failed(session, effect, error=message, not_before=at + wait)
