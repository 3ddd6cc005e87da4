"""Rehearse a price policy over past orders: minutes of reading, told of as it goes."""

from __future__ import annotations

import structlog

from jobs import resources
from portal.kernel import clock
from portal.kernel.db import transaction
from portal.kernel.errors import Unavailable
from portal.kernel.outbox import Effect
from portal.rehearsals import progress
from portal.rehearsals.perform import perform

_log = structlog.get_logger("jobs.rehearsals")


def rehearse(effect: Effect) -> None:
    """Carry out the rehearsal that was asked for; one that came to its end is left alone."""
    rehearsal_id = effect.payload["rehearsal"]

    def told(done: int, total: int) -> None:
        with transaction(resources.database().system_session()) as session:
            progress.tell(session, rehearsal_id=rehearsal_id, done=done, total=total)

    with transaction(resources.database().system_session()) as session:
        asked = progress.take_up(session, rehearsal_id=rehearsal_id, zone=resources.settings().timezone)
    if asked is None:
        return
    try:
        with transaction(resources.database().system_session()) as session:
            result = perform(session, asked=asked, progress=told)
    except Unavailable:
        raise  # the database is away: the effect is carried out again
    except Exception as error:
        _log.error("rehearsal_failed", rehearsal=rehearsal_id, exc_info=error)
        with transaction(resources.database().system_session()) as session:
            message = f"{type(error).__name__}: {error}"
            progress.fail(session, rehearsal_id=rehearsal_id, error=message, at=clock.now())
        return
    with transaction(resources.database().system_session()) as session:
        progress.finish(session, rehearsal_id=rehearsal_id, result=result, at=clock.now())
